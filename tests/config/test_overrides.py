import pytest

from trainer.config import find_recipe, with_overrides
from trainer.errors import ConfigError

_BASE = find_recipe("quickstart-digits").config


def test_with_settings_changes_plain_fields_at_every_depth() -> None:
    changed = with_overrides(
        _BASE,
        ["optimizer.learning_rate=1e-2", "layers.2.units=64", "epochs=3", "layers.2.kernel_initializer=he_normal"],
    )
    assert changed.optimizer.learning_rate == 0.01
    assert changed.layers[1].arguments()["units"] == 64
    assert changed.layers[1].arguments()["kernel_initializer"].kind == "HeNormal"
    assert changed.epochs == 3
    assert _BASE.epochs == 5


def test_with_settings_takes_whole_parts() -> None:
    changed = with_overrides(
        _BASE, ["loss={name: Huber, delta: 2}", "layers.3={layer: Dropout, rate: 0.5}", "metrics=[]"]
    )
    assert changed.loss.kind == "Huber"
    assert changed.layers[2].arguments()["rate"] == 0.5
    assert changed.metrics == ()


def test_with_settings_keeps_shared_fields_when_a_name_changes() -> None:
    changed = with_overrides(_BASE, ["optimizer.learning_rate=0.5", "optimizer.beta_1=0.8", "optimizer.name=sgd"])
    assert (changed.optimizer.kind, changed.optimizer.learning_rate) == ("SGD", 0.5)


def test_with_settings_does_each_in_order() -> None:
    changed = with_overrides(_BASE, ["optimizer.name=SGD", "optimizer.momentum=0.9"])
    assert changed.optimizer.arguments()["momentum"] == 0.9


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("epochs", "The setting 'epochs' has no value; expected path=value"),
        ("optimizer.learnin_rate=1", "did you mean optimizer.learning_rate"),
        ("learning_rate=1", "did you mean optimizer.learning_rate"),
        ("optimizer.lr=1", "did you mean optimizer.learning_rate"),
        ("lr=1", "did you mean optimizer.learning_rate"),
        ("nb_epoch=1", "did you mean epochs"),
        ("layers.2.output_dim=1", "did you mean layers.2.units"),
        ("layers.2.unit=1", "did you mean layers.2.units"),
        ("layers.2.input_dim=1", "omit it: the input shape comes from the dataset"),
        ("optimizer.decay=1", "set learning_rate to a schedule, such as InverseTimeDecay"),
        (
            "layers.9.units=2",
            "Layer 9 does not exist; layers are numbered from 1: 1 Flatten, 2 Dense, 3 Dropout, 4 Dense.",
        ),
        ("layers.0.units=2", "Layer 0 does not exist; layers are numbered from 1: 1 Flatten, 2 Dense"),
        ("layers.-1=Dense", "Layer -1 does not exist; layers are numbered from 1"),
        (
            "layers.1.units=2",
            r"Layer 1 \(Flatten\) has no field `units` \(layers are numbered from 1: 1 Flatten, 2 Dense, 3 Dropout, "
            r"4 Dense\); did you mean layers\.2\.units or layers\.4\.units\?",
        ),
        ("layers.3.foo=2", r"Layer 3 \(Dropout\) has no field `foo` .+; its fields are layer, rate"),
        ("callbacks.1.patience=2", "Callback 1 does not exist; the config has no callbacks."),
        ("metrics.2.name=x", "Metric 2 does not exist; metrics are numbered from 1: 1 accuracy."),
        ("layers.2.units=many", "layers.2.units: expected an integer, got 'many'"),
        ("optimizer.name=Adan", "unknown optimizer 'Adan'; did you mean 'Adam'"),
        ("layers.2.units=[1", "not valid YAML"),
        ("epochs=!!python/name:os.system", "has a YAML tag"),
    ],
)
def test_with_settings_says_what_is_wrong(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        with_overrides(_BASE, [setting])

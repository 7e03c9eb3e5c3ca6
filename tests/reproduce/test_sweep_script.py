"""A sweep as a plain program: the same space, the same proposals, the same networks."""

import contextlib
import io
import json
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.support.sweeps import NETWORK, SEARCH, course, sweep_of, swept
from trainer.config.search import Dimension, SweepFile, load_sweep
from trainer.config.search.domains import Choices
from trainer.errors import ConfigError
from trainer.home import Home
from trainer.reproduce.expressions import expression
from trainer.reproduce.facts import data_facts
from trainer.reproduce.script import Origin
from trainer.reproduce.sweep_script import write_sweep_script
from trainer.reproduce.sweep_search import points_of, study_lines, suggest_lines
from trainer.reproduce.varied import Varied, chosen, variable
from trainer.sweeps import TrialState

SEARCHES = (
    SEARCH,
    "search: {layers.3: {present: [true, false], repeat: {low: 1, high: 3}},"
    " layers.3.rate: {low: 0, high: 0.4, step: 0.1}}",
    "search: {optimizer.name: [adam, SGD, RMSprop], optimizer.learning_rate: [0.1, 1e-5],"
    " optimizer.beta_1: [0.5, 0.9]}",
    "search: {layers.2.activation: [relu, null, tanh], layers.2.use_bias: [true, false],"
    " layers.2.freeze: [false, true]}",
    "search: {layers.2.kernel_initializer: [he_normal, {name: RandomNormal, stddev: 0.1}],"
    " layers.2.kernel_regularizer: [null, {name: L2, l2: 0.1}]}",
    "search: {layers.2: [{layer: Dense, units: 8}, {layer: Dropout, rate: 0.1}, {layer: GaussianNoise, stddev: 1}],"
    " layers.2.units: [4, 5], layers.2.rate: {low: 0.1, high: 0.2}, epochs: [2, 3], batch_size: {low: 8, high: 64}}",
    "search: {optimizer: [{name: SGD, learning_rate: {name: CosineDecay, initial_learning_rate: 0.1,"
    " decay_steps: 9}}, {name: adam, learning_rate: {name: ExponentialDecay, initial_learning_rate: 0.1,"
    " decay_steps: 9, decay_rate: 0.5}}], optimizer.learning_rate.initial_learning_rate: {low: 0.1, high: 0.5},"
    " optimizer.learning_rate.decay_rate: {low: 0.1, high: 0.5}, loss.from_logits: [true, false]}",
    "search: {callbacks.1.patience: {low: 1, high: 4}, callbacks.1: {present: [true, false]}, seed: [1, 2]}",
)
STOPPED = "callbacks: [{callback: EarlyStopping, restore_best_weights: true}]\n"


def _sweep(search: str) -> SweepFile:
    return load_sweep(f"{NETWORK}{STOPPED}{search}\n", is_stored=True)


class _Named:
    """Records calls such as `keras.layers.Dense(16)` as nested tuples."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> "_Named":
        return _Named(f"{self._name}.{name}")

    def __call__(self, *given: Any, **named: Any) -> tuple[Any, ...]:
        # What is Keras's default is left out where a value is known, and written where it varies.
        return (self._name, given, tuple(sorted(named.items())))


class _Picked:
    """A trial of Optuna that suggests given values."""

    def __init__(self, sweep: SweepFile, values: Mapping[str, Any]) -> None:
        self._sweep, self._values = sweep, values
        self.asked: list[str] = []

    def _pick(self, name: str, *_: Any, **__: Any) -> Any:
        self.asked.append(name)
        domain, value = self._sweep.space.dimension(name).domain, self._values[name]
        if isinstance(domain, Choices):
            return chosen(domain, value)
        return domain.index(value) if domain.step is not None else value

    suggest_int = suggest_float = suggest_categorical = _pick


def _defaults_left_out(call: Any, other: Any) -> Any:
    """Return a call without the arguments that the other one leaves out."""
    if isinstance(call, tuple) and isinstance(other, tuple) and len(call) == len(other) == 3 and call[0] == other[0]:
        known = dict(other[2])
        named = tuple((name, _defaults_left_out(value, known[name])) for name, value in call[2] if name in known)
        return (call[0], call[1], named)
    return call


@pytest.mark.parametrize("search", SEARCHES)
def test_program_has_the_networks_of_the_space(search: str) -> None:
    sweep, chance = _sweep(search), random.Random(0)
    varied, suggested = Varied(sweep.space), "\n".join(suggest_lines(sweep.space))
    written = {
        "layers": f"[{', '.join(varied.items('layers', indent=0))}]",
        "callbacks": f"[{', '.join(varied.items('callbacks', indent=0))}]",
        "optimizer": varied.part("optimizer"),
        "loss": varied.part("loss"),
        **{name: varied.number(name) for name in ("epochs", "batch_size", "seed")},
    }
    for _ in range(30):
        values = sweep.space.values(lambda each: each.domain.at(chance.random()))
        config, trial = sweep.space.config_of(values), _Picked(sweep, values)
        names: dict[str, Any] = {"trial": trial, "keras": _Named("keras")}
        exec(f"from decimal import Decimal\n{suggested}", names)
        assert trial.asked == list(values), "the same values, in the same order"
        for part, text in written.items():
            found = eval(text, names)
            own = getattr(config, part)
            if isinstance(own, tuple):
                expected = [eval(expression(each), names) for each in own]
                found = [_defaults_left_out(*both) for both in zip(found, expected, strict=True)]
            else:
                expected = own if isinstance(own, int) else eval(expression(own), names)
                found = _defaults_left_out(found, expected)
            assert found == expected, (part, values)


def _searched(sweep: SweepFile) -> list[dict[str, Any]]:
    """Run the search of the program with an objective that needs no training; return its trials' values."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    dimensions: tuple[Dimension, ...] = sweep.space.dimensions
    names: dict[str, Any] = {"SEARCH_SEED": sweep.settings.seed, "TRIALS": sweep.settings.trials, "found": []}
    suggested = "".join(f"    {line}\n" for line in suggest_lines(sweep.space))
    told = "".join(f"    values[{each.name!r}] = {variable(each)}\n" for each in dimensions)
    exec(f"import hashlib, optuna\ndef suggest(trial):\n    values = {{}}\n{suggested}{told}    return values\n", names)

    def train(trial: Any) -> list[float]:
        values = {name: value for name, value in names["suggest"](trial).items() if value is not None}
        names["found"].append(values)
        curve = course(values)
        if sweep.settings.pruner != "none":
            for epoch, value in curve.items():
                trial.report(value, epoch)
                if trial.should_prune():
                    raise optuna.TrialPruned
        return [curve[9]]

    names["train"] = train
    with contextlib.redirect_stdout(io.StringIO()):
        exec("\n".join(study_lines(sweep, points_of(sweep))), names)
    states = [each.state.name for each in names["study"].trials]
    return [{"state": state, **values} for state, values in zip(states, names["found"], strict=True)]


@pytest.mark.parametrize("pruner", ["none", "median", "hyperband"])
@pytest.mark.parametrize("sampler", ["tpe", "cmaes", "random", "sobol"])
def test_program_proposes_and_prunes_as_the_sweep_does(sampler: str, pruner: str) -> None:
    sweep = sweep_of(sampler=sampler, pruner=pruner, trials=16)
    for each, own in zip(_searched(sweep), swept(sweep, 16), strict=True):
        assert each.pop("state") == ("PRUNED" if own.state is TrialState.PRUNED else "COMPLETE")
        for name, value in own.values.items():
            domain = sweep.space.dimension(name).domain
            assert each.pop(name) == (chosen(domain, value) if isinstance(domain, Choices) else value), name
        assert not each, "no other value is suggested"


def test_program_of_a_grid_has_its_points() -> None:
    sweep = sweep_of("search: {layers.2.units: [8, 16], layers.3: {present: [true, false]}}", trials=4)
    found, own = _searched(sweep), swept(sweep, 4)
    assert [each["layers.2.units"] for each in found] == [each.values["layers.2.units"] for each in own]
    with pytest.raises(ConfigError, match="at most 10,000 trials"):
        points_of(sweep_of(sampler="sobol", trials=10_001))


def _script(text: str, home: Path, **settings: Any) -> str:
    sweep = load_sweep(text, is_stored=True).with_settings(settings)
    return write_sweep_script(sweep, data_facts(sweep.config, Home(home).make()), Origin())


def test_program_is_python_and_knows_nothing_of_fitboard(tmp_path: Path) -> None:
    for search in SEARCHES:
        text = _script(f"{NETWORK}{STOPPED}{search}\n", tmp_path, time="10m", confirm="2x3", pruner="median")
        compile(text, search, "exec")
        assert "trainer" not in text
        # The points of a grid are one a line.
        lines = [line for line in text.splitlines() if not line.startswith("    {")]
        assert max(map(len, lines)) <= 130, max(lines, key=len)
    assert "restored[-1].best_epoch if restored else -1" in text
    assert "range(1, 4):" in text
    assert "model.evaluate(x_test" in text
    plain = _script(NETWORK + SEARCH, tmp_path, confirm="no")
    assert "evaluate" not in plain, "the test part chooses nothing"
    assert "best_epoch" not in plain
    assert "time." not in plain
    several = _script(NETWORK + SEARCH, tmp_path, objective=["val_loss", "val_accuracy"], jobs=3)
    assert 'directions=["minimize", "maximize"]' in several
    assert 'return history["val_loss"][-1], history["val_accuracy"][-1]' in several
    assert "one trial after the other, so not as with 3 trials at once" in several
    blocks = NETWORK.replace("{layer: Dropout, rate: 0.2}", "{layer: Residual, layers: [{layer: Dense, units: 16}]}")
    inner = _script(f"{blocks}search: {{layers.3.layers.1.units: [16, 32]}}\n", tmp_path)
    assert "keras.layers.Dense(layers_3_layers_1_units)" in inner
    compile(inner, "blocks", "exec")


@pytest.mark.parametrize(
    "search",
    [
        "dataset.validation_fraction: [0.1, 0.2]",
        "layers: [[Flatten, {layer: Dense, units: 10}], [Flatten, Softmax]]",
        "layers.2: [{layer: Dense, units: 8}, {layer: Residual, layers: [{layer: Dense, units: 16}]}]",
        "metrics: [[accuracy], [accuracy, {name: TopKCategoricalAccuracy}]]",
        "loss: [{name: SparseCategoricalCrossentropy, from_logits: true}, {name: CategoricalCrossentropy}]",
    ],
)
def test_what_a_program_cannot_express_is_refused(search: str, tmp_path: Path) -> None:
    name = search.split(":")[0]
    with pytest.raises(ConfigError, match=f"`{name}`.*a script cannot") as caught:
        _script(f"{NETWORK}search: {{{search}}}\nsweep: {{objective: val_accuracy}}\n", tmp_path)
    assert "export one of the sweep's trials with --to script" in str(caught.value)


def test_texts_that_somebody_typed_stay_texts(tmp_path: Path) -> None:
    odd = json.dumps("a\"'\\); import os")
    callback = f"callbacks: [{{callback: EarlyStopping, monitor: {odd}}}]\n"
    text = _script(f"{NETWORK}{callback}search: {{callbacks.1.monitor: [{odd}, val_loss]}}\n", tmp_path)
    compile(text, "odd", "exec")
    assert "\nimport os\n" in text
    assert text.count("import os") == 1 + text.count("; import os")

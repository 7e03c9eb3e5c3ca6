"""Choices are offered with a description, the common ones first."""

from dashboard.draft import COMMON_ACTIVATIONS, common_first, described, described_kind, place_name
from trainer.config import LAYERS, LOSSES, REGISTRIES, FieldKind, describe
from trainer.config.values import ACTIVATIONS


def test_every_activation_is_offered_once_the_common_ones_first() -> None:
    (spec,) = (each for each in describe(LAYERS.members["Dense"]) if each.name == "activation")
    offered = common_first("activation", spec.choices)
    assert sorted(offered) == sorted(ACTIVATIONS)
    assert tuple(offered[: len(COMMON_ACTIVATIONS)]) == COMMON_ACTIVATIONS


def test_every_choice_of_every_field_has_a_description() -> None:
    for registry in REGISTRIES.values():
        for cls in registry.members.values():
            for spec in describe(cls):
                if spec.kind is FieldKind.CHOICE:
                    for choice in spec.choices:
                        assert " · " in described(spec.name, choice), (cls, spec.name, choice)


def test_every_kind_has_a_description_and_those_of_layers_are_short() -> None:
    for registry in REGISTRIES.values():
        assert all(" · " in described_kind(registry, kind) for kind in registry.members)
    assert described_kind(LAYERS, "Dense") == "Dense · fully connected"
    for kind in LAYERS.members:
        assert len(described_kind(LAYERS, kind)) < max(50, len(kind) + 9), kind
    assert described_kind(LOSSES, "none") == "none"


def test_place_is_named_as_a_person_sees_it() -> None:
    fields = {"layers": [{"layer": "Flatten"}, {"layer": "Dense"}], "metrics": [{"name": "AUC"}]}
    assert place_name("layers.2.units", fields) == "Layer 2 (Dense), units"
    assert place_name("layers.2", fields) == "Layer 2 (Dense)"
    assert place_name("metrics.1.curve", fields) == "Metric 1 (AUC), curve"
    assert place_name("layers.9", fields) == "Layer 9"
    assert place_name("loss", fields) == "loss"

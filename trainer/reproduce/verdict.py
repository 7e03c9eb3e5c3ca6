"""Compare two runs bit by bit, and find the first difference. Pure."""

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from trainer.config.metrics.names import TEST, VALIDATION
from trainer.format import counted
from trainer.reproduce.environment import Differing, differing
from trainer.reproduce.record import RunRecord
from trainer.tracking.read.stored import as_mapping
from trainer.tracking.run import Status

__all__ = ["Compared", "Differing", "FirstDifference", "Verdict", "compare", "nondeterminism"]

_MOST_NOTES = 6
_MOST_DIFFERING = 16
# Part of the note that the engine records about such an operation.
# Earlier versions wrote "form" for "implementation".
_DETERMINISM = "no deterministic "


class FirstDifference(NamedTuple):
    """The first difference of two runs: `a` or `b` is None if a run has no value there, `by` if it is not finite."""

    epoch: int
    metric: str
    a: float | None
    b: float | None
    by: float | None


class Compared(NamedTuple):
    """The numbers of epochs, metrics and values that were compared."""

    epochs: int
    metrics: int
    values: int


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The result of comparing two runs.

    `identical` means that every logged value of every epoch, the test results and the final weights are equal to the
    last bit, except times and system metrics, and that both runs are FINISHED. `weights_equal` is None if a run has
    no record of its weights. `environment` lists differences of the environments, whether the numbers differ or not.
    `notes` are sentences.
    """

    identical: bool
    first_difference: FirstDifference | None = None
    weights_equal: bool | None = None
    environment: tuple[Differing, ...] = ()
    compared: Compared = field(default_factory=lambda: Compared(0, 0, 0))
    notes: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the verdict in words."""
        return " ".join([self._outcome(), *self._environment(), *self.notes])

    def _environment(self) -> Iterator[str]:
        likely, harmless = (
            ", ".join(f"{each.what} ({each.a} | {each.b})" for each in self.environment if each.likely is wanted)
            for wanted in (True, False)
        )
        is_different = self.first_difference is not None or self.weights_equal is False
        if likely and is_different:
            yield f"Differences in the environment that can change the numbers: {likely}."
        elif likely:
            yield f"Differences in the environment: {likely}."
        if harmless:
            subject = "Other differences" if likely else "Differences in the environment"
            yield f"{subject} that do not affect the numbers: {harmless}."

    def _outcome(self) -> str:
        one = self.compared.values == 1
        found, epochs = counted(self.compared.values, "value"), counted(self.compared.epochs, "epoch")
        values, are = f"{'' if one else 'all '}{found} of {epochs}", "is" if one else "are"
        if self.identical:
            return f"Identical: {values} and the final weights are equal to the last bit."
        if self.first_difference is not None:
            return f"Different: {_words(self.first_difference)}."
        if self.weights_equal is False:
            return f"Different: {values} {are} equal, but the final weights are not."
        if self.compared.values:
            return f"Not proven identical: {values} that both runs have {are} equal."
        return "Not comparable."

    def document(self) -> dict[str, Any]:
        """Return the verdict as JSON, with the keys of the tag; a value that is not finite becomes its name."""
        first = self.first_difference
        return {
            "identical": self.identical,
            "first_difference": first and {key: _plain(value) for key, value in first._asdict().items()},
            "weights_equal": self.weights_equal,
            "environment": [each._asdict() for each in self.environment],
            "compared": self.compared._asdict(),
            "notes": list(self.notes),
        }

    def dumps(self) -> str:
        """Return the JSON text of the tag `fitboard.verdict`."""
        return json.dumps(self.document(), separators=(",", ":"), ensure_ascii=False, allow_nan=False)

    @classmethod
    def loads(cls, text: str) -> "Verdict | None":
        """Read what `dumps` wrote; return None for anything else, since other programs may write tags too."""
        try:
            fields = json.loads(text)
            first = fields["first_difference"]
            return cls(
                identical=fields["identical"] is True,
                first_difference=first and _read_difference(**first),
                weights_equal=fields["weights_equal"],
                environment=tuple(Differing(**each) for each in fields["environment"]),
                compared=Compared(**fields["compared"]),
                notes=tuple(map(str, fields["notes"])),
            )
        except (ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return None


def compare(a: RunRecord, b: RunRecord) -> Verdict:
    """Compare any two runs, whatever created them and however they ended."""
    first, compared = _first_difference(a.values, b.values), _compared(a.values, b.values)
    weights = None if a.weights is None or b.weights is None else a.weights == b.weights
    finished = a.status is b.status is Status.FINISHED
    # Two empty runs have no difference either, hence `compared.values`.
    identical = bool(finished and first is None and weights and compared.values)
    notes = [*_notes(a, b), *nondeterminism(a, b)]
    return Verdict(
        identical=identical,
        first_difference=first,
        weights_equal=weights,
        environment=differing(a.environment, b.environment)[:_MOST_DIFFERING],
        compared=compared,
        notes=tuple(notes[:_MOST_NOTES]),
    )


def _first_difference(
    a: Mapping[str, Mapping[int, float]], b: Mapping[str, Mapping[int, float]]
) -> FirstDifference | None:
    for step, name in _places(a, b):
        one, other = (_value(values.get(name, {}), name, step) for values in (a, b))
        if not _same(one, other):
            return FirstDifference(step, name, one, other, _distance(one, other))
    return None


def _places(a: Mapping[str, Mapping[int, float]], b: Mapping[str, Mapping[int, float]]) -> Iterator[tuple[int, str]]:
    """Yield every (epoch, metric) of either run in the order of measurement: training, validation, finally test."""
    found = {(step, name) for values in (a, b) for name, steps in values.items() for step in steps}

    def moment(place: tuple[int, str]) -> tuple[bool, int, bool, bool, str]:
        step, name = place
        return name.startswith(TEST), step, name.startswith(VALIDATION), not name.endswith("loss"), name

    yield from sorted(found, key=moment)


def _value(steps: Mapping[int, float], name: str, step: int) -> float | None:
    """Return a run's value at a step; test results are compared at the end, whatever the number of epochs."""
    # On other hardware, EarlyStopping may end a run after another number of epochs; test results stay comparable.
    if name.startswith(TEST) and steps:
        return steps[max(steps)]
    return steps.get(step)


def _same(a: float | None, b: float | None) -> bool:
    # NaN is not equal to itself.
    return a == b or (a is not None and b is not None and math.isnan(a) and math.isnan(b))


def _distance(a: float | None, b: float | None) -> float | None:
    if a is None or b is None or not (math.isfinite(a) and math.isfinite(b)):
        return None
    return abs(a - b)


def _compared(a: Mapping[str, Mapping[int, float]], b: Mapping[str, Mapping[int, float]]) -> Compared:
    both = [(name, steps.keys() & b[name].keys()) for name, steps in a.items() if name in b]
    epochs = {step for _, steps in both for step in steps}
    return Compared(len(epochs), sum(bool(steps) for _, steps in both), sum(len(steps) for _, steps in both))


def _notes(a: RunRecord, b: RunRecord) -> Iterator[str]:
    for each in (a, b):
        if not each.by_fitboard:
            yield f"Run {each.name} was created by another program."
        elif each.status is not Status.FINISHED:
            yield f"Run {each.name} is {each.status}, so its numbers are incomplete."
        elif each.weights is None:
            yield f"Run {each.name} has no record of its weights."
        if not each.values:
            yield f"Run {each.name} has no logged values."
    if a.config_digest and b.config_digest and a.config_digest != b.config_digest:
        yield "The configs differ."
    epochs = [len({step for steps in each.values.values() for step in steps}) for each in (a, b)]
    if epochs[0] != epochs[1] and all(epochs):
        yield f"Run {a.name} has {counted(epochs[0], 'epoch')}, but run {b.name} has {epochs[1]:,}."


def nondeterminism(a: RunRecord, b: RunRecord) -> Iterator[str]:
    """Yield the notes of either run about operations without a deterministic form, each once."""
    noted = [as_mapping(each.environment.get("training")).get("notes", ()) for each in (a, b)]
    sentences = [str(note) for notes in noted if isinstance(notes, list) for note in notes]
    yield from dict.fromkeys(sentence[:300] for sentence in sentences if _DETERMINISM in sentence)


def _words(first: FirstDifference) -> str:
    where = f"{first.metric} at epoch {first.epoch}"
    if first.a is None or first.b is None:
        has = "first" if first.b is None else "second"
        return f"only the {has} run has a value of {where}"
    by = "" if first.by is None else f", a difference of {first.by:.2g}"
    return f"the first difference is {where}: {first.a!r} and {first.b!r}{by}"


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value


def _read_difference(epoch: Any, metric: Any, **numbers: Any) -> FirstDifference:
    a, b, by = (None if numbers[name] is None else float(numbers[name]) for name in ("a", "b", "by"))
    return FirstDifference(int(epoch), str(metric), a, b, by)

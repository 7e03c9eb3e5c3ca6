"""The target: classes that are missing, too small, out of balance, or written in several ways."""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from trainer.config import Config
from trainer.config.check import Edit, Severity
from trainer.data.profile.column import Column
from trainer.data.profile.findings.base import Finding, FindingKind, View, quoted, warn
from trainer.format import counted, number, percent

__all__ = ["class_sizes", "similar_labels", "unusable_targets"]

_FEWEST_SAMPLES = 10
_MOST_UNEVEN = 10
_MOST_LABELS = 1_000
_MOST_SHOWN = 3
_OTHERS = "other"
# In characters; longer labels are texts.
_LONGEST_LABEL = 200


def unusable_targets(view: View) -> Iterator[Finding]:
    """Yield targets that cannot be learned: missing, with one class, or with a class of its own for each row."""
    given = view.dataset.get("target") or ()
    for name in [given] if isinstance(given, str) else given:
        if name not in view.columns:
            yield _wrong(name, f"The table has no column {quoted(name)}; choose another target.")
            continue
        about = view.all_rows[name]
        if about.distinct == 0:
            yield _wrong(name, f"The target {quoted(name)} is missing in all rows; choose another target.")
        elif about.distinct == 1:
            yield _wrong(name, f"The target {quoted(name)} has only one value; expected at least two.")
        elif view.columns[name].is_labelled and about.distinct > about.rows / 2:
            message = (
                f"The target {quoted(name)} has {about.distinct:,} classes in {counted(about.rows, 'row')}; choose a "
                "target whose classes occur several times, or a number."
            )
            yield _wrong(name, message)
        elif about.missing:
            left_out = "Windows that predict them" if view.is_series else "These rows"
            message = (
                f"The target {quoted(name)} is missing in {counted(about.missing, 'row')} "
                f"({percent(about.missing_share)}). {left_out} are left out."
            )
            yield warn(FindingKind.TARGET, name, message)


def class_sizes(view: View) -> Iterator[Finding]:
    """Yield classes with fewer than 10 samples, and a largest class with ten times the samples of the smallest."""
    if not view.is_classification:
        return
    target = view.columns[view.targets[0]]
    values, counts = np.unique(target.present, return_counts=True)
    if len(values) < 2:
        return
    few = np.flatnonzero(counts < _FEWEST_SAMPLES)
    if few.size and view.rows > 2 * _FEWEST_SAMPLES:
        few = few[np.argsort(counts[few], kind="stable")]
        shown = ", ".join(f"{_label(target, values[each])} ({counts[each]})" for each in few[:_MOST_SHOWN])
        more = f" and {counted(len(few) - _MOST_SHOWN, 'other')}" if len(few) > _MOST_SHOWN else ""
        message = (
            f"{counted(len(few), 'class', 'classes')} of the target {quoted(target.name)} "
            f"{'has' if len(few) == 1 else 'have'} fewer than {_FEWEST_SAMPLES} samples: {shown}{more}. A part of the "
            "split may get none of them."
        )
        yield warn(FindingKind.FEW_SAMPLES, target.name, message, *_combined(view, values, counts, few))
    if counts.max() >= _MOST_UNEVEN * counts.min():
        yield _imbalance(target, values, counts)


def similar_labels(view: View) -> Iterator[Finding]:
    """Yield columns with labels that differ only in case, spaces, accents or punctuation."""
    for name in (*view.targets, *view.inputs):
        column = view.columns[name]
        if not column.is_labelled or len(column.labels) > _MOST_LABELS:
            continue
        alike: dict[str, list[int]] = defaultdict(list)
        for code, label in enumerate(column.labels):
            if len(label) <= _LONGEST_LABEL:
                alike[_plain(label)].append(code)
        several = [codes for plain, codes in alike.items() if len(codes) > 1 and plain]
        if several:
            yield _similar(view, column, several)


def _similar(view: View, column: Column, several: Sequence[Sequence[int]]) -> Finding:
    counts = np.bincount(column.values[column.values >= 0], minlength=len(column.labels))
    shown = "; ".join(
        ", ".join(f"{quoted(column.labels[code])} ({counts[code]:,})" for code in codes)
        for codes in several[:_MOST_SHOWN]
    )
    message = (
        f"Column {quoted(column.name)} has labels that are nearly the same: {shown}. Each is a class or category "
        "of its own."
    )
    if view.targets != (column.name,):
        return warn(FindingKind.SIMILAR_LABELS, column.name, message, "Write each label in one way in the file.")
    edits: list[Edit] = []
    for codes in several:
        most = max(codes, key=lambda code: counts[code])
        edits += _renaming(view, [column.labels[code] for code in codes if code != most], column.labels[most])
    return warn(FindingKind.SIMILAR_LABELS, column.name, message, "Write each in its most frequent way.", edits)


def _combined(
    view: View, values: NDArray[np.generic], counts: NDArray[np.intp], few: NDArray[np.intp]
) -> tuple[str, list[Edit]]:
    """Return the words and the edits that combine small classes, if together they are large enough."""
    target = view.columns[view.targets[0]]
    if not target.is_labelled or counts[few].sum() < _FEWEST_SAMPLES or len(few) == len(values):
        return "Collect more samples of them.", []
    edits = _renaming(view, [target.labels[int(values[each])] for each in few], _OTHERS)
    return f"Combine them as one class, {quoted(_OTHERS)}.", edits


def _renaming(view: View, labels: Sequence[str], new: str) -> list[Edit]:
    """Return the edits that rename labels, also those that the config has already renamed to one of them."""
    renamed = view.dataset.get("labels") or {}
    before = [old for old, now in renamed.items() if now in labels]
    old = dict.fromkeys([*before, *labels])
    return [Edit(action="set", path=("dataset", "labels", each), value=new) for each in old]


def _imbalance(target: Column, values: NDArray[np.generic], counts: NDArray[np.intp]) -> Finding:
    largest, share = _label(target, values[int(counts.argmax())]), float(counts.max() / counts.sum())
    message = (
        f"The classes of the target {quoted(target.name)} are imbalanced: class {largest} has {percent(share)} of the "
        f"samples, {number(float(counts.max() / counts.min()), 2)} times those of the smallest. Always predicting it "
        f"gives an accuracy of {share:.2f}."
    )
    if "class_weight" not in Config.model_fields:
        return warn(FindingKind.IMBALANCE, target.name, message, "Compare balanced metrics, not accuracy.")
    edit = Edit(action="set", path=("class_weight",), value="balanced")
    return warn(FindingKind.IMBALANCE, target.name, message, "Weight the classes equally in the loss.", [edit])


def _label(target: Column, value: np.generic) -> str:
    return quoted(target.labels[int(value)]) if target.is_labelled else str(value.item())


def _plain(label: str) -> str:
    """Return the label without what people write in different ways: `Cat `, `cat` and `CAT` become `cat`."""
    folded = unicodedata.normalize("NFKD", label).casefold()
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    # A sign may be all that tells two labels apart, such as A+ and A-.
    return re.sub(r"[\s_.\-]+", " ", bare).strip() if re.search(r"\w[\s_.\-]*$", bare) else bare.strip()


def _wrong(name: str, message: str) -> Finding:
    return warn(FindingKind.TARGET, name, message, severity=Severity.ERROR)

"""The lines of a script that read, divide and prepare a time series exactly as the trainer does."""

from collections.abc import Iterator, Sequence

from trainer.config.series import Series
from trainer.data.sources.series_windows import GAP
from trainer.data.splitting import fold_of
from trainer.reproduce.column_lines import column_lines
from trainer.reproduce.expressions import literal
from trainer.reproduce.table_lines import TableFacts, cell_lines, frame_lines, read_as, read_lines

__all__ = ["series_lines"]

_WINDOWS = """
# A window is in the part of the steps that it predicts, all of which have to be there.
begin = np.maximum.accumulate(np.where(new, place, 0))
start = place[: len(x) - PAST - HORIZON + 1]
start = start[(begin[start] == begin[start + PAST + HORIZON - 1]) & ((start - begin[start]) % {step} == 0)]
ahead = start[:, None] + PAST + np.arange(HORIZON)
kept = (part[ahead] == part[ahead[:, :1]]).all(axis=1) & ~np.isnan(target[ahead]).any(axis=(1, 2))
start, ahead = start[kept], ahead[kept]
part_of = part[ahead[:, 0]]
x_train = x[part == 0]
"""

_PREPARED = """
steps = np.column_stack([value for column in columns for value in column(x)]).astype("float32")
past = start[:, None] + np.arange(PAST)
{samples} = (steps[past[part_of == of]] for of in {places})
{targets} = (target[ahead[part_of == of]].reshape(-1, {outputs}) for of in {places})
"""

_BY_TIME = """
test_count = math.ceil({test!r} * len(x))
val_count = math.ceil({validation!r} * (len(x) - test_count))
ordered = np.append(np.sort(time), np.inf)
part = sum((time >= ordered[len(x) - count]).astype(int) for count in (test_count, test_count + val_count))
"""

_BY_PLACE = """
size = np.bincount(series)[series]
at = place - np.maximum.accumulate(np.where(new, place, 0))
test_count = np.ceil({test!r} * size)
val_count = np.ceil({validation!r} * (size - test_count))
part = sum((at >= size - count).astype(int) for count in (test_count, test_count + val_count))
"""

_GAPS = """
between = np.append(0.0, np.diff(time))
new |= between > {gap} * np.median(between[~new & (between > 0)])
"""


def series_lines(dataset: Series, facts: TableFacts, parts: Sequence[str]) -> list[str]:
    """Return the lines that create `x_train`, `y_train` and so on for each of `parts`: `train`, `val`, `test`."""
    table = dataset.as_table()
    used = {name: facts.kinds[name] for name in (*dataset.target, *facts.roles, *_order(dataset))}
    lines = [*read_lines(table, facts), *cell_lines(table, facts, used), *frame_lines(facts)]
    columns = ", ".join(f"numbers(table[{literal(name)}])" for name in dataset.target)
    lines.append(f'target = np.column_stack([{columns}]).astype("float32")')
    lines += [f"PAST, HORIZON = {dataset.past}, {dataset.horizon}", *_ordered(dataset, facts)]
    lines += ["place = np.arange(len(x))", "new = np.append(True, series[1:] != series[:-1])"]
    lines += _parts(dataset)
    if dataset.gaps == "split" and dataset.time is not None:
        lines += _GAPS.format(gap=GAP).strip("\n").split("\n")
    lines += _WINDOWS.format(step=dataset.step).strip("\n").split("\n")
    places = [("train", "val", "test").index(part) for part in parts]
    comma = "," if len(parts) == 1 else ""
    prepared = _PREPARED.format(
        samples=", ".join(f"x_{part}" for part in parts) + comma,
        targets=", ".join(f"y_{part}" for part in parts) + comma,
        places=f"({', '.join(map(str, places))}{comma})",
        outputs=dataset.horizon * len(dataset.target),
    )
    return [*lines, *column_lines(facts.roles), *prepared.strip("\n").split("\n")]


def _order(dataset: Series) -> tuple[str, ...]:
    return tuple(name for name in (dataset.id, dataset.time) if name is not None)


def _read(name: str, facts: TableFacts) -> str:
    return f"{read_as(facts.kinds[name], name, facts)}.to_numpy()"


def _ordered(dataset: Series, facts: TableFacts) -> Iterator[str]:
    """Yield the lines that put the steps in order: those of a series one after the other, by their time."""
    if dataset.id is None:
        yield "series = np.zeros(len(table), int)"
    else:
        yield f"series = np.unique({_read(dataset.id, facts)}, return_inverse=True)[1]"
    if dataset.time is not None:
        yield f"time = {_read(dataset.time, facts)}"
        yield "order = np.lexsort((time, series))"
        yield "time = time[order]"
    else:
        yield 'order = np.argsort(series, kind="stable")'
    yield "x, target, series = x.iloc[order].reset_index(drop=True), target[order], series[order]"


def _parts(dataset: Series) -> Iterator[str]:
    """Yield the lines that create `part`, 0, 1 or 2 for each step."""
    if dataset.split == "time":
        text = _BY_PLACE if dataset.time is None else _BY_TIME
        made = text.format(test=dataset.test_fraction, validation=dataset.validation_fraction)
        yield from made.strip("\n").split("\n")
        return
    yield "part, rows = np.zeros(len(x), int), place"
    fold = fold_of(dataset)
    seed = f"random_state={dataset.split_seed}"
    if fold is not None:
        yield f"folds = GroupKFold({fold.folds}, shuffle=True, {seed}).split(rows, groups=series)"
        yield f"kept, held = list(folds)[{fold.number - 1}]"
        yield "part[rows[held]], rows = 2, rows[kept]"
    for number, fraction in ((2, 0.0 if fold else dataset.test_fraction), (1, dataset.validation_fraction)):
        if fraction:
            splitter = f"GroupShuffleSplit(1, test_size={fraction!r}, {seed})"
            yield f"kept, held = next({splitter}.split(rows, groups=series[rows]))"
            yield f"part[rows[held]], rows = {number}, rows[kept]"

"""The lines of a script that read, divide and prepare a table in a file exactly as the trainer does."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from trainer.config.file_datasets import DELIMITERS, Csv, Images, RowFile, TableFile, Texts, Xlsx
from trainer.config.splits import ColumnSplit, GroupSplit, TimeSplit
from trainer.data.sources.missing import MISSING
from trainer.data.splits.divide import PARTS
from trainer.data.splitting import fold_of
from trainer.reproduce.column_lines import column_lines
from trainer.reproduce.expressions import WIDTH, literal
from trainer.reproduce.picture_lines import broken_lines, contents, picture_prepared_lines, picture_read_lines
from trainer.reproduce.text_lines import text_prepared_lines, text_read_lines

__all__ = [
    "TableFacts",
    "cell_lines",
    "divided_lines",
    "frame_lines",
    "prepared_lines",
    "read_as",
    "read_lines",
    "table_lines",
]


@dataclass(frozen=True, kw_only=True)
class TableFacts:
    """The facts about a table that its script needs.

    `roles` are those of the used columns, `kinds` whether the file has numbers, dates or texts in a column (numeric,
    date, text). `detected` are the delimiter, the encoding and the decimal sign of a text file. `has_gaps` is whether
    rows lack a target. `task` is classes, integers or values; `date_formats` are those of columns whose dates are not
    written as ISO 8601. Of pictures that are not in a table, `root` is what their
    names start with before the folder of the class; `broken` are the names of those that are left out.
    """

    roles: Mapping[str, str]
    kinds: Mapping[str, str]
    detected: Mapping[str, str]
    has_gaps: bool
    task: str
    date_formats: Mapping[str, str] = field(default_factory=dict)
    root: str | None = None
    broken: Sequence[str] = ()


_NUMBERS = """
def numbers(column):
    values = {values}.astype("float64")
    return values{masked}
"""

_TEXTS = """
def texts(column):
    return column.where(~column.isin(missing), "")
"""

_DAYS = """
def days(column{parameter}):
    times = pd.to_datetime({column}, utc=True{how}).dt.as_unit("us")
    return (times.astype("int64") / 86_400_000_000).where(times.notna())
"""

_STRIPPED = (
    "column.map(lambda value: value.strip() if isinstance(value, str) else value)"
    ".where(lambda values: ~values.isin(missing))"
)


def table_lines(dataset: RowFile, facts: TableFacts) -> list[str]:
    """Return the lines that create `x`, a data frame with the raw columns, `y`, and `weight` if there are weights."""
    lines = [*read_lines(dataset, facts)]
    named = [*dataset.target, *([dataset.weight] if dataset.weight else []), *_split_column(dataset), *facts.roles]
    used = {name: facts.kinds.get(name, "text") for name in named}
    lines += cell_lines(dataset, facts, used)
    if dataset.labels:
        lines += ["labels = {", *(f"    {literal(old)}: {literal(new)}," for old, new in dataset.labels.items()), "}"]
    if facts.has_gaps:
        lines.append(f"table = table[{_target_known(dataset, facts)}].reset_index(drop=True)")
    lines += frame_lines(facts)
    lines += _targets(dataset, facts)
    if dataset.weight:
        lines.append(f'weight = {_number(dataset.weight, facts)}.to_numpy("float32")')
    if dataset.drop_duplicates:
        inputs = contents(dataset) if isinstance(dataset, Images) else "x"
        lines.append(f"first = ~pd.concat([{inputs}, pd.DataFrame(y, index=x.index)], axis=1).duplicated().to_numpy()")
        lines.append("table, x = (each[first].reset_index(drop=True) for each in (table, x))")
        lines.append("y, weight = y[first], weight[first]" if dataset.weight else "y = y[first]")
    if isinstance(dataset, Images):
        lines += broken_lines(dataset, facts.broken, is_weighted=dataset.weight is not None)
    return lines


def frame_lines(facts: TableFacts) -> list[str]:
    """Return the lines that create `x`, a data frame with the raw values of the used columns."""
    return ["x = pd.DataFrame({", *(f"    {literal(name)}: {_value(name, facts)}," for name in facts.roles), "})"]


def divided_lines(dataset: RowFile, facts: TableFacts) -> list[str] | None:
    """Return the lines that create `x_train`, `y_train` and so on, None if the split is random."""
    split = dataset.split
    letters = ["x", "y", *(["weight"] if dataset.weight else [])]
    if isinstance(split, GroupSplit):
        group = read_as(facts.kinds[split.column], split.column, facts)
        lines, rest = [f"group = {group}", "rows = np.arange(len(x))"], "rows"
        fold = fold_of(dataset)
        if fold:
            made = f"GroupKFold({fold.folds}, shuffle=True, random_state={dataset.split_seed})"
            lines.append(f"folds = {made}.split(rows, groups=group)")
            lines += [f"kept, held = list(folds)[{fold.number - 1}]", "test, rows = rows[held], rows[kept]"]
        fractions = {"test": 0.0 if fold else dataset.test_fraction, "val": dataset.validation_fraction}
        for part, fraction in fractions.items():
            if fraction:
                made = f"GroupShuffleSplit(1, test_size={fraction!r}, random_state={dataset.split_seed})"
                lines.append(f"kept, held = next({made}.split({rest}, groups=group.iloc[{rest}]))")
                lines.append(f"{part}, {rest} = {rest}[held], {rest}[kept]")
        lines.append(f"train = {rest}")
    elif isinstance(split, TimeSplit):
        time = read_as("date" if facts.kinds[split.column] == "date" else "numeric", split.column, facts)
        lines = [f'rows = np.argsort({time}.to_numpy(), kind="stable")']
        lines.append(f"test_count = math.ceil({dataset.test_fraction!r} * len(rows))")
        lines.append(f"val_count = math.ceil({dataset.validation_fraction!r} * (len(rows) - test_count))")
        lines.append("train, val, test = np.split(rows, [len(rows) - test_count - val_count, len(rows) - test_count])")
    elif isinstance(split, ColumnSplit):
        words = sorted(PARTS.items())
        by_part = {part: [word for word, meant in words if meant == part] for part in ("train", "validation", "test")}
        lines = [f"part = table[{literal(split.column)}].str.strip().str.lower()"]
        lines += [f"{'val' if part == 'validation' else part}_words = {words}" for part, words in by_part.items()]
        lines.append("words = (train_words, val_words, test_words)")
        lines.append("train, val, test = (np.flatnonzero(part.isin(each)) for each in words)")
    else:
        return None
    parts = [part for part in ("train", "val", "test") if any(_makes(line, part) for line in lines)]
    for letter in letters:
        taken = "x.iloc[{0}]" if letter == "x" else f"{letter}[{{0}}]"
        lines += [f"{letter}_{part} = {taken.format(part)}" for part in parts]
    return lines


def _makes(line: str, part: str) -> bool:
    names = line.partition(" = ")[0].split(", ")
    return part in names


def prepared_lines(dataset: RowFile, facts: TableFacts, parts: Sequence[str]) -> list[str]:
    """Return the lines that prepare each part by what the training part has."""
    if isinstance(dataset, Texts):
        return text_prepared_lines(dataset, parts)
    if isinstance(dataset, Images):
        return picture_prepared_lines(dataset, parts)
    bins, words = (dataset.hash_bins, dataset.text_words) if isinstance(dataset, TableFile) else (0, 0)
    lines = column_lines(facts.roles, bins=bins, words=words)
    names = ", ".join(f"x_{part}" for part in parts)
    lines.append(f"{names}{',' if len(parts) == 1 else ''} = (")
    lines.append('    np.column_stack([value for column in columns for value in column(part)]).astype("float32")')
    lines.append(f"    for part in ({names}{',' if len(parts) == 1 else ''})")
    lines.append(")")
    return lines


def _split_column(dataset: RowFile) -> list[str]:
    column = dataset.split.arguments().get("column")
    return [column] if column else []


def read_lines(dataset: RowFile, facts: TableFacts) -> Iterator[str]:
    """Yield the lines that create `table`, a data frame of the file, and `missing`, the texts that mean missing."""
    path = literal(dataset.path)
    if isinstance(dataset, Images) and facts.root is not None:
        yield from picture_read_lines(dataset, facts.root)
    elif isinstance(dataset, Images):
        yield f"folder = Path({path}).parent"
        yield from _csv_lines(path, facts) if _is_csv(dataset, facts) else _parquet_lines(path)
    elif isinstance(dataset, Csv):
        yield from _csv_lines(path, facts)
    elif isinstance(dataset, Texts):
        yield from text_read_lines(dataset, facts.detected)
    elif isinstance(dataset, Xlsx):
        sheet = 0 if dataset.sheet is None else dataset.sheet
        yield f'table = pd.read_excel({path}, sheet_name={sheet!r}, dtype=object).dropna(how="all")'
        yield "table = table.rename(columns=lambda name: str(name).strip())"
    else:
        yield from _parquet_lines(path)
    words = [*MISSING, *dataset.missing]
    yield "missing = ["
    yield from (f"    {', '.join(map(literal, words[at : at + 8]))}," for at in range(0, len(words), 8))
    yield "]"


def _is_csv(dataset: RowFile, facts: TableFacts) -> bool:
    """Return whether every cell of the table is a text."""
    is_detected = isinstance(dataset, Texts | Images) and "encoding" in facts.detected
    return isinstance(dataset, Csv) or is_detected or facts.root is not None


def _csv_lines(path: str, facts: TableFacts) -> Iterator[str]:
    how = f"sep={DELIMITERS[facts.detected['delimiter']]!r}, encoding={facts.detected['encoding']!r}"
    line = f"table = pd.read_csv({path}, {how}, dtype=str, keep_default_na=False)"
    wrapped = ["table = pd.read_csv(", f"    {path}, {how}, dtype=str, keep_default_na=False", ")"]
    yield from [line] if len(line) <= WIDTH else wrapped
    yield "table = table.rename(columns=str.strip).apply(lambda column: column.str.strip())"


def _parquet_lines(path: str) -> Iterator[str]:
    yield f"table = pd.read_parquet({path}).rename(columns=str.strip)"


def cell_lines(dataset: RowFile, facts: TableFacts, used: Mapping[str, str]) -> Iterator[str]:
    """Yield the functions that read the cells of a column; `used` are the kinds of the columns that are read."""
    numbers = [number for word in dataset.missing if (number := _as_number(word)) is not None]
    text = "column.where(~column.isin(missing))"
    decimal = facts.detected.get("decimal", ".")
    replaced = f'{text}.str.replace(",", ".")' if decimal == "," else text
    is_csv = _is_csv(dataset, facts)
    masked = f".mask(values.isin({numbers!r}))" if numbers else ""
    made = _NUMBERS.format(values=f"{replaced}.astype(object)" if is_csv else "column", masked=masked)
    yield from made.split("\n")
    yield from (_TEXTS if is_csv else _TEXTS_OF_VALUES).split("\n")
    if "date" in {*used.values(), *facts.roles.values()}:
        how = ', format="ISO8601"' if is_csv else ""
        parameter = ""
        if facts.date_formats:
            # Columns of a Parquet file that are dates already need no format.
            how, parameter = ", format=form", ', form="ISO8601"' if is_csv else ", form=None"
            text = text if is_csv else _STRIPPED
        column = text if is_csv or facts.date_formats else "column"
        yield from _DAYS.format(column=column, how=how, parameter=parameter).split("\n")
    yield ""


_TEXTS_OF_VALUES = """
def texts(column):
    def text(value):
        if pd.isna(value) or str(value).strip() in missing:
            return ""
        if isinstance(value, (str, bool, np.bool_)):
            return str(value).strip()
        return f"{value:.0f}" if float(value).is_integer() else repr(float(value))

    return column.map(text)
"""


def _as_number(word: str) -> float | None:
    try:
        return float(word)
    except ValueError:
        return None


def _number(name: str, facts: TableFacts) -> str:
    return f"numbers(table[{literal(name)}])"


def _value(name: str, facts: TableFacts) -> str:
    return read_as(facts.roles[name], name, facts)


def read_as(kind: str, name: str, facts: TableFacts) -> str:
    """Return the call that reads a column as numbers, dates or texts."""
    of = {"numeric": "numbers", "date": "days"}.get(kind, "texts")
    form = f", {literal(facts.date_formats[name])}" if of == "days" and name in facts.date_formats else ""
    return f"{of}(table[{literal(name)}]{form})"


def _classes(dataset: RowFile) -> str:
    return f"texts(table[{literal(dataset.target[0])}]){'.replace(labels)' if dataset.labels else ''}"


def _target_known(dataset: RowFile, facts: TableFacts) -> str:
    if facts.task == "classes":
        return f'{_classes(dataset)} != ""'
    known = (
        f'(texts(table[{literal(name)}]) != "")' if facts.kinds[name] == "text" else f"{_number(name, facts)}.notna()"
        for name in dataset.target
    )
    return " & ".join(known)


def _targets(dataset: RowFile, facts: TableFacts) -> Iterator[str]:
    first = dataset.target[0]
    if facts.task == "classes":
        yield f"_, y = np.unique({_classes(dataset)}.to_numpy(object).astype(str), return_inverse=True)"
        yield 'y = y.astype("int64")'
    elif facts.task == "integers":
        yield f"_, y = np.unique({_number(first, facts)}, return_inverse=True)"
        yield 'y = y.astype("int64")'
    else:
        columns = ", ".join(
            f'texts(table[{literal(name)}]) == "True"' if facts.kinds[name] == "text" else _number(name, facts)
            for name in dataset.target
        )
        yield f'y = np.column_stack([{columns}]).astype("float32")'

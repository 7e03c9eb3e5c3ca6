"""The lines of a script that load, split, scale and label the data exactly as the trainer does."""

import math
from collections.abc import Iterator, Sequence

from trainer.config import Config, DatasetConfig, Labels, Npz
from trainer.config.file_datasets import RowFile
from trainer.config.series import Series
from trainer.data.scaling import CHUNK
from trainer.data.source import About
from trainer.data.splitting import Fold, fold_of
from trainer.reproduce.class_weight_lines import class_weight_lines
from trainer.reproduce.expressions import WIDTH
from trainer.reproduce.facts import DataFacts
from trainer.reproduce.series_lines import series_lines
from trainer.reproduce.source_lines import Source
from trainer.reproduce.table_lines import divided_lines, prepared_lines

__all__ = ["data_lines", "parts_of"]


def parts_of(facts: DataFacts) -> tuple[str, ...]:
    """Return the parts that have samples: `train`, `val`, `test`."""
    counts = {"train": facts.schema.train, "val": facts.schema.validation, "test": facts.schema.test}
    return tuple(name for name, count in counts.items() if count)


def data_lines(config: Config, facts: DataFacts, source: Source) -> list[str]:
    """Return the lines that create x and y of each part with samples: `x_train`, `y_train`, `x_val`, and so on."""
    parts = parts_of(facts)
    if isinstance(config.dataset, Series) and facts.table is not None:
        lines = series_lines(config.dataset, facts.table, parts)
    elif isinstance(config.dataset, RowFile) and facts.table is not None:
        divided = divided_lines(config.dataset, facts.table)
        lines = [*source.lines, *(_split(config, facts, source) if divided is None else divided)]
        lines += prepared_lines(config.dataset, facts.table, parts)
    else:
        lines = [*source.lines, *_split(config, facts, source)]
        lines += _scaled(config, facts, parts, is_float64=source.is_float64)
    lines += class_weight_lines(config.class_weight, facts.about, is_weighted=source.has_weights)
    return [*lines, *_labelled(config, facts.about, parts)]


def _split(config: Config, facts: DataFacts, source: Source) -> Iterator[str]:
    dataset, fold = config.dataset, fold_of(config.dataset)
    test = 0.0 if source.has_test or fold else getattr(dataset, "test_fraction", 0.0)
    validation = 0.0 if source.has_validation else dataset.validation_fraction
    fractions = (("test", test, facts.stratified_test), ("val", validation, facts.stratified_validation))
    letters = ("x", "y", "weight") if source.has_weights else ("x", "y")
    suffix = "_train" if source.has_test or fold else ""
    if fold:
        yield from _fold(dataset, fold, letters, stratified=facts.stratified_test)
    for part, fraction, stratified in fractions:
        if fraction:
            given = ", ".join(f"{letter}{suffix}" for letter in letters)
            given += f", test_size={fraction!r}, random_state={dataset.split_seed}"
            given += f", stratify=y{suffix}" if stratified else ""
            made = ", ".join(f"{letter}_train, {letter}_{part}" for letter in letters) + " = train_test_split"
            line = f"{made}({given})"
            yield line if len(line) <= WIDTH else f"{made}(\n    {given}\n)"
            suffix = "_train"
    if not suffix:
        yield f"{', '.join(f'{letter}_train' for letter in letters)} = {', '.join(letters)}"


def _fold(dataset: DatasetConfig, fold: Fold, letters: Sequence[str], *, stratified: bool) -> Iterator[str]:
    """Yield the lines that take one fold as the test part."""
    splitter, given = ("StratifiedKFold", "x, y") if stratified else ("KFold", "x")
    yield f"folds = {splitter}({fold.folds}, shuffle=True, random_state={dataset.split_seed}).split({given})"
    yield f"kept, held = list(folds)[{fold.number - 1}]"
    rows = ".iloc" if isinstance(dataset, RowFile) else ""
    for letter in letters:
        taken = f"{letter}{rows if letter == 'x' else ''}"
        yield f"{letter}_train, {letter}_test = {taken}[kept], {taken}[held]"


def _scaled(config: Config, facts: DataFacts, parts: Sequence[str], *, is_float64: bool) -> Iterator[str]:
    about = facts.about
    if about.input_dtype == "int32":
        return
    how = getattr(config.dataset, "scale", None) or about.scale
    if how == "none":
        yield _each("x", 'part.astype("float32")', parts)
    elif how == "unit" and about.largest is not None:
        yield _each("x", f'(part / {about.largest:g}).astype("float32")', parts)
    elif how == "unit":
        yield f"largest = np.abs({_as_float64(is_float64)}).max({_axis(about)})"
        yield _each("x", '(part / np.where(largest == 0, 1, largest)).astype("float32")', parts)
    else:
        yield from _standardized(about, samples=facts.schema.train, is_float64=is_float64)
        # Only a user's file can have constant features.
        if isinstance(config.dataset, Npz):
            constant = f"np.min(x_train{_and_axis(about)}) == np.max(x_train{_and_axis(about)})"
            yield f"deviation = np.where(({constant}) | (deviation == 0), 1, deviation)"
        yield _each("x", '((part - mean) / deviation).astype("float32")', parts)


def _standardized(about: About, *, samples: int, is_float64: bool) -> Iterator[str]:
    """Yield the mean and the deviation, summed in the trainer's chunks because the last bits depend on them."""
    step = max(1, CHUNK // math.prod(about.input_shape))
    axis = _axis(about)
    if samples <= step:
        # A single chunk, for which NumPy's mean and std sum in the same order.
        train = _as_float64(is_float64)
        yield f"mean, deviation = {train}.mean({axis}), {train}.std({axis})"
        return
    count = "len(x_train)" if axis else "x_train.size"
    piece = f"x_train[i : i + {step}]{'' if is_float64 else _TO_FLOAT64}"
    yield f"pieces = [{piece} for i in range(0, len(x_train), {step})]"
    yield f"mean = sum(piece.sum({axis}) for piece in pieces) / {count}"
    yield f"deviation = np.sqrt(sum(np.square(piece - mean).sum({axis}) for piece in pieces) / {count})"


_TO_FLOAT64 = '.astype("float64")'


def _as_float64(is_float64: bool) -> str:
    return "x_train" if is_float64 else f"x_train{_TO_FLOAT64}"


def _axis(about: About) -> str:
    """Return NumPy's axis argument: tables are scaled by feature, all other data over all values."""
    return "axis=0" if len(about.input_shape) == 1 else ""


def _and_axis(about: About) -> str:
    return ", axis=0" if _axis(about) else ""


def _labelled(config: Config, about: About, parts: Sequence[str]) -> Iterator[str]:
    """Yield the lines that convert the targets to the format that the loss expects."""
    if about.classes is None or config.loss.labels is Labels.INTEGER:
        return
    if config.loss.labels is Labels.ONE_HOT:
        yield _each("y", f'keras.utils.to_categorical(part, {about.classes}).astype("float32")', parts)
    else:
        yield _each("y", 'part.reshape(-1, 1).astype("float32")', parts)


def _each(letter: str, made: str, parts: Sequence[str]) -> str:
    names = [f"{letter}_{part}" for part in parts]
    if len(names) == 1:
        return f"{names[0]} = {made.replace('part', names[0])}"
    joined = ", ".join(names)
    line = f"{joined} = ({made} for part in ({joined}))"
    return line if len(line) <= WIDTH else f"{joined} = (\n    {made} for part in ({joined})\n)"

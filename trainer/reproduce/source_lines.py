"""The lines of a script that load the samples of each dataset, bit for bit as the trainer loads them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from trainer.config import DatasetConfig, Npz
from trainer.config.datasets import Circles, Digits, Imdb, Moons, Reuters, Spirals
from trainer.config.file_datasets import RowFile
from trainer.config.series import Series
from trainer.data import Task
from trainer.data.source import About
from trainer.reproduce.expressions import WIDTH, literal
from trainer.reproduce.table_lines import TableFacts, table_lines

__all__ = ["NpzFacts", "Source", "source_lines"]


class NpzFacts(NamedTuple):
    """The facts about an `npz` file: `labels` is how y becomes classes."""

    keys: tuple[str, ...]
    """The keys of `x` and `y`, then those of the test and the validation part, then that of the weights."""
    labels: str
    """`numbers` if classes count from 0, `gaps` if they do not, `one_hot`, or `values` in a regression."""
    is_vector: bool
    """Whether x has the shape (samples,)."""
    is_folder: bool = False
    """Whether each array is a .npy file of a folder."""


class Source(NamedTuple):
    """The lines that create `x` and `y`, or `x_train` and `y_train` if the dataset has its own test data.

    They also create `x_test` and `y_test` if `has_test`, `x_val` and `y_val` if `has_validation`, and the weights of
    the training samples if `has_weights`, named `weight` or `weight_train` like x.
    """

    lines: tuple[str, ...]
    scikit: str | None = None
    """The name to import from `sklearn.datasets`."""
    has_test: bool = False
    has_validation: bool = False
    has_weights: bool = False
    is_float64: bool = True


def source_lines(
    dataset: DatasetConfig, about: About, npz: NpzFacts | None = None, table: TableFacts | None = None
) -> Source:
    """Return the lines for a dataset; an `npz` dataset and a table in a file need their facts."""
    if isinstance(dataset, Series):
        # Its lines need the parts: see `series_lines`.
        return Source(())
    if isinstance(dataset, RowFile):
        if table is None:
            raise TypeError("a table requires `table`")
        return Source(tuple(table_lines(dataset, table)), has_weights=about.is_weighted)
    if isinstance(dataset, Npz):
        if npz is None:
            raise TypeError("an npz dataset requires `npz`")
        return _npz(dataset, about, npz)
    if isinstance(dataset, Imdb | Reuters):
        return _texts(dataset)
    if about.test_samples is not None:
        return _keras(dataset, about)
    return _MADE[dataset.kind](dataset)


def _table(dataset: DatasetConfig) -> Source:
    loader = f"load_{dataset.kind}"
    return Source((f"x, y = {loader}(return_X_y=True)",), loader)


def _diabetes(dataset: DatasetConfig) -> Source:
    lines = (
        "x, y = load_diabetes(return_X_y=True, scaled=False)",
        'y = y.astype("float32").reshape(-1, 1)',
    )
    return Source(lines, "load_diabetes")


def _digits(dataset: Digits) -> Source:
    return Source(("digits = load_digits()", "x, y = digits.images, digits.target"), "load_digits")


def _moons(dataset: Moons) -> Source:
    made = f"make_moons({dataset.samples}, noise={dataset.noise!r}, random_state={dataset.random_state})"
    return Source((f"x, y = {made}",), "make_moons")


def _circles(dataset: Circles) -> Source:
    noise = f"noise={dataset.noise!r}, factor={dataset.factor!r}"
    made = f"make_circles({dataset.samples}, {noise}, random_state={dataset.random_state})"
    return Source((f"x, y = {made}",), "make_circles")


def _spirals(dataset: Spirals) -> Source:
    # The same draws in the same order as `trainer.data.points.draw_spirals`; scikit-learn has no spirals.
    lines = f"""
arms = []
for arm, points in enumerate(np.array_split(np.arange({dataset.samples}), {dataset.arms})):
    t = np.linspace(0.1, 1, len(points))
    angle = 2 * np.pi * ({dataset.turns!r} * t + arm / {dataset.arms})
    arms.append(np.column_stack([t * np.cos(angle), t * np.sin(angle)]))
x, y = np.concatenate(arms), np.repeat(np.arange({dataset.arms}), [len(arm) for arm in arms])
generator = np.random.RandomState({dataset.random_state})
order = np.arange(len(x))
generator.shuffle(order)
x, y = x[order] + generator.normal(scale={dataset.noise!r}, size=x.shape), y[order]
"""
    return Source(tuple(lines.strip().split("\n")))


_MADE: Mapping[str, Callable[[Any], Source]] = {
    "digits": _digits,
    "iris": _table,
    "wine": _table,
    "breast_cancer": _table,
    "diabetes": _diabetes,
    "moons": _moons,
    "circles": _circles,
    "spirals": _spirals,
}


def _keras(dataset: DatasetConfig, about: About) -> Source:
    form = 'reshape(-1, 1).astype("float32")' if about.task is Task.REGRESSION else 'reshape(-1).astype("int64")'
    lines = (
        f"(x_train, y_train), (x_test, y_test) = keras.datasets.{dataset.kind}.load_data()",
        f"y_train, y_test = (part.{form} for part in (y_train, y_test))",
    )
    return Source(lines, has_test=True, is_float64=False)


def _texts(dataset: Imdb | Reuters) -> Source:
    loaded = f"keras.datasets.{dataset.kind}.load_data(num_words={dataset.num_words})"
    lines = (
        f"(x_train, y_train), (x_test, y_test) = {loaded}",
        f"x_train, x_test = (keras.utils.pad_sequences(part, maxlen={dataset.maxlen}) for part in (x_train, x_test))",
        'y_train, y_test = (part.reshape(-1).astype("int64") for part in (y_train, y_test))',
    )
    return Source(lines, has_test=True, is_float64=False)


_LABELS = {
    "numbers": '{0} = {0}.reshape(-1).astype("int64")',
    "gaps": '{0} = np.searchsorted(labels, {0}.reshape(-1)).astype("int64")',
    "one_hot": '{0} = {0}.argmax(axis=1).astype("int64")',
    "values": '{0} = {0}.reshape(len({0}), -1).astype("float32")',
}


def _npz(dataset: Npz, about: About, facts: NpzFacts) -> Source:
    has_test, has_validation = about.test_samples is not None, about.validation_samples is not None
    parts = [part for part, there in (("_test", has_test), ("_val", has_validation)) if there]
    parts.insert(0, "_train" if has_test else "")
    names = [f"{letter}{part}" for part in parts for letter in "xy"]
    samples, answers = names[0::2], names[1::2]
    if about.is_weighted:
        names.append(f"weight{parts[0]}")
    if facts.is_folder:
        lines = [f"folder = {literal(dataset.path)}"]
        lines += [f'{name} = np.load(f"{{folder}}/{key}.npy")' for name, key in zip(names, facts.keys, strict=True)]
    else:
        lines = [f"with np.load({literal(dataset.path)}, allow_pickle=False) as file:"]
        lines += _taken(names, [f"file[{literal(key)}]" for key in facts.keys])
    if facts.is_vector:
        lines += [f"{name} = {name}.reshape(-1, 1)" for name in samples]
    if dataset.channels == "first":
        lines += [f"{name} = np.ascontiguousarray(np.moveaxis({name}, 1, -1))" for name in samples]
    if dataset.inputs == "tokens":
        lines += [f'{name} = {name}.astype("int32")' for name in samples]
    if facts.labels == "gaps":
        # One table of labels, since a part may lack a class.
        together = answers[0] if len(answers) == 1 else f"np.concatenate([{', '.join(answers)}])"
        lines.append(f"labels = np.unique({together})")
    lines += [_LABELS[facts.labels].format(name) for name in answers]
    if about.is_weighted:
        lines.append(f'{names[-1]} = {names[-1]}.reshape(-1).astype("float32")')
    return Source(
        tuple(lines),
        has_test=has_test,
        has_validation=has_validation,
        has_weights=about.is_weighted,
        is_float64=False,
    )


def _taken(names: Sequence[str], arrays: Sequence[str]) -> Iterator[str]:
    line = f"    {', '.join(names)} = ({', '.join(arrays)})"
    if len(line) <= WIDTH:
        yield line
    else:
        yield from (f"    {name} = {array}" for name, array in zip(names, arrays, strict=True))

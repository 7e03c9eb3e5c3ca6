"""The lines of a script that prepare the columns of a table by their roles exactly as the trainer does."""

from collections.abc import Mapping

from trainer.data.preparation.hashing import SALT
from trainer.reproduce.expressions import literal

__all__ = ["column_lines"]

_NUMERIC = """
def numeric(name):
    train = x_train[name].to_numpy("float32")
    known = train[~np.isnan(train)].astype("float64")
    mean, variance = np.float32(0), np.float32(1)
    if len(known):
        mean, variance = np.float32(known.mean()), np.float32(known.var())
    if not 0 < variance < np.inf or known.min() == known.max():
        variance = np.float32(1)

    def values(part):
        raw = part[name].to_numpy("float32")
        scaled = (raw - mean) / np.maximum(np.sqrt(variance), np.float32(1e-7))
        scaled = np.where(np.isnan(raw), np.float32(0), scaled)
        return [scaled, np.isnan(raw)] if len(known) < len(train) else [scaled]

    return values
"""

_CATEGORY = """
def category(name):
    counts = x_train[name].value_counts()
    vocabulary = sorted(counts.index, key=lambda value: (-counts[value], value))
    return lambda part: [~part[name].isin(vocabulary), *(part[name] == value for value in vocabulary)]
"""

_HASHED = """
def hashed(name):
    layer = keras.layers.Hashing({bins}, salt={salt}, output_mode="one_hot")
    return lambda part: list(np.asarray(layer(tf.constant(part[[name]].to_numpy(object)))).T)
"""

_TEXT = """
def text(name):
    drop = str.maketrans(string.ascii_uppercase, string.ascii_lowercase, string.punctuation)
    split = {value: value.translate(drop).encode().split() for value in x[name].unique()}
    counts = collections.Counter(word for value in x_train[name] for word in split[value])
    vocabulary = sorted(counts, key=lambda word: (-counts[word], word))[:{words}]
    known = set(vocabulary)

    def values(part):
        rows = [set(split[value]) for value in part[name]]
        return [[bool(row - known) for row in rows], *([word in row for row in rows] for word in vocabulary)]

    return values
"""

_DATE = """
def date(name):
    number = numeric(name)

    def values(part):
        day = np.floor(part[name].to_numpy("float32")).astype("datetime64[D]")
        month = day.astype("datetime64[M]").astype("int64") % 12
        weekday = (day.astype("int64") + 3) % 7
        known = ~np.isnat(day)
        months, weekdays = ([known & (of == place) for place in range(n)] for of, n in ((month, 12), (weekday, 7)))
        return [*number(part), *months, *weekdays]

    return values
"""


_FUNCTIONS = {"numeric": _NUMERIC, "category": _CATEGORY, "hashed": _HASHED, "text": _TEXT, "date": _DATE}


def column_lines(of: Mapping[str, str], *, bins: int = 0, words: int = 0) -> list[str]:
    """Return the lines that fit each column by its role to `x_train`, as the list `columns` of functions of a part."""
    roles = set(of.values())
    lines: list[str] = []
    for role, text in _FUNCTIONS.items():
        if role in roles or (role == "numeric" and "date" in roles):
            filled = text.replace("{bins}", str(bins)).replace("{salt}", str(list(SALT)))
            filled = filled.replace("{words}", str(words))
            lines += [*filled.rstrip("\n").split("\n"), ""]
    lines.append("")
    lines.append("columns = [")
    lines += [f"    {role}({literal(name)})," for name, role in of.items()]
    lines.append("]")
    return lines

"""The lines of a script that read and prepare texts exactly as the trainer does."""

from collections.abc import Iterator, Mapping, Sequence

from trainer.config.file_datasets import DELIMITERS, Texts
from trainer.reproduce.expressions import WIDTH, literal

__all__ = ["text_prepared_lines", "text_read_lines"]

_FOLDER = """
rows = []
for place, folders, names in os.walk({path}):
    folders[:] = sorted(name for name in folders if not name.startswith("."))
    for file in (Path(place, name) for name in sorted(names)):
        inside = file.relative_to({path}).parts
        is_text = file.suffix.lower() == ".txt" and not file.name.startswith(".") and not file.is_symlink()
        if is_text and len(inside) > 1:
            rows.append((file.read_bytes().decode({encoding!r}).removeprefix("\\ufeff").strip(), inside[0]))
table = pd.DataFrame(rows, columns=["text", "class"])
"""

_TOKENS = """
def tokens(text):
    text = text.encode(){lower}{strip}
    return {split}

"""

_VOCABULARY = """
counts = Counter(token for text in x_train[{column}] for token in tokens(text))
vocabulary = sorted(counts, key=lambda token: (-counts[token], token))[:{words}]
"""


def text_read_lines(dataset: Texts, detected: Mapping[str, str]) -> Iterator[str]:
    """Yield the lines that create `table`, a data frame of the file or folder."""
    path = literal(dataset.path)
    if "delimiter" in detected:
        how = f"sep={DELIMITERS[detected['delimiter']]!r}, encoding={detected['encoding']!r}"
        line = f"table = pd.read_csv({path}, {how}, dtype=str, keep_default_na=False)"
        if len(line) > WIDTH:
            line = f"table = pd.read_csv(\n    {path}, {how}, dtype=str, keep_default_na=False\n)"
        yield from line.split("\n")
        yield "table = table.rename(columns=str.strip).apply(lambda column: column.str.strip())"
    elif "encoding" in detected:
        yield from _FOLDER.format(path=path, encoding=detected["encoding"]).strip("\n").split("\n")
    else:
        yield f"table = pd.read_parquet({path}).rename(columns=str.strip)"


def text_prepared_lines(dataset: Texts, parts: Sequence[str]) -> list[str]:
    """Return the lines that turn the texts of each part into tokens of the training part's vocabulary."""
    standardize = dataset.standardize or ""
    column = literal(dataset.column)
    lower = ".lower()" if "lower" in standardize else ""
    strip = ".translate(None, string.punctuation.encode())" if "strip_punctuation" in standardize else ""
    split = "text.split()" if dataset.tokens == "whitespace" else "[letter.encode() for letter in text.decode()]"
    lines = _TOKENS.format(lower=lower, strip=strip, split=split).split("\n")
    lines += _VOCABULARY.format(column=column, words=dataset.max_tokens - 2).strip("\n").split("\n")
    is_sequence = dataset.output_mode == "int"
    length = [f"    output_sequence_length={dataset.output_sequence_length},"] if is_sequence else []
    lines += [
        "vectorize = keras.layers.TextVectorization(",
        "    vocabulary=[token.decode() for token in vocabulary],",
        f"    output_mode={dataset.output_mode!r},",
        *length,
        f"    standardize={dataset.standardize!r},",
        f"    split={dataset.tokens!r},",
        ")",
    ]
    names = ", ".join(f"x_{part}" for part in parts)
    comma = "," if len(parts) == 1 else ""
    kind = "int32" if is_sequence else "float32"
    lines += [
        f"{names}{comma} = (",
        f'    vectorize(tf.constant(part[{column}].to_numpy(object))).numpy().astype("{kind}")',
        f"    for part in ({names}{comma})",
        ")",
    ]
    return lines

"""The views that MLflow's own UI saves, translated to the query of the Runs page.

MLflow 3.17 writes the tag `mlflow.sharedViewState.<id>` of an experiment: JSON of `name`, `createdAt` and `state`,
where the state is JSON too, or `deflate;` and zlib's bytes in base64. Older releases wrote the state alone.
"""

import base64
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from trainer.tracking.filter import is_filter

__all__ = ["MlflowView", "read_mlflow_view"]

_COMPRESSED = "deflate;"
_MOST_BYTES = 4_000_000
_KEY = re.compile(r"(metrics|params|tags)\.`?(.+?)`?")
_SORTS: Mapping[str, str] = {
    "attributes.start_time": "",  # the default order of Runs
    "attributes.Created": "",
    "attributes.run_name": "name",
    "attributes.Run Name": "name",
    "tags.mlflow.runName": "name",
    "attributes.Duration": "duration",
    "attributes.status": "status",
}


class MlflowView(NamedTuple):
    """A view's name, which older ones lack, its query for Runs, and what of it Runs does not show."""

    name: str
    query: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]


def read_mlflow_view(value: str, experiment: str) -> MlflowView:
    """Translate the value of a tag.

    Args:
        value: of the tag.
        experiment: the name of the experiment, whose runs alone MLflow lists.

    Raises:
        ValueError: it is no such view.
    """
    name, state = "", value
    if not value.startswith(_COMPRESSED):
        held = _object(value)
        if "state" in held:
            name, state = str(held.get("name") or ""), str(held["state"])
    fields = _object(_decompressed(state) if state.startswith(_COMPRESSED) else state)
    parts = (_filter, _deleted, _order, _columns, _groups)
    query = (("experiment", experiment), *(pair for part in parts for pair in part(fields)))
    return MlflowView(name, query, tuple(_left_out(fields)))


def _object(text: str) -> Mapping[str, Any]:
    held = json.loads(text)
    if not isinstance(held, dict):
        raise ValueError("The view is not a JSON object.")
    return held


def _decompressed(text: str) -> str:
    packed = base64.b64decode(text.removeprefix(_COMPRESSED), validate=True)
    unpack = zlib.decompressobj()
    try:
        # Limited, since a few bytes can unpack to any length.
        return unpack.decompress(packed, _MOST_BYTES).decode()
    except zlib.error as error:
        raise ValueError(str(error)) from error


def _filter(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    text = str(fields.get("searchFilter") or "").strip()
    datasets = _datasets(fields)
    if datasets and (not text or is_filter(text)):
        text = " and ".join([*([text] if text else []), datasets])
    if text:
        yield "q", text


def _datasets(fields: Mapping[str, Any]) -> str:
    """Return the filter for the chosen datasets, as MLflow's UI adds it to its search."""
    chosen = [each for each in _list(fields, "datasetsFilter") if isinstance(each, dict)]
    names, digests = ([str(each.get(key) or "") for each in chosen] for key in ("name", "digest"))
    if not chosen or any("'" in word for word in (*names, *digests)):
        return ""
    return f"dataset.name IN ({_quoted(names)}) and dataset.digest IN ({_quoted(digests)})"


def _quoted(words: list[str]) -> str:
    return ", ".join(f"'{word}'" for word in dict.fromkeys(words))


def _deleted(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if fields.get("lifecycleFilter") == "Deleted":
        yield "status", "deleted"


def _order(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    sort = _sort(fields)
    if sort:
        yield "sort", sort
    if sort is not None and fields.get("orderByAsc") is True:
        yield "ascending", "true"


def _sort(fields: Mapping[str, Any]) -> str | None:
    """Return the order of Runs: empty for the default one, None if Runs has none for that key."""
    key = str(fields.get("orderByKey") or "attributes.start_time")
    return _SORTS.get(key.replace("`", ""), _column(key))


def _columns(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    chosen = [str(each) for each in _list(fields, "selectedColumns")]
    order = {str(each): place for place, each in enumerate(_list(fields, "columnOrder"))}
    widths = fields.get("columnWidths")
    for key in sorted(chosen, key=lambda one: order.get(one, len(order))):
        if column := _column(key):
            yield "columns", column
            width = widths.get(key) if isinstance(widths, dict) else None
            if isinstance(width, int | float) and 0 < width < 10_000:
                yield "width", f"{column}:{round(width)}"


def _groups(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    keys = _group_keys(fields)
    if keys and all(keys):
        yield "group", "fields"
        yield from (("by", key) for key in keys)


def _group_keys(fields: Mapping[str, Any]) -> list[str]:
    """Return the fields that runs are grouped by; an empty text stands for one that Runs cannot group by."""
    held = fields.get("groupBy")
    if isinstance(held, str):
        # Older releases: `param.average.seed`.
        mode, _, rest = held.partition(".")
        pairs: list[tuple[object, object]] = [(mode, rest.partition(".")[2])] if held else []
    else:
        keys = _list(held, "groupByKeys") if isinstance(held, dict) else []
        pairs = [(each.get("mode"), each.get("groupByData")) for each in keys if isinstance(each, dict)]
    return [f"{mode}s.{name}" if mode in {"param", "tag"} and name else "" for mode, name in pairs]


def _left_out(fields: Mapping[str, Any]) -> Iterator[str]:
    if _list(fields, "compareRunCharts"):
        yield "charts"
    if fields.get("startTime") not in {None, "", "ALL"}:
        yield "the period of time"
    if fields.get("modelVersionFilter") not in {None, "", "All Runs"}:
        yield "the filter by model versions"
    if _list(fields, "datasetsFilter") and not any("dataset.name" in text for _, text in _filter(fields)):
        yield "the filter by datasets"
    if _sort(fields) is None:
        yield "the sort order"
    if not all(_group_keys(fields)):
        yield "the grouping"


def _column(key: str) -> str | None:
    """Return MLflow's name of a column, such as `params.`batch size``, as Runs writes it; None for an attribute."""
    found = _KEY.fullmatch(key)
    return f"{found[1]}.{found[2]}" if found else None


def _list(fields: Mapping[str, Any], key: str) -> list[Any]:
    held = fields.get(key)
    return held if isinstance(held, list) else []

"""The colours of runs in a chart: their own, or those of a variable's values."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from dashboard.charts.colors import PALETTE, QUIET
from dashboard.charts.compare import Line
from dashboard.charts.contrast import between
from dashboard.charts.figures import literal
from dashboard.charts.scales import MISSING, MISSING_WORD, Scale, scale_of
from trainer.comparison import Variable
from trainer.format import cut, one_line

__all__ = ["Coloring", "coloring"]

_LOW, _HIGH = PALETTE[:2]
_OTHERS = "other values"
_LONGEST = 24


class Coloring(NamedTuple):
    """The colour `#rrggbb` of each run, and the traces that explain them in the chart."""

    colors: tuple[str, ...]
    key: tuple[dict[str, Any], ...] = ()

    @property
    def has_legend(self) -> bool:
        """Whether the explanation is a legend, as opposed to a bar or nothing."""
        return any(trace.get("showlegend") for trace in self.key)


def coloring(lines: Sequence[Line], variable: Variable | None, *, steps: int | None = None) -> Coloring:
    """Return the colours of runs.

    Args:
        lines: how each run is drawn elsewhere.
        variable: what the colours show, with a value for each of `lines`; by default each run has its own colour.
        steps: the number of steps from the lowest to the highest number; by default every number has its own colour.
    """
    if variable is None:
        return Coloring(tuple(line.color for line in lines))
    return _of_texts(variable) if variable.numbers is None else _of_numbers(scale_of(variable), steps)


def _of_numbers(scale: Scale, steps: int | None) -> Coloring:
    shares = [float(place) if steps is None else round(float(place) * steps) / steps for place in scale.places]
    colors = tuple(
        QUIET if place == MISSING else between(_LOW, _HIGH, share)
        for place, share in zip(scale.places, shares, strict=True)
    )
    ticks = [(place, words) for place, words in scale.ticks if place != MISSING]
    bar = {
        "title": {"text": literal(cut(one_line(scale.name), _LONGEST)), "side": "right"},
        "tickvals": [place for place, _ in ticks],
        "ticktext": [literal(words) for _, words in ticks],
        "thickness": 10,
        "outlinewidth": 0,
    }
    marker = {"color": [0, 1], "cmin": 0, "cmax": 1, "colorscale": [[0, _LOW], [1, _HIGH]], "colorbar": bar}
    shown = {"mode": "markers", "marker": marker | {"showscale": True}, "showlegend": False, "hoverinfo": "skip"}
    return Coloring(colors, ({"type": "scatter", "x": [None], "y": [None], **shown},))


def _of_texts(variable: Variable) -> Coloring:
    """Give the most frequent values a colour each; the others share the quiet one."""
    known = Counter(text for text in variable.texts if text is not None)
    named = [text for text, _ in known.most_common(len(PALETTE))]
    color = {text: PALETTE[place] for place, text in enumerate(sorted(named))}
    entries = [(cut(one_line(text), _LONGEST) or "“”", color[text]) for text in sorted(named)]
    rest = [*([_OTHERS] if len(known) > len(named) else []), *([MISSING_WORD] if None in variable.texts else [])]
    if rest:
        entries.append((" or ".join(rest), QUIET))
    key = tuple(_entry(words, each) for words, each in entries)
    return Coloring(tuple(color.get(text, QUIET) if text is not None else QUIET for text in variable.texts), key)


def _entry(words: str, color: str) -> dict[str, Any]:
    return {
        "type": "scatter", "x": [None], "y": [None], "mode": "markers", "marker": {"color": color, "size": 9},
        "name": literal(words), "showlegend": True, "hoverinfo": "skip",
    }  # fmt: skip

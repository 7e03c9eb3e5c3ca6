"""Colours between two colours, and the ink that is readable on them."""

__all__ = ["between", "contrast", "ink_on"]

_BLACK, _WHITE = "#000000", "#ffffff"


def between(low: str, high: str, share: float) -> str:
    """The colour `#rrggbb` at `share` (0 to 1) of the way from `low` to `high`, as Plotly's colour scales mix it."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(_channels(low), _channels(high), strict=True)
    )


def ink_on(color: str) -> str:
    """Black or white, whichever is easier to read on `color`; the contrast is 4.5 or more on every colour."""
    return max((_BLACK, _WHITE), key=lambda ink: contrast(ink, color))


def contrast(one: str, other: str) -> float:
    """The contrast of two colours, 1 to 21, as WCAG 2.2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _channels(color: str) -> list[int]:
    return [int(color[start : start + 2], 16) for start in (1, 3, 5)]


def _luminance(color: str) -> float:
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in _channels(color))
    ]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))

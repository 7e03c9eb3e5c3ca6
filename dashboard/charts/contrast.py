"""Mixtures of two colours, and the text colour that is legible on them."""

__all__ = ["between", "contrast", "ink_on"]

_BLACK, _WHITE = "#000000", "#ffffff"


def between(low: str, high: str, share: float) -> str:
    """Return the colour `#rrggbb` at `share` (0 to 1) between `low` and `high`, as Plotly's colour scales mix it."""
    return "#" + "".join(
        f"{round(a + (b - a) * share):02x}" for a, b in zip(_channels(low), _channels(high), strict=True)
    )


def ink_on(color: str) -> str:
    """Return black or white, whichever is more legible on `color`; the contrast is 4.5 or more on every colour."""
    return max((_BLACK, _WHITE), key=lambda ink: contrast(ink, color))


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21, by WCAG 2.2 (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""
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

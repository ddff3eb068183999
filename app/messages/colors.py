"""A shop's one colour, made legible wherever a mail uses it (WCAG contrast). Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

AA = 4.5
#: What has a shape rather than letters needs no more (WCAG 1.4.11).
SHAPE = 3.0
WHITE, BLACK, NIGHT = "#ffffff", "#000000", "#232527"
#: A panel on the dark card; what reads on it reads on the card.
PANEL = "#2d3032"
_HEX = re.compile(r"#[0-9a-fA-F]{6}")
FALLBACK = "#1f5199"


@dataclass(frozen=True)
class Palette:
    """`brand` fills buttons and `on_brand` is the text on them; `link` reads on white and
    `link_dark` on the dark card and its panels; `edge_dark` shows where a button ends on it."""

    brand: str
    on_brand: str
    link: str
    link_dark: str
    edge_dark: str


@lru_cache(maxsize=256)
def palette(color: str) -> Palette:
    """The colours of a mail from the shop's one; what is no colour counts as ours."""
    brand = color.lower() if _HEX.fullmatch(color or "") else FALLBACK
    # One of the two always reads; a softer black would not on a middle green.
    on_brand = WHITE if contrast(WHITE, brand) >= AA else BLACK
    return Palette(
        brand=brand,
        on_brand=on_brand,
        link=toward(brand, BLACK, WHITE),
        link_dark=toward(brand, WHITE, PANEL),
        edge_dark=toward(brand, WHITE, NIGHT, least=SHAPE),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours, 1 to 21."""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def toward(color: str, pole: str, background: str, *, least: float = AA) -> str:
    """`color`, moved toward `pole` until it has that contrast on `background`."""
    for step in range(21):
        mixed = _mix(color, pole, step / 20)
        if contrast(mixed, background) >= least:
            return mixed
    return pole


def _mix(one: str, other: str, share: float) -> str:
    pairs = zip(_channels(one), _channels(other), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


@lru_cache(maxsize=256)
def _luminance(color: str) -> float:
    red, green, blue = (_linear(channel / 255) for channel in _channels(color))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(value: float) -> float:
    return value / 12.92 if value <= 0.03928 else float(((value + 0.055) / 1.055) ** 2.4)


def _channels(color: str) -> tuple[int, int, int]:
    return int(color[1:3], 16), int(color[3:5], 16), int(color[5:7], 16)

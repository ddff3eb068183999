"""Pure decisions of the public pages: a readable colour, and Liquid that does nothing."""

from __future__ import annotations


def inert_liquid(html: str) -> str:
    """HTML in which a theme's Liquid finds nothing to run: every brace becomes an entity, which
    browsers show as a brace, in text and in attributes alike. Our pages have no inline script or
    style, the only places where that would not hold."""
    return html.replace("{", "&#123;").replace("}", "&#125;")


def chapter(count: int, days: int) -> int:
    """Which of `count` chapters (from 0) is read so many days after the parcel left: one a day, and
    the last one from then on."""
    return max(0, min(days, count - 1))


def luminance(colour: str) -> float:
    """Relative luminance of `rrggbb`, 0–1 (WCAG 2.2)."""
    channels = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    red, green, blue = (
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1–21 (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def readable_on(colour: str) -> str:
    """White or black, whichever reads better on `colour`; one of them always reaches AA."""
    return max(("ffffff", "000000"), key=lambda ink: contrast(ink, colour))


def icon(colour: str) -> str:
    """A parcel on a ground of `rrggbb`, as SVG."""
    ink = readable_on(colour)
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="#{colour.lower()}"/>'
        f'<path d="M7 12 16 7l9 5v9l-9 5-9-5zM7 12l9 5 9-5M16 17v9" fill="none" stroke="#{ink}" '
        'stroke-width="2" stroke-linejoin="round"/></svg>\n'
    )


#: Letters a shop may choose: what every telephone and computer brings along, so nothing is loaded.
FONTS = {
    "gothic": 'system-ui,-apple-system,"Hiragino Sans","Noto Sans CJK JP","Noto Sans JP",'
    '"Yu Gothic",Meiryo,sans-serif',
    "mincho": '"Hiragino Mincho ProN","Yu Mincho",YuMincho,"Noto Serif CJK JP","Noto Serif JP",'
    "Georgia,serif",
    "rounded": 'ui-rounded,"Hiragino Maru Gothic ProN","M PLUS Rounded 1c","Zen Maru Gothic",'
    '"BIZ UDPGothic",Meiryo,sans-serif',
}


def look_sheet(colour: str, font: str) -> str:
    """The style sheet that carries one shop's colour and letters."""
    return (
        f":root{{--brand:#{colour.lower()};--on-brand:#{readable_on(colour)};"
        f"--font:{FONTS[font]}}}\n"
    )

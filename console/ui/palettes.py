"""The colours of each theme, by the names of the styles: of the 256 colours, so that where there are more it looks the
same. All can be read: 4.5 to 1 at least against their backgrounds, 7 to 1 with high contrast.
"""

from collections.abc import Mapping
from typing import NamedTuple


class Palette(NamedTuple):
    """``cursor`` is the background of the line under the cursor; without one that line is reversed, as one bar."""

    colours: Mapping[str, str]
    background: str
    cursor: str = ""


DARK = Palette(
    {
        "": "#d0d0d0",
        "strong": "#ffffff",
        "muted": "#949494",
        "faint": "#585858",
        "good": "#87af87",
        "warn": "#d7af5f",
        "bad": "#ff8787",
        "accent": "#87afd7",
    },
    background="#121212",
    cursor="#303030",
)
LIGHT = Palette(
    {
        "": "#303030",
        "strong": "#000000",
        "muted": "#626262",
        "faint": "#b2b2b2",
        "good": "#005f00",
        "warn": "#875f00",
        "bad": "#af0000",
        "accent": "#005faf",
    },
    background="#ffffff",
    cursor="#d7ffff",
)
CONTRAST = Palette(
    {
        "": "#ffffff",
        "strong": "#ffffff",
        "muted": "#d0d0d0",
        "faint": "#949494",
        "good": "#5fff5f",
        "warn": "#ffff5f",
        "bad": "#ff8787",
        "accent": "#5fd7ff",
    },
    background="#000000",
)
# The terminal's own sixteen: bright ones only where they must stand out. Its backgrounds, whatever they are.
TERMINAL = Palette(
    {
        "": "default",
        "strong": "default",
        "muted": "default",
        "faint": "bright_black",
        "good": "green",
        "warn": "yellow",
        "bad": "red",
        "accent": "cyan",
    },
    background="",
)
PALETTES: Mapping[str, Palette] = {"dark": DARK, "light": LIGHT, "contrast": CONTRAST, "terminal": TERMINAL}

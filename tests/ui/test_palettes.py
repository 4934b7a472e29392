"""Every theme can be read, and can be changed while one looks."""

import pytest
from rich.color import Color, ColorSystem

from console.settings.keys import THEMES
from console.ui.palettes import PALETTES, TERMINAL
from tests.ui.desk import Desk
from tests.ui.user import LARGE, using

OWN = {name: palette for name, palette in PALETTES.items() if palette is not TERMINAL}
WORDS = ("", "strong", "muted", "good", "warn", "bad", "accent")


def luminance(colour: str) -> float:
    """Relative luminance, WCAG 2.2."""
    parts = (part / 255 for part in Color.parse(colour).get_truecolor())
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """The ratio of WCAG 2.2: 4.5 is asked of text, 7 of text for those who see less."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def cells(colour: str) -> tuple[str, str]:
    """The colour where there are millions, and where there are 256."""
    return colour, Color.parse(colour).downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex


@pytest.mark.parametrize(("name", "least"), [("dark", 4.5), ("light", 4.5), ("contrast", 7.0)])
@pytest.mark.parametrize("word", WORDS)
def test_text_stands_out_from_its_background_and_from_the_cursors(name: str, least: float, word: str) -> None:
    palette = OWN[name]
    under = palette.cursor if word != "muted" else ""  # quiet text is plain there
    for ground in filter(None, (palette.background, under)):
        for written, paper in zip(cells(palette.colours[word]), cells(ground), strict=True):
            assert contrast(written, paper) >= least, (written, paper)


def test_all_themes_name_the_same_styles() -> None:
    assert {frozenset(palette.colours) for palette in PALETTES.values()} == {frozenset(PALETTES["dark"].colours)}


async def test_the_theme_changes_while_one_looks() -> None:
    async with using(Desk(), LARGE) as user:
        await user.presses("2")
        await user.types(":theme light")
        await user.presses("enter")
        await user.sees("the light theme, for this run")
        assert user.app.looks.style("").color == Color.parse(OWN["light"].colours[""])
        await user.types(":theme")
        await user.presses("enter")
        await user.sees("the contrast theme")
        await user.types(":theme mauve")
        await user.presses("enter")
        await user.sees("there is no 'mauve', but dark, light, contrast, terminal")
        assert user.app.palette == "contrast"


def test_the_themes_that_can_be_configured_are_those_that_there_are() -> None:
    assert set(THEMES) == set(PALETTES)

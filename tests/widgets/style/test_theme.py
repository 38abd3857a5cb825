import re
from dataclasses import fields

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

import resources
from widgets.style import theme


def contrast(one, other):
    """Contrast ratio of two colours (WCAG 2.1, relative luminance)."""
    light, dark = sorted((luminance(QColor(one)), luminance(QColor(other))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def luminance(colour):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour.getRgbF()[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("palette", theme.THEMES.values(), ids=theme.THEMES)
@pytest.mark.parametrize("background", ["card", "window", "raised"])
def test_text_can_be_read_on_every_ground(palette, background):
    assert contrast(palette.text, getattr(palette, background)) >= 7
    assert contrast(palette.quiet, getattr(palette, background)) >= 4.5
    assert contrast(palette.on_accent, palette.accent) >= 7


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_style_sheet_leaves_no_name_unfilled_and_finds_its_icons(name):
    sheet = theme.style_sheet(theme.named(name))
    assert "$" not in sheet
    for path in re.findall(r"url\(([^)]*)\)", sheet):
        assert resources.path(f"icons/{path.rsplit('/', 1)[1]}").exists()


def test_the_style_sheet_is_the_only_one_and_holds_no_colour_of_its_own():
    template = resources.path("themes/lab.qss").read_text(encoding="utf-8")
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b", template) == []


@pytest.mark.parametrize("name", theme.THEMES)
def test_the_palette_has_the_colours_of_the_theme(qapp, name):
    theme.apply(theme.named(name))
    assert theme.current() is theme.named(name)
    assert QApplication.palette().color(QPalette.ColorRole.Base) == QColor(theme.named(name).card)
    theme.apply(theme.DARK)


def test_every_colour_of_a_theme_is_one():
    for palette in theme.THEMES.values():
        assert all(QColor(getattr(palette, field.name)).isValid() for field in fields(palette) if field.name != "name")


def test_an_unknown_theme_is_named_with_what_there_is():
    with pytest.raises(ValueError, match="dark, light"):
        theme.named("neon")

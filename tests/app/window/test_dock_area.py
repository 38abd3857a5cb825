import pytest
from PySide6.QtWidgets import QComboBox

from widgets.shell.card import TitleRow
from widgets.style.catalogue import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_in_the_default_layout_names_in_title_rows_are_whole(window, qtbot, language):
    for size in ((1280, 800), (1440, 900), (2560, 1440)):
        window.resize(*size)
        window.appearance.choose_language(language)
        window.docks.reset()
        qtbot.wait(50)
        combos = [combo for combo in window.findChildren(QComboBox) if isinstance(combo.parentWidget(), TitleRow)]
        shown = [combo for combo in combos if combo.isVisible() and not window.docks.is_hidden(combo)]
        assert shown
        assert [combo.accessibleName() for combo in shown if combo.width() < combo.sizeHint().width()] == []
        menus = [row for row in window.findChildren(TitleRow) if row.isVisible() and row._more.isVisible()]
        assert [row for row in menus if not window.docks.is_hidden(row)] == []

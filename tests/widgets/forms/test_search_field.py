from PySide6.QtCore import Qt

from widgets.forms.search_field import SearchField


def test_escape_clears_the_field_and_then_its_focus(qtbot):
    field = SearchField(width=160)
    qtbot.addWidget(field)
    field.show()
    field.setFocus()
    qtbot.keyClicks(field, "mirror")
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert (field.text(), field.focusWidget()) == ("", field)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert field.focusWidget() is None

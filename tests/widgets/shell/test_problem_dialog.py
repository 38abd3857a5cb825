import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QPushButton

from widgets.shell.problem_dialog import ProblemDialog


@pytest.fixture
def dialog(qtbot):
    dialog = ProblemDialog()
    qtbot.addWidget(dialog)
    return dialog


def button(dialog, text):
    return next(found for found in dialog.findChildren(QPushButton) if found.text() == text)


def test_nothing_can_be_copied_before_it_is_gathered(dialog):
    assert not button(dialog, "Copy").isEnabled()
    dialog.show_report("all of it")
    assert button(dialog, "Copy").isEnabled()


def test_what_is_shown_is_what_is_copied_and_saved(dialog, tmp_path):
    dialog.show_report("all of it\nà la lettre")
    button(dialog, "Copy").click()
    assert QGuiApplication.clipboard().text() == "all of it\nà la lettre" == dialog.text.toPlainText()
    assert dialog.save(tmp_path / "report.txt")
    assert (tmp_path / "report.txt").read_text(encoding="utf-8") == "all of it\nà la lettre"


def test_an_unwritable_file_is_reported(dialog, tmp_path):
    dialog.show_report("all of it")
    assert not dialog.save(tmp_path / "nowhere" / "report.txt")
    assert "choose another folder" in dialog._status.text()

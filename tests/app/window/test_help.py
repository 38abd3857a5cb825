from PySide6.QtWidgets import QWidget

from app.session.session import Session
from app.window.help import Help
from widgets.shell.problem_dialog import ProblemDialog


def test_report_a_problem_shows_the_report(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    session = Session(tmp_path / "runs")
    (tmp_path / "palimpsest.log").write_text("a line of the log")
    Help(session, tmp_path, window).report()
    dialog = window.findChild(ProblemDialog)
    qtbot.waitUntil(lambda: "a line of the log" in dialog.text.toPlainText(), timeout=20_000)
    assert "Qt platform: offscreen" in dialog.text.toPlainText()
    dialog.close()
    session.close()
    session.deleteLater()


def test_a_dialog_can_be_closed_before_the_report_is_ready(qtbot, tmp_path):
    window = QWidget()
    qtbot.addWidget(window)
    session = Session(tmp_path / "runs")
    Help(session, tmp_path, window).report()
    window.findChild(ProblemDialog).close()
    qtbot.wait(500)
    session.close()
    session.deleteLater()

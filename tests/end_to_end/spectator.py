"""Open the window as `python -m app` does, and write its visible state, with screen positions, to a JSON file.

    python spectator.py FILE [ARGUMENTS OF THE WINDOW ...]

It only observes: all input comes from other processes.
"""

import json
import sys
from pathlib import Path

from PySide6.QtCore import QPoint, QTimer
from PySide6.QtWidgets import QAbstractButton, QApplication

from app.process import application
from app.window import connections
from app.window.main_window import MainWindow
from widgets.tasks.task_rows import ROW_ROLE


class StateWriter(QTimer):
    def __init__(self, window, state_file):
        super().__init__(window, interval=100)
        self.window, self.state_file = window, state_file
        self.timeout.connect(self.write_state)
        self.start()

    def write_state(self):
        draft = self.state_file.with_suffix(".draft")
        draft.write_text(json.dumps(self.read_state()))
        draft.replace(self.state_file)  # atomic: a reader never finds an incomplete file

    def read_state(self):
        session = self.window.session
        canvas = self.window.docks.panel("curriculum").canvas
        blocks = canvas.layout_shown.main
        return {
            "has the keyboard": self.window.isActiveWindow(),
            "state": session.state,
            "step": session.story.step if session.story else 0,
            "stages": [stage.task for stage in session.curriculum.stages],
            "tasks": self.tasks(),
            "clips": [global_position(canvas, canvas.layout_shown.rect(block).center().toPoint()) for block in blocks],
            "end of the track": global_position(canvas, QPoint(canvas.width() - 60, canvas.height() // 3)),
            "menu": menu(),
            "question": question(),
        }

    def tasks(self):
        view = self.window.docks.panel("tasks").tasks
        indices = [view.model().index(row, 0) for row in range(view.model().rowCount())]
        rows = [(index, index.data(ROW_ROLE)) for index in indices]
        return {
            row.spec.key: global_position(view.viewport(), view.visualRect(index).center())
            for index, row in rows
            if row
        }


def menu():
    popup = QApplication.activePopupWidget()
    actions = popup.actions() if popup else ()
    return {action.text(): global_position(popup, popup.actionGeometry(action).center()) for action in actions}


def question():
    dialog = QApplication.activeModalWidget()
    buttons = dialog.findChildren(QAbstractButton) if dialog else ()
    return {button.text().replace("&", ""): global_position(button, button.rect().center()) for button in buttons}


def global_position(widget, point):
    return widget.mapToGlobal(point).toTuple()


class ObservedWindow(MainWindow):
    def __init__(self, *parts):
        super().__init__(*parts)
        StateWriter(self, Path(sys.argv[1]))


if __name__ == "__main__":
    connections.MainWindow = ObservedWindow
    sys.exit(application.main(sys.argv[2:]))

"""Opens the lab as `python -m app` does, and keeps writing down what can be seen of it, and where on the screen.

    python spectator.py FILE [ARGUMENTS OF THE WINDOW ...]

It only looks: whatever is done to the lab comes from outside.
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


class Spectator(QTimer):
    def __init__(self, window, told):
        super().__init__(window, interval=100)
        self.window, self.told = window, told
        self.timeout.connect(self.tell)
        self.start()

    def tell(self):
        draft = self.told.with_suffix(".draft")
        draft.write_text(json.dumps(self.seen()))
        draft.replace(self.told)  # whoever reads never finds half a file

    def seen(self):
        session = self.window.session
        canvas = self.window.docks.panel("curriculum").canvas
        blocks = canvas.layout_shown.main
        return {
            "has the keyboard": self.window.isActiveWindow(),
            "state": session.state,
            "step": session.story.step if session.story else 0,
            "stages": [stage.task for stage in session.curriculum.stages],
            "tasks": self.tasks(),
            "clips": [spot(canvas, canvas.layout_shown.rect(block).center().toPoint()) for block in blocks],
            "end of the track": spot(canvas, QPoint(canvas.width() - 60, canvas.height() // 3)),
            "menu": menu(),
            "question": question(),
        }

    def tasks(self):
        view = self.window.docks.panel("tasks").tasks
        places = [view.model().index(row, 0) for row in range(view.model().rowCount())]
        rows = [(place, place.data(ROW_ROLE)) for place in places]
        return {row.spec.key: spot(view.viewport(), view.visualRect(place).center()) for place, row in rows if row}


def menu():
    popup = QApplication.activePopupWidget()
    actions = popup.actions() if popup else ()
    return {action.text(): spot(popup, popup.actionGeometry(action).center()) for action in actions}


def question():
    asked = QApplication.activeModalWidget()
    buttons = asked.findChildren(QAbstractButton) if asked else ()
    return {button.text().replace("&", ""): spot(button, button.rect().center()) for button in buttons}


def spot(widget, point):
    return widget.mapToGlobal(point).toTuple()


class SeenWindow(MainWindow):
    def __init__(self, *parts):
        super().__init__(*parts)
        Spectator(self, Path(sys.argv[1]))


if __name__ == "__main__":
    connections.MainWindow = SeenWindow
    sys.exit(application.main(sys.argv[2:]))

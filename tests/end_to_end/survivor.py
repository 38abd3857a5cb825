"""Open the window offscreen, use it from Python, and print its visible state as lines of JSON.

`survivor.py edit FILE` opens a curriculum, edits it, starts it and runs until it is killed.
`survivor.py return` opens the window without a file, prints what it restores, and presses "Go on".
"""

import json
import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.diagnostics.log_file import LogFile
from app.process.application import create_window, parse
from app.window.settings import Settings


class ScriptedUser:
    def __init__(self, mode, arguments):
        self.mode, self.notices = mode, []
        self.log = LogFile()
        options = parse(arguments)
        self.window = create_window(options, Settings(), self.log)
        self.session = self.window.session
        self.session.noticed.connect(self.notices.append)
        self.window.show()
        self.is_edited = self.has_resumed = False
        self.timer = QTimer(interval=50)
        self.timer.timeout.connect(getattr(self, mode))
        self.timer.start()

    def edit(self):
        if not self.is_edited:
            self.is_edited = True
            self.session.curriculum.rename("Edited")
            self.session.start()
        self.print_state(step=self.session.story.step if self.session.story else 0)

    def return_(self):
        bar = self.window.offer_bar
        if not self.has_resumed:
            if bar.isVisible():
                self.has_resumed = True
                self.print_state(
                    offer=bar.text.text(), title=self.session.curriculum.title, dirty=self.window.documents.is_dirty
                )
                next(iter(bar._choices)).click()
        elif self.session.state == "running":
            story = self.session.story
            self.print_state(
                run=self.session.folder.name, step=story.step, resumed=[event.exact for event in story.resumed]
            )

    def print_state(self, **state):
        print(json.dumps(state), flush=True)


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication(sys.argv[:1])
    user = ScriptedUser({"return": "return_"}.get(sys.argv[1], sys.argv[1]), sys.argv[2:])
    application.exec()

"""Opens the lab without a screen, uses it by its own parts, and tells in lines of JSON what a person would see.

`survivor.py edit FILE` opens a curriculum, edits it, starts it and goes on until it is killed.
`survivor.py return` opens the lab as if by hand, tells what it brings back, and presses "Go on".
"""

import json
import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.diagnostics.log_file import LogFile
from app.process.application import prepare, read
from app.window.settings import Settings


class Survivor:
    def __init__(self, mode, words):
        self.mode, self.notices = mode, []
        self.log = LogFile()
        asked = read(words)
        self.window = prepare(asked, Settings(), self.log)
        self.session = self.window.session
        self.session.noticed.connect(self.notices.append)
        self.window.show()
        self.is_edited = self.has_gone_on = False
        self.clock = QTimer(interval=50)
        self.clock.timeout.connect(getattr(self, mode))
        self.clock.start()

    def edit(self):
        if not self.is_edited:
            self.is_edited = True
            self.session.curriculum.rename("Edited")
            self.session.start()
        self.tell(step=self.session.story.step if self.session.story else 0)

    def return_(self):
        bar = self.window.offer_bar
        if not self.has_gone_on:
            if bar.isVisible():
                self.has_gone_on = True
                self.tell(
                    offer=bar.text.text(), title=self.session.curriculum.title, dirty=self.window.documents.is_dirty
                )
                next(iter(bar._choices)).click()
        elif self.session.state == "running":
            story = self.session.story
            self.tell(run=self.session.folder.name, step=story.step, resumed=[event.exact for event in story.resumed])

    def tell(self, **seen):
        print(json.dumps(seen), flush=True)


if __name__ == "__main__":
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    application = QApplication(sys.argv[:1])
    survivor = Survivor({"return": "return_"}.get(sys.argv[1], sys.argv[1]), sys.argv[2:])
    application.exec()

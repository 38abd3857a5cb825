"""Offer to restore unsaved edits, after a crash or when a run replaced them."""

from __future__ import annotations

from PySide6.QtCore import QObject

from agents.config.config_file import load
from agents.errors import BadInput
from app.window.documents import Documents
from widgets.shell.notice_bar import NoticeBar
from widgets.style.translation import tr


class DraftOffers(QObject):
    """Offers to restore drafts that no window owns; declined drafts are kept."""

    def __init__(self, documents: Documents, bar: NoticeBar) -> None:
        super().__init__(bar)
        self._documents, self._bar = documents, bar
        documents.left_behind.connect(self._offer)
        bar.answered.connect(self._answer)

    def _offer(self) -> None:
        names = []
        for path in self._documents.drafts.abandoned():
            try:
                names.append(load(path).name)
            except BadInput:
                names.append(path.name)
        text = tr("There are unsaved edits of {names}.", names=tr(", ").join(f"‘{name}’" for name in names))
        self._bar.offer(text, {"back": tr("Restore them"), "": tr("Not now")})

    def _answer(self, key: str) -> None:
        if key == "back":
            self._documents.restore_draft()

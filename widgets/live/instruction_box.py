"""Where a person tells the watched agent what to do, and reads what became of it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.events import Frame
from envs.requests import NotUnderstood
from widgets.live.instruction_field import InstructionField
from widgets.live.instruction_text import instruction_text
from widgets.style.panel_style import quiet_label
from widgets.style.text_metrics import prompt
from widgets.style.translation import language, tr


class InstructionBox(QWidget):
    """A field, and under it a line about the last instruction, or why it was not understood.

    It is here only where the watched world can check instructions, or the agent gives itself some.

    Signals:
        told: str, what the agent shall do.
        writing: bool, somebody begins to write, or has ended.
    """

    told = Signal(str)
    writing = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._beside: Frame | None = None
        self._sent, self._outcome = "", ""
        """What was told last, and how the last instruction of a person went, while the agent gives itself others."""
        self._refusal: NotUnderstood | None = None
        self.field, self.note = InstructionField(), quiet_label(wraps=True)
        self.field.told.connect(self._send)
        self.field.dropped.connect(self._forgive)
        self.field.entered.connect(self._begin)
        self.field.left.connect(self._end)
        self.field.textEdited.connect(self._forgive)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.field)
        layout.addWidget(self.note)
        self.hide()
        self._tell()

    def begin(self) -> bool:
        """Put the cursor into the field; return whether there is something to say here."""
        if self.isHidden():
            return False
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def show_frame(self, frame: Frame) -> None:
        """Offer what can be said at this instant, and tell how the last instruction goes."""
        before, self._frame = self._frame, frame
        self._outcome = _outcome(before, frame) or (self._outcome if _goes_on(before, frame) else "")
        if before is None or (before.requests, before.instruction) != (frame.requests, frame.instruction):
            self._tell()

    def show_beside(self, frame: Frame | None) -> None:
        """Tell how the agent of now does beside the one of then; None: it is alone."""
        before, self._beside = self._beside, frame
        if (before and before.instruction) != (frame and frame.instruction):
            self._tell()

    def refuse(self, refusal: NotUnderstood) -> None:
        """Say what was not understood, and give it back to be written otherwise."""
        self._refusal = refusal
        self._tell()
        if not self.field.text():
            self.field.setText(self._sent)
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()

    def retranslate(self) -> None:
        """Write every text again."""
        meaning = tr(
            "It reads this in its goal's place until it is done, then goes back to its goal; training never sees it"
        )
        prompt(self.field, tr("Tell the agent what to do…"), meaning)
        self.field.setAccessibleName(tr("Tell the agent what to do…"))
        self._tell()

    def _send(self, text: str) -> None:
        self._sent = text
        self._forgive()
        self.told.emit(text)

    def _begin(self) -> None:
        self.writing.emit(True)

    def _end(self) -> None:
        self.writing.emit(False)

    def _forgive(self) -> None:
        if self._refusal is not None:
            self._refusal = None
            self._tell()

    def _tell(self) -> None:
        refusal, frame = self._refusal, self._frame
        said = "" if frame is None else "\n".join(filter(None, (self._outcome, instruction_text(frame, self._beside))))
        if refusal is not None:
            said = tr(refusal.reason, **refusal.arguments)
        self.note.setText(said)
        self.note.setVisible(bool(said))
        requests = () if frame is None else frame.requests
        # what is so at this instant may not be so when it is told: the agent moves on meanwhile
        self.field.offer([request.translated(language()) for request in requests])
        self.field.setVisible(bool(requests))
        self.setVisible(bool(requests or said))


def _outcome(before: Frame | None, now: Frame) -> str:
    """Return how it went with a person's instruction, in the instant in which the agent gives itself the next one."""
    was, told = None if before is None else before.instruction, now.instruction
    if before is None or was is None or told is None or (was.writer, told.writer) != ("person", "agent"):
        return ""
    return instruction_text(before)


def _goes_on(before: Frame | None, now: Frame) -> bool:
    """Whether the agent still gives itself instructions in the same episode."""
    told = now.instruction
    return before is not None and before.episode == now.episode and told is not None and told.writer == "agent"

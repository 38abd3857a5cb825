"""The box with which the user gives the watched agent an instruction and sees its outcome."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from agents.events import Frame
from envs.requests import NotUnderstood
from widgets.live.instruction_field import InstructionField
from widgets.live.instruction_text import instruction_text
from widgets.style.panel_style import quiet_label
from widgets.style.text_metrics import set_placeholder
from widgets.style.translation import language, tr


class InstructionBox(QWidget):
    """A field for instructions, and a line with the status of the last one, or why it was not understood.

    It is visible only if the watched environment can check instructions, or the agent writes its own.

    Signals:
        instructed: str, the instruction.
        writing: bool, the user starts to write (True) or has finished (False).
    """

    instructed = Signal(str)
    writing = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frame: Frame | None = None
        self._compared: Frame | None = None
        self._sent, self._outcome = "", ""
        """The last instruction, and the status of the user's last instruction once the agent writes its own."""
        self._refusal: NotUnderstood | None = None
        self.field, self.note = InstructionField(), quiet_label(wraps=True)
        self.field.submitted.connect(self._send)
        self.field.cancelled.connect(self._clear_refusal)
        self.field.entered.connect(self._begin)
        self.field.left.connect(self._end)
        self.field.textEdited.connect(self._clear_refusal)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.field)
        layout.addWidget(self.note)
        self.hide()
        self._update()

    def focus_field(self) -> bool:
        """Set the focus to the field; return False if the box is hidden."""
        if self.isHidden():
            return False
        self.field.setFocus(Qt.FocusReason.ShortcutFocusReason)
        return True

    def show_frame(self, frame: Frame) -> None:
        """Suggest the instructions that are possible in this frame, and show the status of the last one."""
        before, self._frame = self._frame, frame
        self._outcome = _outcome(before, frame) or (self._outcome if _still_writes(before, frame) else "")
        if before is None or (before.requests, before.instruction) != (frame.requests, frame.instruction):
            self._update()

    def show_compared(self, frame: Frame | None) -> None:
        """Also show the status of the newest agent; None: only one agent is watched."""
        before, self._compared = self._compared, frame
        if (before and before.instruction) != (frame and frame.instruction):
            self._update()

    def refuse(self, refusal: NotUnderstood) -> None:
        """Show why an instruction was not understood, and put it back into the field for correction."""
        self._refusal = refusal
        self._update()
        if not self.field.text():
            self.field.setText(self._sent)
            self.field.setFocus(Qt.FocusReason.OtherFocusReason)
            self.field.selectAll()

    def retranslate(self) -> None:
        """Set every text again, in the current language."""
        meaning = tr(
            "It reads this in its goal's place until it is done, then goes back to its goal; training never sees it"
        )
        set_placeholder(self.field, tr("Tell the agent what to do…"), meaning)
        self.field.setAccessibleName(tr("Tell the agent what to do…"))
        self._update()

    def _send(self, text: str) -> None:
        self._sent = text
        self._clear_refusal()
        self.instructed.emit(text)

    def _begin(self) -> None:
        self.writing.emit(True)

    def _end(self) -> None:
        self.writing.emit(False)

    def _clear_refusal(self) -> None:
        if self._refusal is not None:
            self._refusal = None
            self._update()

    def _update(self) -> None:
        refusal, frame = self._refusal, self._frame
        text = (
            "" if frame is None else "\n".join(filter(None, (self._outcome, instruction_text(frame, self._compared))))
        )
        if refusal is not None:
            text = tr(refusal.reason, **refusal.arguments)
        self.note.setText(text)
        self.note.setVisible(bool(text))
        requests = () if frame is None else frame.requests
        # also those that are fulfilled in this frame: the agent moves on until the instruction is sent
        self.field.offer([request.translated(language()) for request in requests])
        self.field.setVisible(bool(requests))
        self.setVisible(bool(requests or text))


def _outcome(before: Frame | None, now: Frame) -> str:
    """Return the final status of the user's instruction in the frame in which the agent writes the next one."""
    previous, current = None if before is None else before.instruction, now.instruction
    if before is None or previous is None or current is None:
        return ""
    if (previous.writer, current.writer) != ("person", "agent"):
        return ""
    return instruction_text(before)


def _still_writes(before: Frame | None, now: Frame) -> bool:
    """Return whether the agent still writes its own instructions in the same episode."""
    status = now.instruction
    return before is not None and before.episode == now.episode and status is not None and status.writer == "agent"

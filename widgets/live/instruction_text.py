"""One line of text about an instruction and its status."""

from __future__ import annotations

from collections.abc import Sequence

from agents.events import Frame, InstructionStatus
from envs.requests import Request
from widgets.style.panel_style import BREAK
from widgets.style.translation import language, tr


def instruction_text(frame: Frame, compared: Frame | None = None) -> str:
    """Return the instruction of a frame and its status, for both agents if two are compared; empty without one."""
    status, other = frame.instruction, None if compared is None else compared.instruction
    if status is None:
        return ""
    instruction = _instruction(status, frame.requests)
    if other is None or other.text != status.text:
        return instruction + BREAK + _progress(status)
    then, now = tr("then: {progress}", progress=_progress(status)), tr("now: {progress}", progress=_progress(other))
    return BREAK.join((instruction, then, now))


def _instruction(status: InstructionStatus, requests: Sequence[Request]) -> str:
    text = next((request.translated(language()) for request in requests if request.text == status.text), status.text)
    if status.writer == "agent":
        return tr("The agent's own instruction: “{instruction}”", instruction=text)
    return tr("Your instruction: “{instruction}”", instruction=text)


def _progress(status: InstructionStatus) -> str:
    if status.fulfilled is None:
        return tr("step {step}", step=status.steps)
    if not status.fulfilled:
        return tr("given up after {steps} steps", steps=status.steps)
    if status.steps == 0:
        return tr("✓ it was so already")
    return tr("✓ done after {steps} steps", steps=status.steps) if status.steps > 1 else tr("✓ done after one step")

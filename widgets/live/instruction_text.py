"""What the watched agent was told, and how it went, in a line."""

from __future__ import annotations

from collections.abc import Sequence

from agents.events import Frame, InstructionStatus
from envs.requests import Request
from widgets.style.panel_style import BREAK
from widgets.style.translation import language, tr


def instruction_text(frame: Frame, beside: Frame | None = None) -> str:
    """Return what it was told and how far it is with it; of two agents, how each is doing. Nothing if none was told."""
    told, other = frame.instruction, None if beside is None else beside.instruction
    if told is None:
        return ""
    said = _opening(told, frame.requests)
    if other is None or other.text != told.text:
        return said + BREAK + _progress(told)
    then, now = tr("then: {progress}", progress=_progress(told)), tr("now: {progress}", progress=_progress(other))
    return BREAK.join((said, then, now))


def _opening(told: InstructionStatus, requests: Sequence[Request]) -> str:
    said = next((request.translated(language()) for request in requests if request.text == told.text), told.text)
    if told.writer == "agent":
        return tr("It told itself “{instruction}”", instruction=said)
    return tr("You said “{instruction}”", instruction=said)


def _progress(told: InstructionStatus) -> str:
    if told.fulfilled is None:
        return tr("step {step}", step=told.steps)
    if not told.fulfilled:
        return tr("given up after {steps} steps", steps=told.steps)
    if told.steps == 0:
        return tr("✓ it was so already")
    return tr("✓ done after {steps} steps", steps=told.steps) if told.steps > 1 else tr("✓ done after one step")

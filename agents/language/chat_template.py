"""Fill in a pretrained model's chat template, independent of the current date."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from transformers.utils import chat_template_utils

_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_DAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


class ChatTemplate:
    """Puts a sentence as what a user says. Templates that write today's date are told `today`, an ISO date.

    Raises ValueError, in one line, if the template cannot be filled in.
    """

    def __init__(self, tokeniser: Any, today: str) -> None:
        self._known = {"tools": None, "documents": None, "add_generation_prompt": True, **tokeniser.special_tokens_map}
        try:
            # not by `apply_chat_template`: what is passed to that is made plain data, and a function then is its name
            self._template: Any = chat_template_utils._compile_jinja_template.__wrapped__(tokeniser.get_chat_template())
        except Exception as error:  # a template is anybody's, and may raise whatever comes to it
            raise _unfilled(error) from error
        self._today = date.fromisoformat(today)
        self.fingerprint = self._known_again()
        """What tells this template from others, and the day that it writes, if it writes one."""

    def filled(self, text: str) -> str:
        """Return the chat in which a user said `text`, up to where the answer begins."""
        try:
            written: str = self._template.render(messages=[{"role": "user", "content": text}], **self._known)
        except Exception as error:  # as above
            raise _unfilled(error) from error
        return written

    def _known_again(self) -> str:
        self._tell(date(1999, 12, 31))
        other = self.filled("probe")
        self._tell(self._today)
        written = self.filled("probe")
        is_dated = other != written
        return sha256(written.encode()).hexdigest()[:12] + (f", written on {self._today}" if is_dated else "")

    def _tell(self, today: date) -> None:
        self._template.globals["strftime_now"] = _written(today)


def _written(day: date) -> Callable[[str], str]:
    """Return what writes `day` in English, whatever the process's locale is, at midnight."""
    month, weekday = _MONTHS[day.month - 1], _DAYS[day.weekday()]
    names = {"%B": month, "%b": month[:3], "%h": month[:3], "%A": weekday, "%a": weekday[:3], "%p": "AM"}

    def write(form: str) -> str:
        for code, name in names.items():
            form = form.replace(code, name)
        return datetime(day.year, day.month, day.day).strftime(form)

    return write


def _unfilled(error: Exception) -> ValueError:
    said = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return ValueError(f"model.chat: the chat template cannot be filled in ({said}); set model.chat = 'off'")

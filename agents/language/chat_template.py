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
    """Formats a sentence as a user's turn. Templates that write the current date get `today`, an ISO date, instead.

    Raises ValueError, in one line, if the template cannot be filled in.
    """

    def __init__(self, tokeniser: Any, today: str) -> None:
        self._variables = {
            "tools": None,
            "documents": None,
            "add_generation_prompt": True,
            **tokeniser.special_tokens_map,
        }
        try:
            # not by `apply_chat_template`: it converts its arguments to plain data, and `strftime_now` is a function
            self._template: Any = chat_template_utils._compile_jinja_template.__wrapped__(tokeniser.get_chat_template())
        except Exception as error:  # a template is third-party code, and may raise anything
            raise _unfilled(error) from error
        self._today = date.fromisoformat(today)
        self.fingerprint = self._fingerprint()
        """Hash of the filled-in template, and the date that it writes, if it writes one."""

    def filled(self, text: str) -> str:
        """Return the chat with `text` as the user's turn, up to the start of the answer."""
        try:
            written: str = self._template.render(messages=[{"role": "user", "content": text}], **self._variables)
        except Exception as error:  # as above
            raise _unfilled(error) from error
        return written

    def _fingerprint(self) -> str:
        # filled in for two dates: the template is dated if the results differ
        self._set_date(date(1999, 12, 31))
        dated_otherwise = self.filled("probe")
        self._set_date(self._today)
        written = self.filled("probe")
        is_dated = dated_otherwise != written
        return sha256(written.encode()).hexdigest()[:12] + (f", written on {self._today}" if is_dated else "")

    def _set_date(self, today: date) -> None:
        self._template.globals["strftime_now"] = _strftime_in_english(today)


def _strftime_in_english(day: date) -> Callable[[str], str]:
    """Return a `strftime_now` that formats midnight of `day` in English, independent of the process's locale."""
    month, weekday = _MONTHS[day.month - 1], _DAYS[day.weekday()]
    names = {"%B": month, "%b": month[:3], "%h": month[:3], "%A": weekday, "%a": weekday[:3], "%p": "AM"}

    def write(form: str) -> str:
        for code, name in names.items():
            form = form.replace(code, name)
        return datetime(day.year, day.month, day.day).strftime(form)

    return write


def _unfilled(error: Exception) -> ValueError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
    return ValueError(f"model.chat: the chat template cannot be filled in ({reason}); set model.chat = 'off'")

"""Messages for invalid settings, translated where the message is known."""

from __future__ import annotations

from pydantic import ValidationError

from agents.config.compatibility import incompatibility_in
from agents.config.error_text import explain
from widgets.style.translation import tr


def validation_error_text(error: ValidationError) -> str:
    """Return a validation error as one translated line: the setting, what is wrong with it, and the remedy."""
    incompatibility = incompatibility_in(error)
    return explain(error) if incompatibility is None else tr(incompatibility.reason, **incompatibility.arguments)

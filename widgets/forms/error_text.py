"""What is wrong with a setting, in the language of the interface where that is known."""

from __future__ import annotations

from pydantic import ValidationError

from agents.config.compatibility import incompatibility_in
from agents.config.error_text import explain
from widgets.style.translation import tr


def fault_words(error: ValidationError) -> str:
    """Return one line for what pydantic found: the setting, what is wrong with it, and the remedy."""
    odd = incompatibility_in(error)
    return explain(error) if odd is None else tr(odd.reason, **odd.arguments)

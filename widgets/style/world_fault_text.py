"""Error messages of external environments, embedded in a translated sentence that names the environment."""

from __future__ import annotations

import re

from widgets.style.translation import tr

_RAISED = re.compile(r"(?P<world>\S+): (?P<call>\w+) raised (?P<words>.+)", re.DOTALL)
"""The format of `envs.external.checked_env.raised`."""
_RAISED_HERE = re.compile(r"world (?P<index>\d+) raised (?P<words>.+)", re.DOTALL)
"""The format of `agents.errors.WorldFault`."""


def world_fault_text(message: str) -> str:
    """Translate the message of an environment's fault; the environment's own text in it stays as it is."""
    if match := _RAISED.fullmatch(message):
        return tr("{world}: {call} raised {words}", **match.groupdict())
    if match := _RAISED_HERE.fullmatch(message):
        return tr("world {index} raised {words}", **match.groupdict())
    return message


def refusal_text(gym_id: str, message: str) -> str:
    """Return why an environment cannot be used; the findings of its check are in English."""
    text = world_fault_text(message)
    if text is not message:
        return text
    return tr("{world}: {reason}", world=gym_id, reason=message.removeprefix(f"{gym_id}: "))


def unknown_world_text(gym_id: str, message: str) -> str:
    """Return that Gymnasium does not know an id, with Gymnasium's own message."""
    return tr("Gymnasium does not know {world}. It says: {words}", world=gym_id, words=message)

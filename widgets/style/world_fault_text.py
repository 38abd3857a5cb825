"""Words of other people's worlds, in a sentence that names the world and says whose words they are."""

from __future__ import annotations

import re

from widgets.style.translation import tr

_RAISED = re.compile(r"(?P<world>\S+): (?P<call>\w+) raised (?P<words>.+)", re.DOTALL)
"""As `envs.external.checked_env.raised` says it."""
_RAISED_HERE = re.compile(r"world (?P<index>\d+) raised (?P<words>.+)", re.DOTALL)
"""As `agents.errors.WorldFault` says it."""


def world_words(said: str) -> str:
    """Return what is told of a fault, the world's own words in a sentence in the language of the interface."""
    if found := _RAISED.fullmatch(said):
        return tr("{world}: {call} raised {words}", **found.groupdict())
    if found := _RAISED_HERE.fullmatch(said):
        return tr("world {index} raised {words}", **found.groupdict())
    return said


def refusal_words(gym_id: str, said: str) -> str:
    """Return why nobody can live in a world; what the lab found out about it is told in English."""
    found = world_words(said)
    if found is not said:
        return found
    return tr("{world}: {reason}", world=gym_id, reason=said.removeprefix(f"{gym_id}: "))


def unknown_words(gym_id: str, said: str) -> str:
    """Return that Gymnasium does not know an id, and what it says of that itself."""
    return tr("Gymnasium does not know {world}. It says: {words}", world=gym_id, words=said)

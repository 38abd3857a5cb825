"""`python -m envs.external.trial` makes a Gymnasium world, lives one step in it, and says why where it can't.

Reads one line of JSON, the arguments of `gymnasium.register`; writes one: the reason, or nothing. Whoever asks can end
the process where a world hangs, prints, exits or takes all memory; if nobody does, it ends itself.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import gymnasium as gym

from envs.external.checked_env import ExternalEnvFault
from envs.task import Task

LIFE = 120
"""Seconds after which the process ends by itself: nobody waits for it any more."""


def main() -> int:
    """Try the world that is described on stdin."""
    if hasattr(signal, "alarm"):  # not on Windows
        signal.alarm(LIFE)
    described = json.loads(sys.stdin.readline())
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the world prints is no answer
    answers.write(json.dumps(refusal(described)) + "\n")
    answers.flush()
    return 0


def refusal(described: dict[str, object]) -> str:
    """Return why nobody can live in the world that `gymnasium.register` would be told of so; empty if one can."""
    gym_id = str(described["id"])
    try:
        if gym_id not in gym.registry:
            gym.register(**described)  # type: ignore[arg-type]
        world = Task(key=f"gym:{gym_id}").make()
        world.reset(seed=0)
        world.step(0)
        world.close()
    except ExternalEnvFault as error:
        return str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - worlds are anybody's code
        said = f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        return said if gym_id in said else f"{gym_id}: {said}"
    return ""


if __name__ == "__main__":
    # at once: a world may have left a thread or an exit handler that hangs
    code = main()
    sys.stderr.flush()
    os._exit(code)

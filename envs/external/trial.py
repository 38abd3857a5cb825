"""`python -m envs.external.trial` makes a Gymnasium environment, takes one step in it, and reports why it can't.

Reads one line of JSON, the arguments of `gymnasium.register`, and writes one: the reason, or an empty string. It runs
in a process of its own because an environment may hang, print, exit or take all memory; the parent can then kill it.
"""

from __future__ import annotations

import json
import os
import signal
import sys

import gymnasium as gym

from envs.external.checked_env import ExternalEnvFault
from envs.task import Task

TIME_LIMIT = 120
"""Seconds after which the process ends itself; its parent has stopped waiting by then."""


def main() -> int:
    """Try out the environment described on stdin."""
    if hasattr(signal, "alarm"):  # not on Windows
        signal.alarm(TIME_LIMIT)
    arguments = json.loads(sys.stdin.readline())
    output = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the environment prints must not mix with the result
    output.write(json.dumps(find_problem(arguments)) + "\n")
    output.flush()
    return 0


def find_problem(arguments: dict[str, object]) -> str:
    """Return why the lab can't use the environment with these arguments of `gymnasium.register`; empty if it can."""
    gym_id = str(arguments["id"])
    try:
        if gym_id not in gym.registry:
            gym.register(**arguments)  # type: ignore[arg-type]
        world = Task(key=f"gym:{gym_id}").make()
        world.reset(seed=0)
        world.step(0)
        world.close()
    except ExternalEnvFault as error:
        return str(error)
    except (Exception, SystemExit) as error:  # noqa: BLE001 - an environment is third-party code and may raise anything
        text = f"{error}" if isinstance(error, ValueError) else f"{type(error).__name__}: {error}"
        return text if gym_id in text else f"{gym_id}: {text}"
    return ""


if __name__ == "__main__":
    # without cleaning up: the environment may have left a thread or an exit handler that hangs
    code = main()
    sys.stderr.flush()
    os._exit(code)

"""The agent that a run begins with, where it is the trained agent of a file."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from agents.agent import Agent
from agents.errors import BadInput
from agents.events import Event, RunStarted
from agents.policies.language import LanguagePolicy
from agents.sharing.agent_file import ABOUT, WEIGHTS, Provenance, SharedAgent, read
from agents.store.run import INITIAL_FILES, Run

_KEPT_AS: Mapping[str, str] = dict(zip((ABOUT, WEIGHTS), INITIAL_FILES, strict=True))


def files_of(agent: SharedAgent | None) -> dict[str, bytes]:
    """Return the files of an agent, by the names under which a run that begins with it keeps them."""
    return {} if agent is None else {_KEPT_AS[file]: content for file, content in agent.files.items()}


def stored(run: Run) -> SharedAgent | None:
    """Return the agent that a run was begun from, if it was. Raises `BadInput` if it is damaged."""
    try:
        files = run.initial_files()
    except OSError as error:
        raise BadInput(f"run {run.id}: the agent it began with cannot be read ({error.strerror})") from error
    if not files:
        return None
    about, weights = (files.get(name, b"") for name in INITIAL_FILES)
    return read(about, weights, f"run {run.id}")


def introduced(events: Generator[Event], agent: SharedAgent | None) -> Generator[Event]:
    """Return a run's events, in which `RunStarted` names the run and the step that its initial agent comes from."""
    return events if agent is None else _introduced(events, agent.about.provenance)


def _introduced(events: Generator[Event], made: Provenance) -> Generator[Event]:
    with closing(events):
        for event in events:
            if isinstance(event, RunStarted):
                event = replace(event, agent={**event.agent, "from": {"run": made.run, "step": made.step}})
            yield event


def take_over(agent: Agent, shared: SharedAgent) -> None:
    """Give an agent that has not lived yet the weights and words of one that has; the tasks it met stay met."""
    fresh = agent.policy
    if not isinstance(fresh, LanguagePolicy):
        raise ValueError("model.name: the agent of a file is a transformer; leave algorithm and model to one, too")
    description: dict[str, Any] = shared.about.agent.model_dump()
    policy = LanguagePolicy.from_description({**description, "action_sets": {}})
    policy.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in shared.arrays.items()})
    policy.model.learn_words(fresh.model.words)
    for task_id, phrases in fresh.action_sets.items():
        policy.add_task(task_id, phrases, ())
    agent.policy = policy.to(agent.device)
    agent.learner.policy = agent.policy
    # an agent that was taught before needs the burst of exploration that only a first stage does without
    agent.learner.begin_stage(1)

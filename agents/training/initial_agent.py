"""Start a run from the trained agent of a file."""

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

_STORED_NAMES: Mapping[str, str] = dict(zip((ABOUT, WEIGHTS), INITIAL_FILES, strict=True))


def files_of(agent: SharedAgent | None) -> dict[str, bytes]:
    """Return the files of an agent, by the names under which a run that starts from it stores them."""
    return {} if agent is None else {_STORED_NAMES[file]: content for file, content in agent.files.items()}


def stored(run: Run) -> SharedAgent | None:
    """Return the agent that a run was started from; None if untrained. Raises `BadInput` if it is damaged."""
    try:
        files = run.initial_files()
    except OSError as error:
        raise BadInput(f"run {run.id}: the agent it started from cannot be read ({error.strerror})") from error
    if not files:
        return None
    about, weights = (files.get(name, b"") for name in INITIAL_FILES)
    return read(about, weights, f"run {run.id}")


def with_provenance(events: Generator[Event], agent: SharedAgent | None) -> Generator[Event]:
    """Return a run's events, with the source run and step of its initial agent added to `RunStarted`."""
    return events if agent is None else _with_provenance(events, agent.about.provenance)


def _with_provenance(events: Generator[Event], source: Provenance) -> Generator[Event]:
    with closing(events):
        for event in events:
            if isinstance(event, RunStarted):
                event = replace(event, agent={**event.agent, "from": {"run": source.run, "step": source.step}})
            yield event


def load_shared(agent: Agent, shared: SharedAgent) -> None:
    """Load the weights and vocabulary of a shared agent into a new one, which keeps its tasks. Raises ValueError."""
    fresh = agent.policy
    if not isinstance(fresh, LanguagePolicy):
        raise ValueError("model.name: the agent of a file is a transformer; choose an algorithm and model that fit one")
    description: dict[str, Any] = shared.about.agent.model_dump()
    policy = LanguagePolicy.from_description({**description, "action_sets": {}})
    policy.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in shared.arrays.items()})
    policy.model.learn_words(fresh.model.words)
    for task_id, phrases in fresh.action_sets.items():
        policy.add_task(task_id, phrases, ())
    agent.policy = policy.to(agent.device)
    agent.learner.policy = agent.policy
    # a trained agent needs the burst of exploration that only a run's first stage skips
    agent.learner.begin_stage(1)

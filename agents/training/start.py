"""Start a run with a new agent, or with a stored one."""

from __future__ import annotations

from collections.abc import Collection, Generator, Mapping
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from agents.agent import Agent
from agents.config import RunConfig
from agents.config.compatibility import misfit
from agents.errors import BadInput
from agents.events import Event, RunStarted
from agents.policies.language import LanguagePolicy
from agents.sharing.agent_file import ABOUT, WEIGHTS, SharedAgent, read
from agents.store.run import BORN, Run
from agents.store.run_store import RunStore
from agents.training import context_check, stage_teachers
from agents.training.trainer import Trainer

OTHER_AGENT = "begin with an agent of a longer context, or with none"
"""What helps where sentences are too long for the agent of a file."""
_KEPT_AS: Mapping[str, str] = dict(zip((ABOUT, WEIGHTS), BORN, strict=True))


@dataclass(frozen=True, slots=True)
class Beginning:
    """A run that is ready to be lived: iterate `events`."""

    run: Run
    trainer: Trainer
    events: Generator[Event]


def begin(
    store: RunStore,
    config: RunConfig,
    agent: SharedAgent | None = None,
    name: str | None = None,
    without: Collection[str] = (),
) -> Beginning:
    """Make a new run of this curriculum, lived by `agent` if there is one. Raises `BadInput` if it can't be lived.

    The worlds of the Gymnasium ids `without` are left out, and their stages set aside: they hang.

    The size of the model is then the agent's. Its files are kept with the run, so that going
    on or forking from the very first step finds the same agent.
    """
    fitting = config if agent is None else config.model_copy(update={"model": agent.about.agent.model.config})
    if (odd := misfit(fitting)) is not None:  # settings and stages may have come from two places
        raise BadInput(str(odd))
    try:
        trainer = Trainer(fitting, without=without)  # first: a curriculum that can't be lived leaves no run behind
        if agent is not None:
            take_over(trainer.state.agent, agent)
        stage_teachers.check(trainer.state, fitting.stages)
        context_check.check(trainer.state, fitting.stages, given="" if agent is None else OTHER_AGENT)
    except ValueError as error:
        raise BadInput(str(error)) from error
    files = {} if agent is None else agent.files
    run = store.create(fitting, name, born={_KEPT_AS[file]: content for file, content in files.items()})
    trainer.store_in(run)
    return Beginning(run, trainer, run.record(introduced(trainer.run(), run)))


def kept(run: Run) -> SharedAgent | None:
    """Return the agent that a run was begun from, if it was. Raises `BadInput` if it is damaged."""
    try:
        files = run.born()
    except OSError as error:
        raise BadInput(f"run {run.id}: the agent it began with cannot be read ({error.strerror})") from error
    if not files:
        return None
    about, weights = (files.get(name, b"") for name in BORN)
    return read(about, weights, f"run {run.id}")


def introduced(events: Generator[Event], run: Run) -> Generator[Event]:
    """Pass a run's events on; where it starts, say also which agent it starts from."""
    with closing(events):
        for event in events:
            agent = kept(run) if isinstance(event, RunStarted) else None
            if isinstance(event, RunStarted) and agent is not None:
                made = agent.about.made
                event = replace(event, agent={**event.agent, "from": {"run": made.run, "step": made.step}})
            yield event


def take_over(agent: Agent, shared: SharedAgent) -> None:
    """Give an agent that has not lived yet the weights and words of one that has; the tasks it met stay met."""
    fresh = agent.policy
    if not isinstance(fresh, LanguagePolicy):
        raise ValueError("model.name: the agent of a file is a transformer; leave algorithm and model to one, too")
    description: dict[str, Any] = shared.about.agent.model_dump()
    policy = LanguagePolicy.from_description({**description, "menus": {}})
    policy.load_state_dict({name: torch.from_numpy(np.array(array)) for name, array in shared.arrays.items()})
    policy.model.learn_words(fresh.model.words)
    for column, phrases in fresh.menus.items():
        policy.meet(column, phrases, ())
    agent.policy = policy.to(agent.device)
    agent.learner.policy = agent.policy
    # an agent that was taught before needs the burst of exploration that only a first stage does without
    agent.learner.begin_stage(1)

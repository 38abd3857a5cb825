"""Deep Q-network (Mnih et al., 2015) on vectors: step, store the transition, learn from sampled ones."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import torch
from pydantic import Field
from torch import Tensor, nn

from agents.algorithms.td_targets import huber, surprises, targets
from agents.config.algorithms import DQNConfig
from agents.optimiser import FlatAdam, clip
from agents.replay.n_step import NStep
from agents.replay.transitions import buffer
from agents.replay.uniform import Draw, Numbers
from agents.state_tree import State


class AloneDQNConfig(DQNConfig):
    """A deep Q-network that reads numbers, on its own: with a step size, and defaults that suit a single world."""

    rate: float = Field(1e-3, gt=0)
    """Step size of Adam."""
    minibatch: int = Field(64, ge=1)
    """Steps per gradient step."""
    capacity: int = Field(50_000, ge=1)
    """Steps that are kept; the newest replaces the oldest."""
    every: int = Field(4, ge=1)
    """Steps lived between two times of learning."""
    updates: int = Field(2, ge=1)
    """Gradient steps each time."""
    refresh: int = Field(250, ge=1)
    """Gradient steps after which the target network is copied anew."""
    clip_gradient: float = Field(10.0, gt=0)
    """Largest norm of a gradient."""


class DQN:
    """Learns what each action is worth in what it sees. `network` turns (B, D) observations into (B, A) values."""

    def __init__(self, network: nn.Module, width: int, actions: int, config: AloneDQNConfig, seed: int) -> None:
        chance, draws = np.random.SeedSequence(seed).spawn(2)
        self.network, self.config, self._actions = network, config, actions
        self.target = deepcopy(network).requires_grad_(False)
        self.optimiser = FlatAdam(network)
        self.buffer = buffer(config, width, np.random.default_rng(draws))
        self.progress = 0.0
        """Part of its time that the learner has behind it."""
        self._generator = np.random.default_rng(chance)
        self._leaps = NStep(config.steps, config.gamma)
        self._lived = 0

    @property
    def epsilon(self) -> float:
        """How often an action is tried at random now."""
        config = self.config
        return config.epsilon + min(self.progress / config.decay, 1.0) * (config.final_epsilon - config.epsilon)

    def act(self, observation: Numbers) -> int:
        """Choose the best action, or now and then any."""
        if self._lived < self.config.warmup or self._generator.random() < self.epsilon:
            return int(self._generator.integers(self._actions))
        return self.greedy(observation)

    def greedy(self, observation: Numbers) -> int:
        """Return the action of greatest value."""
        with torch.inference_mode():
            return int(self.network(torch.from_numpy(observation)[None]).argmax())

    def live(
        self, lived: tuple[Numbers, int, float], next_observation: Numbers, *, terminated: bool, over: bool
    ) -> int:
        """Keep a step (observation, action, reward), and learn when it is time; return the gradient steps taken."""
        for leap in self._leaps.add(lived, next_observation, terminated=terminated, over=over):
            self.buffer.write(leap.observation, leap.action, leap.reward, leap.next_observation, leap.discount)
        self._lived += 1
        if self._lived < self.config.warmup or self._lived % self.config.every or not len(self.buffer):
            return 0
        for _ in range(self.config.updates):
            self.learn()
        return self.config.updates

    def learn(self) -> float:
        """Take one gradient step on steps drawn from the buffer; return the loss."""
        beta = self.config.beta + self.progress * (1 - self.config.beta)
        drawn = self.buffer.draw(self.config.minibatch, beta)
        loss, surprise = self.loss(drawn)
        self.optimiser.zero()
        loss.backward()
        clip([self.optimiser.gradient], self.config.clip_gradient, "the step size, rate")
        self.optimiser.step(self.config.rate)
        self.buffer.learned(drawn.rows, surprise.detach().numpy())
        if self.optimiser.steps % self.config.refresh == 0:
            self.target.load_state_dict(self.network.state_dict())
        return loss.item()

    def loss(self, drawn: Draw) -> tuple[Tensor, Tensor]:
        """Return the error of the values on `drawn`, and how much each step surprised."""
        steps = drawn.steps
        with torch.no_grad():
            judged = self.target(steps.next_observations)
            following = self.network(steps.next_observations) if self.config.double else judged
            goals = targets(following, judged, steps)
        surprise = surprises(self.network(steps.observations), goals, steps.actions)
        return huber(surprise, drawn.weights), surprise

    def state(self) -> State:
        """Return all that decides what is done and learned next; episodes begin anew."""
        first, second = ({name: pair[i] for name, pair in self.optimiser.moments().items()} for i in (0, 1))
        return {
            "network": _copied(self.network),
            "target": _copied(self.target),
            "first": {name: moment.clone() for name, moment in first.items()},
            "second": {name: moment.clone() for name, moment in second.items()},
            "steps": self.optimiser.steps,
            "buffer": self.buffer.state(),
            "lived": self._lived,
            "progress": self.progress,
            "chance": self._generator.bit_generator.state,
        }

    def restore(self, state: State) -> None:
        """Continue where `state` was taken."""
        self.network.load_state_dict(state["network"])
        self.target.load_state_dict(state["target"])
        moments = {name: (first, state["second"][name]) for name, first in state["first"].items()}
        self.optimiser.restore(moments, state["steps"])
        self.buffer.restore(state["buffer"])
        self._lived, self.progress = state["lived"], state["progress"]
        self._generator.bit_generator.state = state["chance"]
        self._leaps = NStep(self.config.steps, self.config.gamma)


def _copied(module: nn.Module) -> dict[str, Tensor]:
    return {name: weight.detach().clone() for name, weight in module.state_dict().items()}

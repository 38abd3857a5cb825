"""A tabular policy: one Q-value for each sentence and action, as the model of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import Categorical

from agents.config.agent import TableConfig
from agents.language import Prompts
from agents.policies import AgentPolicy, Observations

UNMET = -1
"""The row of a sentence that has none yet: every action is thought to be worth 0 there."""


class TablePolicy(AgentPolicy):
    """Takes an action of greatest worth; equally good ones are equally likely, so an empty table acts at random.

    Each task has a table of its own: the same sentence may offer other actions elsewhere.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tables = nn.ParameterDict()
        """(sentences, actions) by column; not trained by gradients."""
        self.action_sets: dict[int, tuple[str, ...]] = {}
        self._rows: dict[int, dict[str, int]] = {}
        self._device = nn.Buffer(torch.empty(0), persistent=False)

    @classmethod
    def create(cls, config: TableConfig, generator: torch.Generator) -> Self:
        """Return an empty one; nothing is drawn."""
        return cls()

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Get to know a task's actions."""
        self.action_sets[task_id] = tuple(actions)
        self._rows[task_id] = {}
        self._write(task_id, torch.empty(0, len(actions), device=self._device.device))

    def rows(self, task_id: int, texts: Sequence[str]) -> list[int]:
        """Return the row of each sentence; one that was never met gets a new one."""
        known = self._rows[task_id]
        before = len(known)
        for text in texts:
            known.setdefault(text, len(known))
        if len(known) > before:
            table = self.tables[str(task_id)].detach()
            self._write(task_id, torch.cat([table, table.new_zeros(len(known) - before, table.shape[1])]))
        return [known[text] for text in texts]

    def numbers(self, task_id: int) -> NDArray[np.float64]:
        """Return a copy of a task's table, to be learned in."""
        return np.array(self.tables[str(task_id)].cpu().numpy(), dtype=np.float64)

    def note(self, task_id: int, numbers: NDArray[np.float64]) -> None:
        """Write a task's table down as it is now."""
        with torch.no_grad():
            self.tables[str(task_id)].copy_(torch.from_numpy(numbers))

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Look sentences up; one that was never met gets no row by being looked at."""
        pairs = zip(texts, task_ids, strict=True)
        found = [self._rows[task_id].get(text, UNMET) for text, task_id in pairs]
        device = self._device.device
        prompts = Prompts(
            torch.tensor(found, dtype=torch.long, device=device)[:, None],
            torch.ones(len(found), dtype=torch.long, device=device),
        )
        every = torch.arange(len(found), device=device)
        return Observations(prompts, every, torch.tensor(task_ids, dtype=torch.long, device=device))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution over each decision's own actions, and what the best of them is worth (B,)."""
        rows = observations.prompts.tokens[observations.rows, 0]
        widest = max(len(action_set) for action_set in self.action_sets.values())
        barred = torch.finfo(torch.float32).min
        logits = torch.full((len(rows), widest), barred, device=rows.device)
        values = torch.zeros(len(rows), device=rows.device)
        for task_id in observations.task_ids.unique().tolist():
            own = (observations.task_ids == task_id).nonzero().squeeze(1)
            worth = self._worth(task_id, rows[own])
            best = worth.max(1, keepdim=True).values
            logits[own, : worth.shape[1]] = torch.where(worth == best, 0.0, barred)
            values[own] = best.squeeze(1).float()
        return Categorical(logits=logits, validate_args=False), values

    def description(self) -> dict[str, Any]:
        """Return, as JSON data, all but the numbers."""
        return {
            "kind": "table",
            "action_sets": {str(task_id): list(phrases) for task_id, phrases in self.action_sets.items()},
            "sentences": {str(task_id): list(rows) for task_id, rows in self._rows.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the table that `description` tells of; its numbers are to be loaded next."""
        policy = cls()
        for task_id, phrases in description["action_sets"].items():
            policy.add_task(int(task_id), phrases, ())
            policy.rows(int(task_id), description["sentences"][task_id])
        return policy

    def _worth(self, task_id: int, rows: Tensor) -> Tensor:
        table = self.tables[str(task_id)]
        padded = torch.cat([table, table.new_zeros(1, table.shape[1])])  # UNMET, -1, is the last row
        return padded[rows]

    def _write(self, task_id: int, numbers: Tensor) -> None:
        self.tables[str(task_id)] = nn.Parameter(numbers, requires_grad=False)

"""A tabular policy: one Q-value for each sentence and action, as the model of a run.

Shapes: B decisions, S sentences of a task with A actions.
"""

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

UNKNOWN = -1
"""Row of a sentence that is not in the table: all its Q-values are 0."""


class TablePolicy(AgentPolicy):
    """The greedy policy of a Q-table; ties are equally likely, so that an empty table acts at random.

    Each task has a table of its own, since its actions differ.
    """

    def __init__(self) -> None:
        super().__init__()
        self.tables = nn.ParameterDict()
        """Q-values (S, A) by task id; not trained by gradients."""
        self.action_sets: dict[int, tuple[str, ...]] = {}
        self._rows: dict[int, dict[str, int]] = {}
        self._device = nn.Buffer(torch.empty(0), persistent=False)

    @classmethod
    def create(cls, config: TableConfig, generator: torch.Generator) -> Self:
        """Return an empty table; `generator` is not used."""
        return cls()

    def add_task(self, task_id: int, actions: Sequence[str], words: Sequence[str]) -> None:
        """Register a task with an empty table."""
        self.action_sets[task_id] = tuple(actions)
        self._rows[task_id] = {}
        self._replace(task_id, torch.empty(0, len(actions), device=self._device.device))

    def rows(self, task_id: int, texts: Sequence[str]) -> list[int]:
        """Return the row of each sentence, appending one of zeros for each new sentence."""
        rows = self._rows[task_id]
        before = len(rows)
        for text in texts:
            rows.setdefault(text, len(rows))
        if len(rows) > before:
            table = self.tables[str(task_id)].detach()
            self._replace(task_id, torch.cat([table, table.new_zeros(len(rows) - before, table.shape[1])]))
        return [rows[text] for text in texts]

    def q_values(self, task_id: int) -> NDArray[np.float64]:
        """Return a copy of a task's table, (S, A) in float64."""
        return np.array(self.tables[str(task_id)].cpu().numpy(), dtype=np.float64)

    def write(self, task_id: int, q_values: NDArray[np.float64]) -> None:
        """Overwrite a task's table with `q_values`, (S, A)."""
        with torch.no_grad():
            self.tables[str(task_id)].copy_(torch.from_numpy(q_values))

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Look up the row of each sentence; unknown sentences are not added."""
        pairs = zip(texts, task_ids, strict=True)
        rows = [self._rows[task_id].get(text, UNKNOWN) for text, task_id in pairs]
        device = self._device.device
        prompts = Prompts(
            torch.tensor(rows, dtype=torch.long, device=device)[:, None],
            torch.ones(len(rows), dtype=torch.long, device=device),
        )
        indices = torch.arange(len(rows), device=device)
        return Observations(prompts, indices, torch.tensor(task_ids, dtype=torch.long, device=device))

    def forward(self, observations: Observations) -> tuple[Categorical, Tensor]:
        """Return a distribution with logits (B, A), uniform over the best actions, and their Q-values (B,)."""
        rows = observations.prompts.tokens[observations.rows, 0]
        longest = max(len(action_set) for action_set in self.action_sets.values())
        masked = torch.finfo(torch.float32).min
        logits = torch.full((len(rows), longest), masked, device=rows.device)
        values = torch.zeros(len(rows), device=rows.device)
        for task_id in observations.task_ids.unique().tolist():
            own = (observations.task_ids == task_id).nonzero().squeeze(1)
            action_values = self._action_values(task_id, rows[own])
            best = action_values.max(1, keepdim=True).values
            logits[own, : action_values.shape[1]] = torch.where(action_values == best, 0.0, masked)
            values[own] = best.squeeze(1).float()
        return Categorical(logits=logits, validate_args=False), values

    def description(self) -> dict[str, Any]:
        """Return everything but the Q-values, as JSON data."""
        return {
            "kind": "table",
            "action_sets": {str(task_id): list(phrases) for task_id, phrases in self.action_sets.items()},
            "sentences": {str(task_id): list(rows) for task_id, rows in self._rows.items()},
        }

    @classmethod
    def from_description(cls, description: Mapping[str, Any]) -> Self:
        """Rebuild the table of a `description`; its Q-values are loaded afterwards."""
        policy = cls()
        for task_id, phrases in description["action_sets"].items():
            policy.add_task(int(task_id), phrases, ())
            policy.rows(int(task_id), description["sentences"][task_id])
        return policy

    def _action_values(self, task_id: int, rows: Tensor) -> Tensor:
        table = self.tables[str(task_id)]
        padded = torch.cat([table, table.new_zeros(1, table.shape[1])])  # index -1, UNKNOWN, is the row of zeros
        return padded[rows]

    def _replace(self, task_id: int, q_values: Tensor) -> None:
        self.tables[str(task_id)] = nn.Parameter(q_values, requires_grad=False)

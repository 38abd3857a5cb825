"""A reference agent that computes every formula without optimisation.

It must find the same numbers, sooner.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from agents.language import Prompts
from agents.language.reference_transformer import read_plainly
from agents.language.transformer import Transformer
from agents.policies import Observations
from agents.policies.language import LanguagePolicy


class PlainTransformer(Transformer):
    """A transformer without any short cut."""

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at each prompt's last token."""
        return read_plainly(self, prompts)


class RepeatingPolicy(LanguagePolicy):
    """Computes every decision's sentence anew, even if it was just read."""

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Prepare sentences, one a decision."""
        self.model.share = False
        prompts = self.model.encode(texts)
        rows = torch.arange(len(texts), device=prompts.tokens.device)
        return Observations(prompts, rows, torch.tensor(task_ids, device=rows.device))

"""A transformer and a policy without optimisations; the optimised ones must give the same numbers faster."""

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
    """A transformer that computes every token of every prompt in every layer."""

    def read(self, prompts: Prompts) -> Tensor:
        """Return the hidden state (B, D) at the last token of each of B prompts."""
        return read_plainly(self, prompts)


class RepeatingPolicy(LanguagePolicy):
    """A policy that computes the sentence of every decision, even if sentences are equal."""

    def encode(self, texts: Sequence[str], task_ids: Sequence[int]) -> Observations:
        """Tokenise B sentences into B prompts, without merging equal ones."""
        self.model.share = False
        prompts = self.model.encode(texts)
        rows = torch.arange(len(texts), device=prompts.tokens.device)
        return Observations(prompts, rows, torch.tensor(task_ids, device=rows.device))

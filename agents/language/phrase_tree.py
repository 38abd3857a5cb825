"""A prefix tree of action phrases, so that tokens which phrases share are computed once.

Shapes: A phrases of at most L tokens, M nodes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class PhraseTree:
    """The tokens that a model must read after a prompt to score every phrase of an action set.

    A node is a token that another one follows; the last token of a phrase is predicted, but never read.
    Query 0 is the prompt's last token, query m is node m - 1: each predicts the token that follows it.
    """

    tokens: Tensor
    """(M,) the token of each node."""
    depths: Tensor
    """(M,) its distance from the prompt's last token, from 1."""
    visible: Tensor
    """(M, M) whether node i (dim 0) attends to node j: its ancestors and itself."""
    queries: Tensor
    """(A, L) the query that predicts each token of each phrase."""
    targets: Tensor
    """(A, L) the token that is predicted there."""
    real: Tensor
    """(A, L) 1 for the tokens of a phrase, 0 for padding."""

    @classmethod
    def build(cls, phrases: Sequence[Sequence[int]], device: torch.device) -> PhraseTree:
        """Build the tree of tokenised phrases."""
        # queries by the path of tokens that leads to them; the empty path is the prompt's end
        queries_by_path: dict[tuple[int, ...], int] = {(): 0}
        for phrase in phrases:
            for depth in range(1, len(phrase)):
                queries_by_path.setdefault(tuple(phrase[:depth]), len(queries_by_path))
        paths = list(queries_by_path)[1:]
        longest = max(len(phrase) for phrase in phrases)
        queries = torch.zeros(len(phrases), longest, dtype=torch.long)
        targets = torch.zeros_like(queries)
        for row, phrase in enumerate(phrases):
            prefixes = [tuple(phrase[:depth]) for depth in range(len(phrase))]
            queries[row, : len(phrase)] = torch.tensor([queries_by_path[prefix] for prefix in prefixes])
            targets[row, : len(phrase)] = torch.tensor(phrase)
        lengths = torch.tensor([len(phrase) for phrase in phrases])
        return cls(
            tokens=torch.tensor([path[-1] for path in paths], dtype=torch.long, device=device),
            depths=torch.tensor([len(path) for path in paths], dtype=torch.long, device=device),
            visible=_ancestors(paths).to(device),
            queries=queries.to(device),
            targets=targets.to(device),
            real=(torch.arange(longest) < lengths[:, None]).float().to(device),
        )


class PhraseTreeCache:
    """The trees of all action sets so far, by their tokenised phrases."""

    def __init__(self) -> None:
        self._trees: dict[tuple[tuple[int, ...], ...], PhraseTree] = {}

    def of(self, phrases: tuple[tuple[int, ...], ...], device: torch.device) -> PhraseTree:
        """Return the tree of tokenised phrases on `device`, built at most once."""
        if (tree := self._trees.get(phrases)) is None or tree.queries.device != device:
            # built while acting, in inference mode, its tensors could not take part in autograd later
            with torch.inference_mode(False):
                tree = self._trees[phrases] = PhraseTree.build(phrases, device)
        return tree


def _ancestors(paths: Sequence[tuple[int, ...]]) -> Tensor:
    """Return (M, M) whether path j is a prefix of path i."""
    prefixes = [[path[: len(other)] == other for other in paths] for path in paths]
    return torch.tensor(prefixes, dtype=torch.bool).view(len(paths), len(paths))

"""A prefix tree of action phrases, so that shared tokens are computed once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, slots=True)
class PhraseTree:
    """What the model must read after a prompt to score every phrase of a menu.

    A node is a word that others follow; the last word of a phrase need not be read to be
    scored. Place 0 stands for the prompt's end, place m for node m - 1.
    """

    tokens: Tensor
    """(M,) the token of each node."""
    depths: Tensor
    """(M,) how many tokens after the prompt's end it stands, from 1."""
    visible: Tensor
    """(M, M) which nodes each node sees: its ancestors and itself."""
    places: Tensor
    """(A, L) where each token of a phrase is predicted."""
    targets: Tensor
    """(A, L) the token that is predicted there."""
    real: Tensor
    """(A, L) 1 for the tokens of a phrase, 0 for padding."""

    @classmethod
    def grow(cls, phrases: Sequence[Sequence[int]], device: torch.device) -> PhraseTree:
        """Build the tree of tokenised phrases."""
        nodes: dict[tuple[int, ...], int] = {(): 0}
        for phrase in phrases:
            for depth in range(1, len(phrase)):
                nodes.setdefault(tuple(phrase[:depth]), len(nodes))
        paths = list(nodes)[1:]
        longest = max(len(phrase) for phrase in phrases)
        places = torch.zeros(len(phrases), longest, dtype=torch.long)
        targets = torch.zeros_like(places)
        for row, phrase in enumerate(phrases):
            places[row, : len(phrase)] = torch.tensor([nodes[tuple(phrase[:depth])] for depth in range(len(phrase))])
            targets[row, : len(phrase)] = torch.tensor(phrase)
        lengths = torch.tensor([len(phrase) for phrase in phrases])
        return cls(
            tokens=torch.tensor([path[-1] for path in paths], dtype=torch.long, device=device),
            depths=torch.tensor([len(path) for path in paths], dtype=torch.long, device=device),
            visible=_ancestors(paths).to(device),
            places=places.to(device),
            targets=targets.to(device),
            real=(torch.arange(longest) < lengths[:, None]).float().to(device),
        )


class Trees:
    """The trees of menus that were met: each is grown once."""

    def __init__(self) -> None:
        self._grown: dict[tuple[tuple[int, ...], ...], PhraseTree] = {}

    def of(self, phrases: tuple[tuple[int, ...], ...], device: torch.device) -> PhraseTree:
        """Return the tree of tokenised phrases on `device`."""
        if (tree := self._grown.get(phrases)) is None or tree.places.device != device:
            with torch.inference_mode(False):  # kept for gradients, too, even if first met while acting
                tree = self._grown[phrases] = PhraseTree.grow(phrases, device)
        return tree


def _ancestors(paths: Sequence[tuple[int, ...]]) -> Tensor:
    seen = [[path[: len(other)] == other for other in paths] for path in paths]
    return torch.tensor(seen, dtype=torch.bool).view(len(paths), len(paths))

"""Explain one decision: token scores of its phrases, influence of its words, and earlier checkpoints' decisions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.distributions import Categorical

from agents.events import Frame
from agents.infer.explanation_data import Divergence, Milestone, PhraseBranch, Reasons, Words
from agents.language.phrase_tree import PhraseTree
from agents.policies import Policy
from agents.policies.language import LanguagePolicy
from agents.policies.mlp import MLPPolicy
from agents.policies.sentence_mlp import SentenceMLP
from envs.words import split


@dataclass(frozen=True, slots=True)
class _Tracing:
    """A decision whose gradients can be asked for."""

    log_probs: Tensor
    """(A,) of each action."""
    value: Tensor
    inputs: Tensor
    """(T, D) or (1, T): what was read."""
    leaf: Tensor
    """What slopes are taken at: the inputs themselves, or what each of them is added to."""
    words: tuple[tuple[str, int], ...]
    """Each word of the sentence, and how many rows of `inputs` it is."""
    tree: tuple[PhraseBranch, ...] = ()
    bonus: float = 0.0


def explain(policy: Policy, frame: Frame, earlier: Sequence[tuple[Milestone, Policy]] = ()) -> Reasons:
    """Return why `policy` decides as in `frame`, compared with policies of `earlier` moments that met the task, too."""
    likeliest = max(range(len(frame.probabilities)), key=frame.probabilities.__getitem__)
    action = likeliest if frame.action is None else frame.action
    reasons = Reasons(replace(frame, picture=None), action)
    trace = next((trace for kind, trace in _TRACES.items() if isinstance(policy, kind)), None)
    if trace is None:
        return replace(reasons, divergences=_compared(_decision(policy, frame), frame, earlier))
    with torch.enable_grad():
        tracing = trace(policy, frame)
        return replace(
            reasons,
            divergences=_compared(tracing.log_probs.detach(), frame, earlier),
            tree=_marked(tracing.tree, action),
            bonus=tracing.bonus,
            for_choice=_influence(tracing, tracing.log_probs[action]),
            for_value=_influence(tracing, tracing.value),
        )


def divergence(now: Tensor, then: Tensor) -> float:
    """Return KL(now ‖ then) in nats, of two choices given as log-probabilities (A,)."""
    return float((now.exp() * (now - then)).sum())


def branches(tree: PhraseTree, log_probs: Tensor, name: Callable[[int], str]) -> tuple[PhraseBranch, ...]:
    """Return the tokens of a menu's phrases, shared ones once, depth first.

    `log_probs` (A, L) is that of each token of each phrase; `name` writes a token.
    """
    phrases = [
        tuple(target for target, real in zip(targets, reals, strict=True) if real)
        for targets, reals in zip(tree.targets.tolist(), tree.real.tolist(), strict=True)
    ]
    return tuple(_below((), list(range(len(phrases))), phrases, log_probs.tolist(), name))


def _below(
    path: tuple[int, ...],
    within: list[int],
    phrases: Sequence[tuple[int, ...]],
    values: list[list[float]],
    name: Callable[[int], str],
) -> list[PhraseBranch]:
    """Return the branches of the phrases `within`, all of which begin with `path`."""
    found: list[PhraseBranch] = []
    depth = len(path)
    for token in dict.fromkeys(phrases[row][depth] for row in within if len(phrases[row]) > depth):
        longer = (*path, token)
        rows = [row for row in within if phrases[row][: depth + 1] == longer]
        whole = next((row for row in rows if phrases[row] == longer), None)
        total = sum(values[rows[0]][: depth + 1])
        found.append(PhraseBranch(name(token), depth, values[rows[0]][depth], total, whole))
        found += _below(longer, rows, phrases, values, name)
    return found


def _marked(tree: Sequence[PhraseBranch], action: int) -> tuple[PhraseBranch, ...]:
    """Mark the branches that lead to `action`."""
    marked = list(tree)
    place = next((place for place, branch in enumerate(marked) if branch.action == action), -1)
    depth = marked[place].depth if place >= 0 else -1
    while depth >= 0:
        if marked[place].depth == depth:
            marked[place] = replace(marked[place], is_chosen=True)
            depth -= 1
        place -= 1
    return tuple(marked)


def _influence(tracing: _Tracing, outcome: Tensor) -> Words:
    """Return gradient × input of `outcome` for each word (Shrikumar et al., 2016)."""
    (slope,) = torch.autograd.grad(outcome, tracing.leaf, retain_graph=True, allow_unused=True)
    if slope is None:
        return tuple((word, 0.0) for word, _ in tracing.words)
    sizes = [size for _, size in tracing.words]
    parts = (slope * tracing.inputs.detach()).view(sum(sizes), -1).sum(-1).split(sizes)
    return tuple((word, float(part.sum())) for (word, _), part in zip(tracing.words, parts, strict=True))


def _language(policy: Policy, frame: Frame) -> _Tracing:
    assert isinstance(policy, LanguagePolicy)  # the table says so
    model = policy.model
    phrases = tuple(model.tokenise(phrase) for phrase in policy.action_sets[frame.task_id])
    prompt = model.encode([frame.text])
    trace = model.trace(prompt, phrases)
    lengths = torch.tensor([len(phrase) for phrase in phrases])
    logits = trace.log_probs.sum(-1) + model.bonus * lengths.to(trace.log_probs)
    tree = PhraseTree.build(phrases, torch.device("cpu"))
    return _Tracing(
        log_probs=logits.log_softmax(-1),
        value=policy.state_value(trace.hidden).squeeze(),
        inputs=trace.words,
        leaf=trace.words,
        words=_words(model.pieces(prompt.tokens[0].tolist()), len(trace.words)),
        tree=branches(tree, trace.log_probs.detach(), lambda token: model.decode(torch.tensor([token])).strip() or "␣"),
        bonus=model.bonus,
    )


def _words(pieces: Sequence[tuple[str, int]], length: int) -> tuple[tuple[str, int], ...]:
    """Return words that take all `length` tokens; what stands for no word (a sentence of none) has no name."""
    rest = length - sum(size for _, size in pieces)
    return (*pieces, ("", rest)) if rest else tuple(pieces)


def _numbers(policy: Policy, frame: Frame) -> _Tracing:
    observations = policy.encode([frame.text], [frame.task_id])
    inputs = observations.prompts.tokens.detach().requires_grad_()
    prompts = replace(observations.prompts, tokens=inputs)
    distribution, value = policy(replace(observations, prompts=prompts))
    log_probs = _offered(distribution, frame)
    words = tuple((number, 1) for number in frame.text.split())
    return _Tracing(log_probs, value.squeeze(), inputs, inputs, words)


def _summed(policy: Policy, frame: Frame) -> _Tracing:
    assert isinstance(policy, SentenceMLP)  # the table says so
    observations = policy.encode([frame.text], [frame.task_id])
    distribution, value = policy(observations)
    inputs = policy.word_vectors(observations.prompts)
    words = tuple((word, 1) for word in split(frame.text)[-len(inputs) :])
    return _Tracing(_offered(distribution, frame), value.squeeze(), inputs, policy.offset, words)


_TRACES: Mapping[type[Policy], Callable[[Policy, Frame], _Tracing]] = {
    LanguagePolicy: _language,
    MLPPolicy: _numbers,
    SentenceMLP: _summed,
}
"""How the inputs of each kind of policy are followed; others, such as a table, have no gradient to ask for."""


def _compared(now: Tensor, frame: Frame, earlier: Sequence[tuple[Milestone, Policy]]) -> tuple[Divergence, ...]:
    found = []
    for milestone, other in earlier:
        then = _decision(other, frame)
        found.append(Divergence(milestone, divergence(now, then), tuple(then.exp().tolist())))
    return tuple(found)


def _decision(policy: Policy, frame: Frame) -> Tensor:
    """Return the log-probability of each action, (A,)."""
    with torch.inference_mode():
        return _offered(policy(policy.encode([frame.text], [frame.task_id]))[0], frame)


def _offered(distribution: Categorical, frame: Frame) -> Tensor:
    logits: Tensor = distribution.logits
    return logits[0, : len(frame.actions)].log_softmax(-1)

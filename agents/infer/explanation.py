"""Explain one decision: token scores of its phrases, influence of its words, and earlier checkpoints' decisions.

Shapes: A actions, L tokens of the longest phrase, T tokens (or words, or numbers) of the observation, D embedding
dimensions.
"""

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
    """A forward pass whose gradients can be computed."""

    log_probs: Tensor
    """(A,) of each action."""
    value: Tensor
    """Scalar."""
    inputs: Tensor
    """(T, D) embeddings, or (1, T) numbers."""
    leaf: Tensor
    """The tensor to differentiate with respect to: the inputs, or an offset (T, D) that is added to them."""
    words: tuple[tuple[str, int], ...]
    """Each word of the sentence, and its number of rows of `inputs`."""
    tree: tuple[PhraseBranch, ...] = ()
    bonus: float = 0.0
    """Added to the logit of a phrase for each of its tokens."""


def explain(policy: Policy, frame: Frame, earlier: Sequence[tuple[Milestone, Policy]] = ()) -> Reasons:
    """Explain the decision of `policy` in `frame`, and compare it with `earlier` policies that know the task."""
    likeliest = max(range(len(frame.probabilities)), key=frame.probabilities.__getitem__)
    action = likeliest if frame.action is None else frame.action
    reasons = Reasons(replace(frame, picture=None), action)
    # policies without gradients, such as a table, are only compared with earlier ones
    trace = next((trace for kind, trace in _TRACERS.items() if isinstance(policy, kind)), None)
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
    """Return KL(now ‖ then) in nats, of two distributions given as log-probabilities (A,)."""
    return float((now.exp() * (now - then)).sum())


def branches(tree: PhraseTree, log_probs: Tensor, name: Callable[[int], str]) -> tuple[PhraseBranch, ...]:
    """Return the tree of the tokens of all action phrases, depth first; phrases share common prefixes.

    `log_probs` (A, L) is that of each token of each phrase; `name` returns the text of a token id.
    """
    phrases = [
        tuple(target for target, real in zip(targets, reals, strict=True) if real)
        for targets, reals in zip(tree.targets.tolist(), tree.real.tolist(), strict=True)
    ]
    return tuple(_branches_below((), list(range(len(phrases))), phrases, log_probs.tolist(), name))


def _branches_below(
    path: tuple[int, ...],
    within: list[int],
    phrases: Sequence[tuple[int, ...]],
    values: list[list[float]],
    name: Callable[[int], str],
) -> list[PhraseBranch]:
    """Return the branches below `path`, a prefix of all phrases whose rows are in `within`."""
    found: list[PhraseBranch] = []
    depth = len(path)
    for token in dict.fromkeys(phrases[row][depth] for row in within if len(phrases[row]) > depth):
        longer = (*path, token)
        rows = [row for row in within if phrases[row][: depth + 1] == longer]
        whole = next((row for row in rows if phrases[row] == longer), None)
        total = sum(values[rows[0]][: depth + 1])
        found.append(PhraseBranch(name(token), depth, values[rows[0]][depth], total, whole))
        found += _branches_below(longer, rows, phrases, values, name)
    return found


def _marked(tree: Sequence[PhraseBranch], action: int) -> tuple[PhraseBranch, ...]:
    """Mark the branches from the root to the phrase of `action`, going backwards through the depth-first order."""
    marked = list(tree)
    index = next((i for i, branch in enumerate(marked) if branch.action == action), -1)
    depth = marked[index].depth if index >= 0 else -1
    while depth >= 0:
        if marked[index].depth == depth:
            marked[index] = replace(marked[index], is_chosen=True)
            depth -= 1
        index -= 1
    return tuple(marked)


def _influence(tracing: _Tracing, outcome: Tensor) -> Words:
    """Return gradient × input of the scalar `outcome`, summed for each word (Shrikumar et al., 2016)."""
    (gradient,) = torch.autograd.grad(outcome, tracing.leaf, retain_graph=True, allow_unused=True)
    if gradient is None:
        return tuple((word, 0.0) for word, _ in tracing.words)
    sizes = [size for _, size in tracing.words]
    parts = (gradient * tracing.inputs.detach()).view(sum(sizes), -1).sum(-1).split(sizes)  # (T,) by word
    return tuple((word, float(part.sum())) for (word, _), part in zip(tracing.words, parts, strict=True))


def _trace_language(policy: Policy, frame: Frame) -> _Tracing:
    assert isinstance(policy, LanguagePolicy)  # by _TRACERS
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
    """Return words that cover all `length` tokens; a remainder without a word (an empty sentence) is named ""."""
    rest = length - sum(size for _, size in pieces)
    return (*pieces, ("", rest)) if rest else tuple(pieces)


def _trace_numbers(policy: Policy, frame: Frame) -> _Tracing:
    observations = policy.encode([frame.text], [frame.task_id])
    inputs = observations.prompts.tokens.detach().requires_grad_()
    prompts = replace(observations.prompts, tokens=inputs)
    distribution, value = policy(replace(observations, prompts=prompts))
    log_probs = _action_log_probs(distribution, frame)
    words = tuple((number, 1) for number in frame.text.split())
    return _Tracing(log_probs, value.squeeze(), inputs, inputs, words)


def _trace_words(policy: Policy, frame: Frame) -> _Tracing:
    assert isinstance(policy, SentenceMLP)  # by _TRACERS
    observations = policy.encode([frame.text], [frame.task_id])
    distribution, value = policy(observations)
    inputs = policy.word_vectors(observations.prompts)
    words = tuple((word, 1) for word in split(frame.text)[-len(inputs) :])
    return _Tracing(_action_log_probs(distribution, frame), value.squeeze(), inputs, policy.offset, words)


_TRACERS: Mapping[type[Policy], Callable[[Policy, Frame], _Tracing]] = {
    LanguagePolicy: _trace_language,
    MLPPolicy: _trace_numbers,
    SentenceMLP: _trace_words,
}
"""The tracing function of each kind of policy that has gradients with respect to its inputs."""


def _compared(now: Tensor, frame: Frame, earlier: Sequence[tuple[Milestone, Policy]]) -> tuple[Divergence, ...]:
    divergences = []
    for milestone, past_policy in earlier:
        then = _decision(past_policy, frame)
        divergences.append(Divergence(milestone, divergence(now, then), tuple(then.exp().tolist())))
    return tuple(divergences)


def _decision(policy: Policy, frame: Frame) -> Tensor:
    """Return the log-probability of each action, (A,)."""
    with torch.inference_mode():
        return _action_log_probs(policy(policy.encode([frame.text], [frame.task_id]))[0], frame)


def _action_log_probs(distribution: Categorical, frame: Frame) -> Tensor:
    """Return the log-probabilities (A,) of the actions of the frame, without the padding to larger action sets."""
    logits: Tensor = distribution.logits
    return logits[0, : len(frame.actions)].log_softmax(-1)

import math

import pytest
import torch
from torch.nn import functional as F

from agents.config.agent import MLPConfig, ModelConfig
from agents.events import Frame
from agents.infer.explanation import divergence, explain
from agents.infer.explanation_data import Milestone
from agents.language import Prompts
from agents.language.transformer import Transformer
from agents.policies import Policy
from agents.policies.language import LanguagePolicy
from agents.policies.mlp import MLPPolicy
from agents.policies.sentence_mlp import SentenceMLP
from envs.task import Task

MENUS = (
    ("north", "east", "south"),
    ("go north", "go south", "open the fridge", "open the door now", "wait"),
    ("go", "go on", "zyx", "go on and on"),
)
"""Single words; shared prefixes; a phrase that is a prefix of another, and one that is spelled in bytes."""
TEXT = "house . cup two up , fridge closed ."
UNTRAINED, BEFORE = Milestone("untrained", 0), Milestone("before", 500)


def create(seed=0, action_sets=MENUS):
    generator = torch.Generator().manual_seed(seed)
    policy = LanguagePolicy(Transformer(ModelConfig(width=16, layers=2, heads=2), generator), generator)
    for task_id, actions in enumerate(action_sets):
        policy.add_task(task_id, [phrase for phrase in actions if phrase != "zyx"], TEXT.split())
        policy.action_sets[task_id] = actions
    policy._action_sets = policy._action_tables()
    with torch.no_grad():
        for weight in policy.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.3)
    return policy.eval()


def frame_of(policy, task_id, action=0, text=TEXT, menu=None):
    with torch.no_grad():
        distribution, value = policy(policy.encode([text], [task_id]))
    actions = menu or policy.action_sets[task_id]
    return Frame(
        task_id=task_id,
        task=Task(key="household/go-to"),
        picture=None,
        text=text,
        goal="",
        actions=actions,
        probabilities=tuple(distribution.probs[0, : len(actions)].tolist()),
        value=float(value),
        action=action,
    )


def log_prob_alone(policy, tokens, token):
    """Return the log-probability of `token` after `tokens`, in a forward pass of its own."""
    prompt = Prompts(torch.tensor([tokens]), torch.tensor([len(tokens)]))
    with torch.no_grad():
        return float(policy.model(prompt)[0].log_softmax(-1)[0, token])


@pytest.mark.parametrize("task_id", range(len(MENUS)))
def test_each_token_of_the_tree_has_the_log_probability_of_a_separate_pass(task_id):
    policy = create()
    reasons = explain(policy, frame_of(policy, task_id))
    encode = policy.model.tokenizer.encode
    path = []
    for branch in reasons.tree:
        path = [*path[: branch.depth], branch.log_prob]
        assert branch.total == pytest.approx(sum(path), abs=1e-5)
        if branch.action is not None:
            phrase, read = encode(MENUS[task_id][branch.action]), list(encode(TEXT))
            plain = [log_prob_alone(policy, [*read, *phrase[:depth]], phrase[depth]) for depth in range(len(phrase))]
            assert path == pytest.approx(plain, abs=1e-5)


@pytest.mark.parametrize("task_id", range(len(MENUS)))
def test_the_whole_tree_adds_up_to_the_probabilities_of_the_policy(task_id):
    policy = create()
    frame = frame_of(policy, task_id)
    reasons = explain(policy, frame)
    ends = {branch.action: branch for branch in reasons.tree if branch.action is not None}
    assert sorted(ends) == list(range(len(frame.actions)))
    logits = torch.tensor([ends[row].total + reasons.bonus * (ends[row].depth + 1) for row in sorted(ends)])
    torch.testing.assert_close(logits.softmax(0), torch.tensor(frame.probabilities), atol=1e-5, rtol=0)


def test_phrases_with_a_common_prefix_share_its_branches():
    policy = create()
    reasons = explain(policy, frame_of(policy, 1, action=3))
    words = [(branch.depth, branch.word, branch.is_chosen) for branch in reasons.tree]
    assert words == [
        (0, "go", False),
        *((1, word, False) for word in ("north", "south")),
        (0, "open", True),
        (1, "the", True),
        (2, "fridge", False),
        (2, "door", True),
        (3, "now", True),
        (0, "wait", False),
    ]


@pytest.mark.parametrize("task_id", range(len(MENUS)))
@pytest.mark.parametrize("of", ["for_choice", "for_value"])
def test_the_influence_of_a_word_is_the_derivative_along_its_embedding(task_id, of):
    policy = create()
    frame = frame_of(policy, task_id, action=1)
    explanation = getattr(explain(policy, frame), of)
    assert [word for word, _ in explanation] == TEXT.split()
    tokens = policy.model.encode([TEXT]).tokens[0]
    phrases = tuple(policy.model.tokenizer.encode(phrase) for phrase in frame.actions)
    bonus = math.log(policy.model.initial_vocabulary_size) * torch.tensor([len(phrase) for phrase in phrases])

    def outcome(words):
        tree = policy.model._tree(phrases)
        with torch.no_grad():
            hidden, _ = policy.model._run(policy.model.encode([TEXT]), tree, words)
            scores = (policy.model._token_log_probs(hidden, tree)[0].sum(-1) + bonus).log_softmax(-1)
            return float(scores[1] if of == "for_choice" else policy.value(hidden[0, 0]))

    words, step = F.embedding(tokens, policy.model.tokens).detach(), 1e-2
    for index, (_, value) in enumerate(explanation):
        nudge = torch.zeros_like(words)
        nudge[index] = step * words[index]
        assert value == pytest.approx(
            (outcome(words + nudge) - outcome(words - nudge)) / (2 * step), abs=3e-4, rel=1e-3
        )


def plain_network():
    policy = MLPPolicy(3, 2, torch.Generator().manual_seed(0))
    policy.add_task(0, ("left", "right"), ())
    return policy


def test_for_a_linear_network_it_is_weight_times_input():
    """Ancona et al. (2018): for a linear model gradient × input is exact, and adds up to the outcome."""
    policy = plain_network()
    policy.critic = torch.nn.Linear(3, 1)
    reasons = explain(policy, frame_of(policy, 0, text="0.5 -2 3"))
    weights = policy.critic.weight[0].tolist()
    assert [value for _, value in reasons.for_value] == pytest.approx(
        [weight * number for weight, number in zip(weights, (0.5, -2.0, 3.0), strict=True)], abs=1e-6
    )
    total = sum(value for _, value in reasons.for_value) + policy.critic.bias.item()
    assert total == pytest.approx(reasons.frame.value, abs=1e-5)


def test_a_plain_network_has_influences_and_no_tree():
    policy = plain_network()
    reasons = explain(policy, frame_of(policy, 0, text="0.5 -2 3"))
    assert reasons.tree == ()
    assert [word for word, _ in reasons.for_choice] == ["0.5", "-2", "3"]
    assert any(value for _, value in reasons.for_choice)


def test_a_network_on_word_vectors_has_an_influence_for_each_word():
    policy = SentenceMLP.create(MLPConfig(width=16), torch.Generator().manual_seed(0))
    policy.add_task(0, MENUS[0], TEXT.split())
    frame = frame_of(policy, 0, action=2)
    explanation = explain(policy, frame)
    assert explanation.tree == ()
    assert [word for word, _ in explanation.for_choice] == TEXT.split()
    step = 1e-2
    for index, word in enumerate(TEXT.split()):
        row, width = policy._words[word], policy.config.width
        log_probs = []
        for sign in (1, -1):
            nudged = SentenceMLP.from_description(policy.description())
            nudged.load_state_dict(policy.state_dict())
            with torch.no_grad():
                nudged.vectors[row, index * width : (index + 1) * width] *= 1 + sign * step
                log_probs.append(nudged(nudged.encode([TEXT], [0]))[0].logits[0].log_softmax(-1)[2].item())
        derivative = (log_probs[0] - log_probs[1]) / (2 * step)
        assert explanation.for_choice[index][1] == pytest.approx(derivative, abs=1e-4, rel=1e-2)


class Coin(Policy):
    """A policy without gradients."""

    def add_task(self, task_id, actions, words):
        pass

    def encode(self, texts, task_ids):
        return texts

    def forward(self, observations):
        return torch.distributions.Categorical(logits=torch.zeros(1, 2)), torch.zeros(1)


def test_a_policy_without_gradient_is_only_compared():
    frame = frame_of(Coin(), 0, menu=("heads", "tails"))
    reasons = explain(Coin(), frame, [(UNTRAINED, Coin())])
    assert (reasons.tree, reasons.for_choice, reasons.for_value) == ((), (), ())
    assert reasons.divergences[0].nats == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("task_id", range(len(MENUS)))
def test_the_divergence_from_an_earlier_agent_is_that_of_torch(task_id):
    now, then = create(0), create(1)
    frame = frame_of(now, task_id)
    found = explain(now, frame, [(UNTRAINED, then), (BEFORE, now)]).divergences
    other = torch.tensor(frame_of(then, task_id).probabilities)
    expected = F.kl_div(other.log(), torch.tensor(frame.probabilities), reduction="sum")
    assert found[0].nats == pytest.approx(float(expected), rel=1e-4)
    assert found[0].probabilities == pytest.approx(other.tolist(), abs=1e-5)
    assert found[0].milestone == UNTRAINED
    assert found[1].nats == pytest.approx(0.0, abs=1e-6)


def test_the_divergence_of_a_worked_pair():
    now, then = torch.tensor([0.5, 0.5]).log(), torch.tensor([0.25, 0.75]).log()
    assert divergence(now, then) == pytest.approx(0.5 * math.log(2) + 0.5 * math.log(2 / 3), abs=1e-6)


def test_without_a_chosen_action_the_likeliest_is_explained():
    policy = create()
    frame = frame_of(policy, 1, action=None)
    reasons = explain(policy, frame)
    assert reasons.action == max(range(5), key=frame.probabilities.__getitem__)


def test_explaining_does_not_change_weights_or_gradients():
    policy = create()
    before = {name: weight.clone() for name, weight in policy.state_dict().items()}
    explain(policy, frame_of(policy, 1), [(UNTRAINED, create(1))])
    assert all(torch.equal(before[name], weight) for name, weight in policy.state_dict().items())
    assert all(weight.grad is None for weight in policy.parameters())

import json
import math

import pytest
import torch
from torch.func import functional_call, grad

from agents.config.agent import ModelConfig
from agents.language.transformer import Transformer
from agents.policies import sample_actions
from agents.policies.language import LanguagePolicy
from envs.task import Task, library

SHORT = ("north", "east", "south", "west")
LONG = ("go north", "go south", "open the fridge", "wait")
TEXTS = ["house . cup two up .", "house . cup here .", "house . fridge closed one left .", "house . cup here ."]


def create(action_sets, seed=0):
    generator = torch.Generator().manual_seed(seed)
    policy = LanguagePolicy(Transformer(ModelConfig(width=32), generator), generator)
    for task_id, actions in enumerate(action_sets):
        policy.add_task(task_id, actions, ["house", "cup", "two", "up", "here", "fridge", "closed", "one", "left", "."])
    return policy


def perturbed(policy, seed=1):
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in policy.parameters():
            weight.add_(torch.randn(weight.shape, generator=generator), alpha=0.2)
    return policy


@pytest.mark.parametrize("spec", library(), ids=lambda spec: spec.key)
def test_untrained_it_is_near_uniform_on_every_task_of_the_library(spec):
    world = Task(key=spec.key).make()
    policy = create([])
    policy.add_task(0, world.actions, world.words)
    texts = {world.reset(seed=seed)[0] for seed in range(20)}
    actions, _ = policy(policy.encode(sorted(texts), [0] * len(texts)))
    assert actions.entropy().min().item() >= 0.9 * math.log(len(world.actions))


def test_equal_sentences_are_stored_once():
    observations = create([SHORT]).encode(TEXTS, [0] * 4)
    assert len(observations) == 4
    assert len(observations.prompts) == 3


@pytest.mark.parametrize("action_sets", [[SHORT], [LONG], [SHORT, LONG]])
def test_a_decision_does_not_depend_on_the_batch(action_sets):
    policy = perturbed(create(action_sets))
    task_ids = [row % len(action_sets) for row in range(len(TEXTS))]
    together, values = policy(policy.encode(TEXTS, task_ids))
    for row, (text, task_id) in enumerate(zip(TEXTS, task_ids, strict=True)):
        alone, value = policy(policy.encode([text], [task_id]))
        torch.testing.assert_close(together.probs[row], alone.probs[0], atol=1e-5, rtol=1e-4)
        torch.testing.assert_close(values[row], value[0], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("action_sets", [[SHORT], [LONG], [SHORT, LONG, ("wait", "north")]])
def test_a_logit_is_the_phrases_log_probability_plus_a_bonus_per_token(action_sets):
    policy = perturbed(create(action_sets))
    task_ids = [row % len(action_sets) for row in range(len(TEXTS))]
    actions, _ = policy(policy.encode(TEXTS, task_ids))
    for row, (text, task_id) in enumerate(zip(TEXTS, task_ids, strict=True)):
        action_set = action_sets[task_id]
        scores, _ = policy.model.score(policy.model.encode([text]), action_set)
        lengths = torch.tensor([len(phrase.split()) for phrase in action_set])
        expected = (scores[0] + lengths * math.log(policy.model.initial_vocabulary_size)).softmax(-1)
        torch.testing.assert_close(actions.probs[row, : len(action_set)], expected, atol=1e-5, rtol=1e-4)


def test_unavailable_actions_are_never_sampled_and_kl_stays_finite():
    policy = perturbed(create([SHORT, ("north", "wait")]))
    actions, _ = policy(policy.encode(TEXTS, [1] * 4))
    assert actions.probs[:, 2:].abs().max() == 0
    other, _ = perturbed(create([SHORT, ("north", "wait")]), seed=2)(policy.encode(TEXTS, [1] * 4))
    assert torch.isfinite(torch.distributions.kl_divergence(actions, other)).all()
    assert torch.isfinite(actions.entropy()).all()
    drawn = sample_actions(actions, torch.Generator().manual_seed(0))
    assert drawn.max() <= 1


def test_selecting_decisions_keeps_each_with_its_sentence():
    policy = perturbed(create([SHORT]))
    observations = policy.encode(TEXTS, [0] * 4)
    chosen = torch.tensor([3, 0])
    torch.testing.assert_close(
        policy(observations[chosen])[0].probs, policy(observations)[0].probs[chosen], atol=1e-5, rtol=1e-4
    )


def test_adding_a_task_again_changes_nothing():
    policy = perturbed(create([SHORT]))
    before = policy(policy.encode(TEXTS, [0] * 4))[0].probs
    policy.add_task(0, SHORT, ["cup"])
    torch.testing.assert_close(policy(policy.encode(TEXTS, [0] * 4))[0].probs, before, atol=0, rtol=0)


def test_a_new_task_does_not_change_the_probabilities_of_an_old_one():
    policy = perturbed(create([SHORT]))
    before = policy(policy.encode(TEXTS, [0] * 4))[0].probs
    policy.add_task(1, ("left", "right", "jump", "duck", "run"), ["platform"])
    torch.testing.assert_close(policy(policy.encode(TEXTS, [0] * 4))[0].probs[:, :4], before)


@pytest.mark.parametrize("action_sets", [[SHORT], [SHORT, LONG]])
def test_a_policy_is_rebuilt_from_its_description_and_weights(action_sets):
    policy = perturbed(create(action_sets))
    policy.add_task(len(action_sets), ("left", "right"), ["a", "later", "word"])
    rebuilt = LanguagePolicy.from_description(json.loads(json.dumps(policy.description())))
    rebuilt.load_state_dict(policy.state_dict())
    task_ids = [row % (len(action_sets) + 1) for row in range(len(TEXTS))]
    torch.testing.assert_close(
        rebuilt(rebuilt.encode(TEXTS, task_ids))[0].probs, policy(policy.encode(TEXTS, task_ids))[0].probs
    )
    assert rebuilt.action_sets == policy.action_sets


def test_a_rebuilt_policy_learns_the_same_new_words():
    policy = create([SHORT])
    rebuilt = LanguagePolicy.from_description(policy.description())
    rebuilt.load_state_dict(policy.state_dict())
    policy.add_task(1, ("sing",), ["piano"])
    rebuilt.add_task(1, ("sing",), ["piano"])
    torch.testing.assert_close(rebuilt.model.tokens, policy.model.tokens)


@pytest.mark.parametrize("action_sets", [[SHORT], [LONG]])
def test_adapted_weights_act_without_touching_the_policy(action_sets):
    policy = perturbed(create(action_sets))
    observations = policy.encode(TEXTS, [0] * 4)
    weights = {name: weight.detach() for name, weight in policy.named_parameters()}

    def energy(weights):
        actions, values = functional_call(policy, weights, (observations,))
        return actions.entropy().mean() + values.square().mean()

    gradients = grad(energy)(weights)
    energy_of_policy = energy(dict(policy.named_parameters()))
    energy_of_policy.backward()
    for name, weight in policy.named_parameters():
        torch.testing.assert_close(gradients[name], weight.grad, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize("action_set", [SHORT, LONG])
def test_consider_returns_the_usual_outputs_and_the_attention_to_each_word(action_set):
    policy, text = perturbed(create([action_set])), "house . cup strange ."
    actions, value, attention = policy.consider(text, 0)
    expected, expected_value = policy(policy.encode([text], [0]))
    torch.testing.assert_close(actions.logits, expected.logits)
    torch.testing.assert_close(value, expected_value)
    assert [word for word, _ in attention] == ["house", ".", "cup", "strange", "."]
    assert sum(weight for _, weight in attention) == pytest.approx(1.0, abs=1e-5)


def test_sampling_follows_the_probabilities_and_repeats():
    policy = perturbed(create([SHORT]))
    actions, _ = policy(policy.encode(["house . cup here ."] * 4_000, [0] * 4_000))
    drawn = sample_actions(actions, torch.Generator().manual_seed(0))
    shares = torch.bincount(drawn, minlength=4) / len(drawn)
    torch.testing.assert_close(shares, actions.probs[0], atol=0.03, rtol=0)
    assert torch.equal(drawn, sample_actions(actions, torch.Generator().manual_seed(0)))


def test_phrases_first_scored_in_inference_mode_can_be_learned_from():
    generator = torch.Generator().manual_seed(0)
    policy = LanguagePolicy(Transformer(ModelConfig(), generator), generator)
    policy.add_task(0, ("pick up", "drop off", "go north"), ("you", "are", "here"))
    with torch.inference_mode():
        policy(policy.encode(["you are here"], [0]))
    distribution, values = policy(policy.encode(["you are here"], [0]))
    (distribution.logits[0, 0] + values.sum()).backward()
    assert policy.model.tokens.grad.abs().sum() > 0

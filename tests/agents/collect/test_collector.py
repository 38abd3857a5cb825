import numpy as np
import pytest
import torch
from gymnasium import spaces

from agents.collect.collector import Collector
from agents.config.agent import ModelConfig
from agents.errors import WorldFault
from agents.language.transformer import Transformer
from agents.policies.language import LanguagePolicy
from agents.runtime.iteration import Iteration
from envs import World

LIMIT = 5


class Corridor(World):
    """Walk right to the door; episodes are truncated after LIMIT steps, and `jump` raises."""

    actions = ("left", "right", "jump")
    words = ("corridor", "seed", "at", ".", *"0123456789")
    action_space = spaces.Discrete(3)
    observation_space = spaces.Text(100)

    def __init__(self):
        self.position = self.time = self.resets = 0

    def reset(self, *, seed=None, options=None):
        super().reset(seed=seed)
        self.resets += 1
        self.position, self.time = int(self.np_random.integers(3)), 0
        return self._sentence(), {}

    def step(self, action):
        if action == 2:
            raise ZeroDivisionError("jumped")
        self.position, self.time = max(0, self.position + (1 if action else -1)), self.time + 1
        terminated, truncated = self.position >= 4, self.time >= LIMIT
        return self._sentence(), float(self.position), terminated, truncated, {"score": float(terminated)}

    def picture_state(self):
        return {"place": self.position}

    def draw(self, picture_state, size, *, dark=False, blend=1.0):
        return np.zeros((size, size, 3), np.uint8)

    def get_state(self):
        return {"place": self.position, "time": self.time, "random": self.np_random.bit_generator.state}

    def set_state(self, state):
        self.position, self.time = state["place"], state["time"]
        self.np_random.bit_generator.state = state["random"]

    def _sentence(self):
        return f"corridor . at {self.position} . time {self.time} ."


class Walker(LanguagePolicy):
    """Never jumps."""

    def add_task(self, task_id, actions, words):
        super().add_task(task_id, actions[:2], words)


def create(seed=0, kind=Walker):
    generator = torch.Generator().manual_seed(seed)
    policy = kind(Transformer(ModelConfig(width=16, heads=2), generator), generator)
    policy.add_task(0, Corridor.actions, Corridor.words)
    return policy


def collected(collector, policy, steps=12, seed=0, **options):
    stream = Iteration(collector.collect(policy, steps, torch.Generator().manual_seed(seed), **options))
    return list(stream), stream.result


def test_it_yields_after_each_vector_step_and_returns_the_rollout():
    steps, rollout = collected(Collector([Corridor() for _ in range(3)], 0, seed=0), create(), steps=12)
    assert len(steps) == 12
    assert rollout.actions.shape == rollout.rewards.shape == (12, 3)
    assert len(rollout.observations) == 36
    assert rollout.last_values.shape == (3,)


def test_the_recorded_numbers_are_those_of_the_policy():
    policy = create()
    _, rollout = collected(Collector([Corridor() for _ in range(3)], 0, seed=0), policy)
    actions, values = policy(rollout.observations)
    torch.testing.assert_close(actions.log_prob(rollout.actions.flatten()), rollout.log_probs.flatten())
    torch.testing.assert_close(values, rollout.values.flatten())


def test_rewards_and_endings_are_those_of_the_worlds():
    mask = np.ones((12, 3), dtype=bool)
    steps, rollout = collected(Collector([Corridor() for _ in range(3)], 0, seed=0), create(), remember=mask)
    decisions = {decision.row: decision for step in steps for decision in step.collected}
    assert sorted(decisions) == list(range(36))
    for row, decision in decisions.items():
        t, n = divmod(row, 3)
        next_position = max(0, decision.picture_state["place"] + (1 if decision.action else -1))
        time = int(decision.text.split()[6]) + 1
        assert decision.action == rollout.actions[t, n]
        assert decision.reward == rollout.rewards[t, n] == next_position
        assert rollout.terminated[t, n] == (next_position >= 4)
        assert rollout.truncated[t, n] == (next_position < 4 and time >= LIMIT)


def test_a_picture_state_is_taken_before_the_step_and_fits_the_sentence():
    mask = np.zeros((12, 2), dtype=bool)
    mask[[0, 5, 11], [1, 0, 1]] = True
    steps, _ = collected(Collector([Corridor(), Corridor()], 0, seed=0), create(), remember=mask)
    decisions = [decision for step in steps for decision in step.collected]
    assert [decision.row for decision in decisions] == [1, 10, 23]
    assert all(f"at {decision.picture_state['place']} " in decision.text for decision in decisions)


def test_the_final_value_is_that_of_the_last_sentence_if_truncated_and_0_if_terminated():
    policy = create()
    steps, rollout = collected(
        Collector([Corridor() for _ in range(4)], 0, seed=1), policy, remember=np.ones((12, 4), dtype=bool)
    )
    assert rollout.truncated.any()
    assert rollout.terminated.any()
    for decision in (decision for step in steps for decision in step.collected):
        t, n = divmod(decision.row, 4)
        next_position = max(0, decision.picture_state["place"] + (1 if decision.action else -1))
        _, value = policy(policy.encode([f"corridor . at {next_position} . time {LIMIT} ."], [0]))
        expected = value[0] if rollout.truncated[t, n] else torch.tensor(0.0)
        torch.testing.assert_close(rollout.final_values[t, n], expected.detach(), atol=1e-6, rtol=1e-5)


def test_episodes_continue_from_one_rollout_to_the_next():
    whole, _ = collected(Collector([Corridor() for _ in range(3)], 0, seed=0), create(), steps=24)
    collector, generator = Collector([Corridor() for _ in range(3)], 0, seed=0), torch.Generator().manual_seed(0)
    halves = [list(collector.collect(create(), 12, generator)) for _ in range(2)]
    assert [step.episodes for step in whole] == [step.episodes for half in halves for step in half]
    assert any(episode.length == LIMIT for step in whole for episode in step.episodes)


def test_an_episode_has_its_reward_score_and_length():
    steps, rollout = collected(Collector([Corridor()], 0, seed=3), create(), steps=30)
    start = 0
    for t, step in enumerate(steps):
        for episode in step.episodes:
            assert episode.length == t + 1 - start
            assert episode.reward == rollout.rewards[start : t + 1, 0].sum()
            assert episode.score == rollout.terminated[t, 0]
            start = t + 1
    assert start > 0


def test_reusing_the_outputs_for_equal_sentences_changes_no_decision():
    reused = collected(Collector([Corridor() for _ in range(4)], 0, seed=0), create())[1]
    recomputed = collected(Collector([Corridor() for _ in range(4)], 0, seed=0, reuse=False), create())[1]
    assert torch.equal(reused.actions, recomputed.actions)
    torch.testing.assert_close(reused.values, recomputed.values)
    torch.testing.assert_close(reused.final_values, recomputed.final_values)


def test_environments_have_different_seeds_that_depend_on_the_collectors_seed_only():
    worlds = [[Corridor() for _ in range(16)] for _ in range(3)]
    for group, seed in zip(worlds, (0, 0, 1), strict=True):
        Collector(group, 0, seed=seed)
    positions = [[world.position for world in group] for group in worlds]
    assert positions[0] == positions[1] != positions[2]
    assert len(set(positions[0])) > 1


def test_a_fault_has_the_index_of_the_environment_that_raised():
    class Jumper(LanguagePolicy):
        def add_task(self, task_id, actions, words):
            super().add_task(task_id, actions, words)

        def forward(self, observations):
            logits = torch.full((len(observations), 3), -30.0)
            logits[:-1, 0] = logits[-1, 2] = 30.0
            return torch.distributions.Categorical(logits=logits), torch.zeros(len(observations))

    collector = Collector([Corridor() for _ in range(3)], 0, seed=0, reuse=False)
    with pytest.raises(WorldFault, match="world 2 raised ZeroDivisionError: jumped") as caught:
        collected(collector, create(kind=Jumper))
    assert caught.value.index == 2
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_fault_has_the_index_of_the_environment_whose_reset_raised():
    class Broken(Corridor):
        def reset(self, *, seed=None, options=None):
            raise OSError("no such house")

    with pytest.raises(WorldFault, match="world 1 raised OSError: no such house"):
        Collector([Corridor(), Broken()], 0, seed=0)


def test_a_fault_has_the_index_of_the_environment_without_a_score():
    class Silent(Corridor):
        def step(self, action):
            return (*super().step(action)[:4], {})

    with pytest.raises(WorldFault, match="world 0 raised KeyError: 'score'"):
        collected(Collector([Silent()], 0, seed=0), create())


def test_a_collector_continues_exactly_where_its_state_was_taken():
    collector = Collector([Corridor() for _ in range(3)], 0, seed=0)
    collected(collector, create(), steps=7)
    state = collector.state()
    restored = Collector([Corridor() for _ in range(3)], 0, seed=9)
    restored.restore(state)
    first, second = (collected(each, create(), steps=20, seed=4) for each in (collector, restored))
    assert [step.episodes for step in first[0]] == [step.episodes for step in second[0]]
    assert torch.equal(first[1].rewards, second[1].rewards)


def test_nothing_is_drawn_from_the_global_generators():
    numpy_before, torch_before = np.random.get_state()[1].copy(), torch.random.get_rng_state()
    collected(Collector([Corridor() for _ in range(3)], 0, seed=0), create())
    assert (np.random.get_state()[1] == numpy_before).all()
    assert torch.equal(torch.random.get_rng_state(), torch_before)

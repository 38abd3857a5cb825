"""When full checkpoints are made: as often as set, but never beyond their maximum share of the time."""

import pytest

from agents.config.learning import CheckpointConfig
from agents.training.checkpointing import CheckpointSchedule


class Clock:
    """A clock that a test sets."""

    def __init__(self):
        self.second = 0.0

    def now(self):
        return self.second


def collected(config, seconds, cost, rate=1_000):
    """Return the seconds at which a run of `rate` steps a second saves, at a cost of `cost` seconds each."""
    clock, saves = Clock(), []
    schedule, worked = CheckpointSchedule(clock, 0), 0.0
    while clock.second < seconds:
        clock.second, worked = clock.second + 0.25, worked + 0.25
        if schedule.is_due(config, int(worked * rate)):
            began = clock.second
            saves.append(began)
            clock.second += cost
            schedule.saved(int(worked * rate), began)
    return saves


BY_STEPS, BY_TIME = (
    CheckpointConfig(save_steps=2_000, save_minutes=0),
    CheckpointConfig(save_steps=0, save_minutes=0.05),
)
BOTH = CheckpointConfig(save_steps=2_000, save_minutes=0.05)


@pytest.mark.parametrize("config", [BY_STEPS, BY_TIME, BOTH], ids=["steps", "time", "both"])
@pytest.mark.parametrize("share", [0.02, 0.1])
def test_expensive_saves_take_no_more_than_their_share(config, share):
    cost, seconds = 1.0, 2_000
    saves = collected(config.model_copy(update={"max_time_share": share}), seconds, cost)
    assert len(saves) * cost <= share * seconds + cost
    assert len(saves) * cost >= 0.9 * share * seconds


@pytest.mark.parametrize(("config", "every"), [(BY_STEPS, 2), (BY_TIME, 3), (BOTH, 2)], ids=["steps", "time", "both"])
def test_cheap_saves_are_made_as_often_as_set(config, every):
    assert len(collected(config, 600, cost=0.001)) == pytest.approx(600 / every, abs=1)


def test_without_a_limit_saves_are_made_however_expensive():
    assert len(
        collected(CheckpointConfig(save_steps=2_000, save_minutes=0, max_time_share=1), 300, cost=1.0)
    ) == pytest.approx(100, abs=1)


@pytest.mark.parametrize("config", [BY_STEPS, BY_TIME], ids=["steps", "time"])
def test_the_first_save_is_never_delayed(config):
    assert collected(config, 20, cost=1_000.0) == [pytest.approx(2, abs=1.01)]


def test_no_saves_if_both_intervals_are_0():
    assert collected(CheckpointConfig(save_steps=0, save_minutes=0), 600, cost=0.001) == []

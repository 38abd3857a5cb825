"""Pairs of strategies in flags and files, and the messages for pairs that can't be combined."""

import pytest
from pydantic import ValidationError

from agents.config import RunConfig
from agents.config.config_file import changed, dump, parse
from agents.config.strategies import EWCConfig, ReplayConfig
from agents.config.strategy_pair import OWN_WEIGHTS, PENALTIES, BothConfig, choice, conflict, parts_of, spelling, tables
from agents.errors import BadInput
from agents.registry import STRATEGIES, names
from envs.curriculum import Stage

GUARDS = sorted(set(names(STRATEGIES)) - {"naive", "joint"} - OWN_WEIGHTS)


@pytest.mark.parametrize(
    "text",
    [
        '[strategy]\nname = "ewc+replay"',
        '[strategy]\nname = "both"',
        '[strategy]\nname = "both"\n[strategy.first]\nname = "ewc"\n[strategy.second]\nname = "replay"',
        f'[strategy]\nname = "ewc + replay"\n[strategy.first]\nstrength = {EWCConfig().strength}',
    ],
)
def test_a_pair_is_written_in_short_or_at_length(text):
    assert parse(text).strategy == BothConfig(first=EWCConfig(), second=ReplayConfig())


def test_a_pair_is_written_to_a_file_and_read_again():
    config = RunConfig(strategy=BothConfig(first=ReplayConfig(), second=EWCConfig(strength=5)))
    assert parse(dump(config)) == config


def test_settings_of_either_are_changed_by_their_paths():
    asked = {"strategy.second.batch_size": 5, "strategy.name": "ewc+replay", "strategy.first.strength": 7}
    pair = RunConfig().changed(asked).strategy
    assert pair == BothConfig(first=EWCConfig(strength=7), second=ReplayConfig(batch_size=5))
    other = RunConfig(strategy=pair).changed({"strategy.second.name": "si"}).strategy
    assert (other.first, other.second.name) == (pair.first, "si")


def test_a_stage_has_its_own_settings_of_either():
    config = parse(
        '[strategy]\nname = "ewc+replay"\n[[stages]]\ntask = "household/go-to"\n[stages.strategy.first]\nstrength = 8'
    )
    pair = config.in_stage(config.stages[0]).strategy
    assert pair == BothConfig(first=EWCConfig(strength=8), second=ReplayConfig())
    assert config.in_stage(Stage(task="household/go-to")).strategy == config.strategy


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("packnet+adapters", "each keep separate weights for every task: choose one of them"),
        ("ewc+packnet", "the penalty of 'ewc' would pull"),
        ("adapters+si", "the penalty of 'si' would pull"),
        ("replay+packnet", "'replay' has nothing to protect: choose 'packnet' alone"),
        ("joint+ewc", "'ewc' has nothing to protect: choose 'joint' alone"),
        ("naive+ewc", "'naive' adds nothing to 'ewc': choose 'ewc' alone"),
        ("ewc+naive", "'naive' adds nothing to 'ewc': choose 'ewc' alone"),
        ("ewc+ewc", "'ewc' twice is 'ewc'"),
        ("ewc+replay+si", "joins 3 strategies; write two"),
        ("ewc+reply", "did you mean 'replay'?"),
    ],
)
def test_what_cannot_be_combined_is_refused_in_one_line_with_the_remedy(name, why):
    with pytest.raises(BadInput) as caught:
        changed(RunConfig(), {"strategy.name": name})
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("one", names(STRATEGIES))
@pytest.mark.parametrize("other", names(STRATEGIES))
def test_two_different_guards_of_shared_weights_can_be_combined_and_nothing_else(one, other):
    free = conflict(one, other) is None
    assert free == (one in GUARDS and other in GUARDS and one != other)
    assert free == (conflict(other, one) is None)
    try:
        BothConfig(first=names(STRATEGIES)[one](), second=names(STRATEGIES)[other]())
    except ValidationError:
        assert not free
    else:
        assert free


def test_every_strategy_that_the_rules_name_is_there():
    assert {*PENALTIES, *OWN_WEIGHTS} <= set(names(STRATEGIES))


@pytest.mark.parametrize(
    "strategy", [EWCConfig(strength=7), BothConfig(first=ReplayConfig(batch_size=3), second=EWCConfig())]
)
def test_choice_reproduces_the_strategy(strategy):
    assert RunConfig().changed(choice(*parts_of(strategy))).strategy == strategy
    assert list(tables(strategy).values()) == list(parts_of(strategy))
    assert RunConfig().changed({"strategy.name": spelling(strategy)}).strategy.name == strategy.name

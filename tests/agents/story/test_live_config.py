import pytest

from agents.commands import Configure
from agents.config import RunConfig
from agents.events import CommandApplied, RunStarted
from agents.story import Story
from agents.story.live_config import live_config


def story(*changes):
    marks = [CommandApplied(step=step, command=Configure(changes=change)) for step, change in enumerate(changes, 1)]
    return Story([RunStarted(step=0, config=RunConfig()), *marks])


@pytest.mark.parametrize(
    ("marks", "changes", "strategy"),
    [
        ((), {}, RunConfig().strategy.name),
        (({"strategy.name": "ewc"},), {}, "ewc"),
        (({"strategy.name": "ewc"}, {"strategy.name": "naive"}), {}, "naive"),
        ((), {"strategy.name": "ewc"}, "ewc"),
        (({"strategy.name": "naive"},), {"strategy.name": "ewc"}, "naive"),
        (({"strategy.name": "nonsense"},), {"strategy.name": "ewc"}, "ewc"),
    ],
)
def test_the_last_change_counts_and_invalid_ones_are_skipped(marks, changes, strategy):
    assert live_config(story(*marks), changes).strategy.name == strategy

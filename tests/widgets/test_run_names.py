"""Runs that are shown together can be told apart, whatever they are called."""

from itertools import product

import pytest

from agents.config import RunConfig
from agents.events import RunStarted
from agents.registry import STRATEGIES, names
from agents.story import Story
from agents.strategy_pair import choice
from envs.curriculum import Stage
from widgets.part_titles import strategy_title
from widgets.run_names import described, short_names, told_apart
from widgets.scene import Scene
from widgets.timeline_tracks import tracks

STAGE = Stage(id="a", task="household/go-to", steps=100)


def run(strategy="naive", seed=0, parent=None):
    config = RunConfig(stages=(STAGE,), seed=seed).changed(choice(names(STRATEGIES)[strategy]()))
    made = Story([RunStarted(step=0, config=config)])
    made.parent = parent
    return made


@pytest.mark.parametrize("strategy", names(STRATEGIES))
def test_a_run_is_described_by_name_strategy_and_seed(language, strategy):
    told = described("First", run(strategy, seed=7))
    assert told.startswith(f"First · {strategy_title(strategy)} · ")
    assert "7" in told


def test_a_fork_is_named_as_one():
    fork = run("ewc", parent=("20260101-first", 50_000))
    assert described("Second", fork) == "Second · EWC · seed 0 · fork at 50,000"
    assert short_names([run(), fork]) == ["Naive", "fork at 50,000"]
    main, below = tracks((STAGE,), Scene(story=fork, overlays=(("First", run()),), state="running"))
    assert (main.name, main.strategy) == ("fork at 50,000", "EWC · seed 0")
    assert below.name == "First · Naive · seed 0"
    main, below = tracks((STAGE,), Scene(story=run(), overlays=(("Second", fork),), state="running"))
    assert main.name == "main"
    assert below.name.endswith("fork at 50,000")


RUNS = [
    run(strategy, seed, parent)
    for strategy, seed, parent in product(("naive", "replay"), (0, 1), (None, ("first", 50_000), ("first", 60_000)))
]


def test_no_two_runs_are_called_alike(language):
    alike = [("Same", story) for story in (*RUNS, *RUNS)]
    for called in (told_apart(alike, ["Same"]), short_names([story for _, story in alike])):
        assert len(set(called)) == len(called) == len(alike)
    shown = tracks((STAGE,), Scene(story=run(), overlays=tuple(alike), state="running"))
    assert len({track.name for track in shown}) == len(shown)


def test_names_that_differ_stay_as_they_are():
    assert told_apart([("First", run()), ("Second", run())], ["Third"]) == ["First", "Second"]
    assert told_apart([("First", run("replay"))], ["First"]) == ["First · Replay · seed 0"]


def test_runs_of_one_strategy_are_told_apart_by_their_seeds():
    assert short_names([run(seed=0), run(seed=1), run("ewc")]) == ["Naive · seed 0", "Naive · seed 1", "EWC"]
    assert short_names([run(), run()]) == ["Naive · seed 0", "Naive · seed 0 (2)"]

"""Runs that are shown together get different names."""

from itertools import product

import pytest

from agents.config import RunConfig
from agents.config.strategy_pair import choice
from agents.events import RunStarted
from agents.registry import STRATEGIES, names
from agents.story import Story
from envs.curriculum import Stage
from widgets.forms.part_titles import strategy_title
from widgets.plots.run_names import describe_run, fork_name, run_label, unique_names
from widgets.runs.fork_dialog import ForkDialog, Parting
from widgets.scene import Scene
from widgets.style.catalogue import LANGUAGES, LanguageSwitcher
from widgets.timeline.tracks import tracks

STAGE = Stage(id="a", task="household/go-to", steps=100)


def run(strategy="naive", seed=0, parent=None):
    config = RunConfig(stages=(STAGE,), seed=seed).changed(choice(names(STRATEGIES)[strategy]()))
    story = Story([RunStarted(step=0, config=config)])
    story.parent = parent
    return story


@pytest.mark.parametrize("strategy", names(STRATEGIES))
def test_a_run_is_described_by_name_strategy_and_seed(language, strategy):
    text = describe_run("First", run(strategy, seed=7))
    assert text.startswith(f"First · {strategy_title(strategy)} · ")
    assert "7" in text


def automatic_name(story):
    return f"{story.config.name} {story.config.strategy.name} {story.config.seed}"


def test_a_fork_is_named_as_one():
    fork = run("ewc", parent=("20260101-first", 50_000))
    assert describe_run("Second", fork) == "Second · EWC · seed 0 · fork at 50,000"
    assert run_label("First naive 0 from 50000, strategy.name=ewc", fork) == "fork at 50,000"
    main, below = tracks((STAGE,), Scene(story=fork, overlays=(("First", run()),), state="running"))
    assert (main.name, main.strategy) == ("fork at 50,000", "EWC · seed 0")
    assert below.name == "First · Naive · seed 0"
    main, below = tracks((STAGE,), Scene(story=run(), overlays=(("fork at 50,000", fork),), state="running"))
    assert main.name == "main"
    assert below.name == "EWC · seed 0 · fork at 50,000"


RUNS = [
    run(strategy, seed, parent)
    for strategy, seed, parent in product(("naive", "replay"), (0, 1), (None, ("first", 50_000), ("first", 60_000)))
]


@pytest.mark.parametrize("name", ["Same", "story up"])
def test_no_two_runs_get_the_same_name(language, name):
    runs = [(automatic_name(story) if name == "story up" else name, story) for story in (*RUNS, *RUNS)]
    called = unique_names(runs)
    assert len(set(called)) == len(called) == len(runs)
    overlays = tuple(zip(called, (story for _, story in runs), strict=True))
    shown = tracks((STAGE,), Scene(story=run(), overlays=overlays, state="running"))
    assert len({track.name for track in shown}) == len(shown)


def test_names_that_people_gave_stay_as_they_are():
    assert unique_names([("First", run()), ("Second", run())]) == ["First", "Second"]
    assert unique_names([("First", run()), ("First", run("replay"))]) == [
        "First · Naive · seed 0",
        "First · Replay · seed 0",
    ]


@pytest.mark.parametrize("strategy", names(STRATEGIES))
def test_a_run_that_nobody_named_is_called_by_its_strategy(language, strategy):
    story = run(strategy)
    assert unique_names([(automatic_name(story), story)]) == [strategy_title(strategy)]


def test_runs_of_one_strategy_are_distinguished_by_their_seeds():
    runs = [(automatic_name(story), story) for story in (run(seed=0), run(seed=1), run("ewc"))]
    assert unique_names(runs) == ["Naive · seed 0", "Naive · seed 1", "EWC"]
    assert unique_names([runs[0], runs[0]]) == ["Naive · seed 0", "Naive · seed 0 (2)"]


@pytest.mark.parametrize("step", [2, 300, 2_000, 1_234_567])
@pytest.mark.parametrize("spoken", LANGUAGES)
@pytest.mark.parametrize("tail", ["", ", EWC"])
def test_a_fork_that_nobody_named_is_called_so_whichever_language_named_it(language, qtbot, step, spoken, tail):
    fork, other = run("ewc", parent=("first", step)), run("ewc", parent=("first", 10 * step + 1))
    interpreter = LanguageSwitcher()
    interpreter.switch_to(spoken)
    dialog = ForkDialog(Parting(name="First naive 0", step=step, last=10**7, config=RunConfig()))
    qtbot.addWidget(dialog)
    interpreter.switch_to(language)
    name = f"{dialog.name}{tail}"
    assert run_label(name, fork) == fork_name(fork)
    assert run_label(name, other) == name
    assert run_label("Mine", fork) == "Mine"

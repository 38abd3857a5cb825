"""Fixtures for the tests of panels: the story of a run of several stages, a frame, themes and languages."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication

from agents.commands import Configure, EditCurriculum, Pause
from agents.config import RunConfig
from agents.events import (
    CommandApplied,
    EpisodeFinished,
    Evaluated,
    Frame,
    MemoryChanged,
    MemoryEntry,
    RunStarted,
    StageFinished,
    StageStarted,
    TasksChanged,
)
from agents.story import Story
from envs.curriculum import Stage
from envs.task import Task
from widgets.style import theme
from widgets.style.catalogue import LANGUAGES, LanguageSwitcher

STEPS = 1_000
STAGES = (
    Stage(id="a", task="household/go-to", steps=STEPS),
    Stage(id="b", task="gym:CartPole-v1", steps=STEPS),
    Stage(id="c", task="mirror/go-to", steps=STEPS),
    Stage(id="d", task="household/put-away", steps=STEPS),
)
SCORES = {-1: (0.3, 0.0, 0.2, 0.1), 0: (1.0, 0.1, 0.1, 0.1), 1: (0.9, 0.8, 0.1, 0.1), 2: (0.4, 0.7, 0.95, 0.2)}
"""Evaluation scores of every task after each stage; -1: before training."""


def _entries(index):
    return tuple(
        MemoryEntry(
            id=10 * index + number,
            task_id=index,
            text=f"{STAGES[index].configured_task.title} . apple {['one', 'two', 'three'][number]} left .",
            action="go west" if number else "go east",
            reward=float(number),
            step=STEPS * index + number,
            picture_state={"x": number} if number else None,
        )
        for number in range(3)
    )


def _stage(index, part=1.0):
    start, random = STEPS * index, np.random.default_rng(index)
    yield StageStarted(step=start, seconds=start / 100, index=index, task_id=index, stage=STAGES[index])
    yield MemoryChanged(step=start, added=_entries(index))
    for step in range(start, start + int(STEPS * part), 5):
        score = float(random.random())
        reward = 100 * score if index == 1 else score - 0.1
        yield EpisodeFinished(
            step=step, seconds=step / 100, index=index, task_id=index, reward=reward, score=score, length=5
        )
    if part < 1:
        return
    end = start + STEPS
    yield Evaluated(step=end, index=index, scores=SCORES[index], final=True)
    yield StageFinished(step=end, index=index, reason="budget")


def _events():
    yield RunStarted(step=0, config=RunConfig(stages=STAGES))
    yield TasksChanged(step=0, tasks=tuple(stage.configured_task for stage in STAGES))
    yield Evaluated(step=0, index=-1, scores=SCORES[-1], final=True)
    yield from _stage(0)
    yield CommandApplied(step=STEPS, command=EditCurriculum(stages=STAGES))
    yield CommandApplied(step=STEPS, command=Pause())
    yield from _stage(1)
    yield CommandApplied(step=2 * STEPS, command=Configure(changes={"strategy.name": "replay"}))
    yield from _stage(2)
    yield from _stage(3, part=0.5)


@pytest.fixture
def story():
    """A run that has finished three stages and half of the fourth."""
    return Story(_events())


@pytest.fixture
def frame():
    """A frame of the live view in the third task."""
    words = ("Mirror", "house", ".", "apple", "one", "left", ".")
    return Frame(
        task_id=2,
        task=Task(key="mirror/go-to"),
        picture=np.full((60, 60, 3), 90, dtype=np.uint8),
        text=" ".join(words),
        goal="go to the apple",
        actions=("go north", "go east"),
        probabilities=(0.75, 0.25),
        value=0.81,
        action=0,
        attention=tuple((word, 1 / 7) for word in words),
        total=0.35,
        episode=7,
        agent_step=3_400,
    )


@pytest.fixture
def apply_theme(qapp, monkeypatch):
    """Return a function that applies a theme and a type scale to the application; both are undone afterwards."""
    style, palette, font = qapp.styleSheet(), qapp.palette(), QApplication.font()
    monkeypatch.setattr(theme, "_sheet", "")

    def apply(palette, scale=1.0):
        theme.apply(palette, scale)
        qapp.setStyleSheet(theme.style_sheet(palette, scale))

    yield apply
    qapp.setStyleSheet(style)
    qapp.setPalette(palette)
    qapp.setFont(font)


@pytest.fixture(params=["dark", "light"])
def dressed(request, apply_theme):
    """The application in each theme."""
    apply_theme(theme.named(request.param))
    return theme.named(request.param)


@pytest.fixture(params=LANGUAGES)
def language(request, qapp):
    """The interface in each language; afterwards it is English again."""
    interpreter = LanguageSwitcher()
    interpreter.switch_to(request.param)
    yield request.param
    interpreter.switch_to("en")


@pytest.fixture(params=[0.9, 1.0, 1.5])
def scale(request, apply_theme):
    """Three sizes of type."""
    apply_theme(theme.DARK, request.param)
    return request.param


@pytest.fixture
def asked(panel):
    """The requests and commands of the panel of a test file, in order."""
    requests = []
    panel.requested.connect(requests.append)
    return requests

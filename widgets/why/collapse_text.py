"""Texts about a collapsed policy, and about the rule that detects it."""

from __future__ import annotations

from agents.analysis.collapse import EPISODES, FALL, GAIN, POOR, REPEATING, SURE, UPDATES, Collapse
from widgets.style.numbers import score
from widgets.style.translation import tr


def collapse_text(found: Collapse, task: str) -> str:
    """Return what was detected in a task, and the remedy."""
    if found.kind == "sure":
        text = tr(
            "In {task} the agent is sure of what it does (entropy {entropy}) although its score is {score}.",
            task=task,
            entropy=f"{found.entropy or 0.0:.3f}",
            score=score(found.score),
        )
    else:
        text = tr(
            "In {task} the agent repeats one action (in {share} of its worlds) although its score is {score}.",
            task=task,
            share=f"{found.repetition:.0%}",
            score=score(found.score),
        )
    return f"{text} {tr('It tries nothing else any more: raise the entropy bonus, or go back and fork.')}"


def collapse_rule() -> str:
    """Return the rule of detection, for a tooltip."""
    return tr(
        "Said when the mean score of the last {episodes} episodes of a stage is below {poor}, does not rise, and is"
        " less than {gain} above the untrained agent's or at most {fall} of the best of this run, and over the last"
        " {updates} updates entropy is below {sure} nats, or one action was taken throughout in {alike} of the worlds",
        episodes=EPISODES,
        poor=POOR,
        gain=GAIN,
        fall=f"{FALL:.0%}",
        updates=UPDATES,
        sure=SURE,
        alike=f"{REPEATING:.0%}",
    )

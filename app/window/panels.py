"""The panels of the window. To add one, write the widget and add a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSpec:
    """How a panel appears in the window and in the View menu."""

    key: str
    title: str
    widget: str
    """`module:Class`, imported when the window is built."""
    needs: tuple[str, ...] = ()
    """Which of the session's parts its constructor is given, by name."""
    beside: str = ""
    """Opens behind this panel, sharing its place."""
    width: int = 320
    """Its part of the window's width in the default layout, beside the others' `width`."""
    height: int = 240
    least: int = 0
    """Pixels of width that it is given at least, taken from the widest one: its title row holds much."""


PANELS: tuple[PanelSpec, ...] = (
    PanelSpec(key="tasks", title="Tasks", widget="widgets.tasks.task_bin:TaskBin", needs=("curriculum",), width=212),
    PanelSpec(key="now", title="Now", widget="widgets.live.live_view:LiveView", width=664, height=347),
    PanelSpec(
        key="remembering",
        title="Remembering",
        widget="widgets.remembering.remembering_panel:RememberingPanel",
        width=436,
        height=347,
        least=526,
    ),
    PanelSpec(key="reward", title="Reward", widget="widgets.reward.reward_plot:RewardPlot", height=178),
    PanelSpec(
        key="curriculum",
        title="Curriculum",
        widget="widgets.timeline.timeline:Timeline",
        needs=("curriculum",),
        height=215,
    ),
    PanelSpec(key="why", title="Why", widget="widgets.why.why_panel:WhyPanel", beside="remembering"),
    PanelSpec(
        key="memory", title="Memory", widget="widgets.memory.memory_inspector:MemoryInspector", beside="remembering"
    ),
    PanelSpec(
        key="knowledge",
        title="Knowledge",
        widget="widgets.knowledge.knowledge_inspector:KnowledgeInspector",
        beside="remembering",
    ),
    PanelSpec(key="teacher", title="Teacher", widget="widgets.teacher.teacher_panel:TeacherPanel", beside="reward"),
    PanelSpec(key="runs", title="Runs", widget="widgets.runs.run_browser:RunBrowser", beside="reward"),
    PanelSpec(key="log", title="Log", widget="widgets.shell.log_panel:LogPanel", beside="reward"),
    PanelSpec(key="settings", title="Settings", widget="widgets.settings.settings_panel:SettingsPanel", beside="now"),
    PanelSpec(key="models", title="Models", widget="widgets.models.models_panel:ModelsPanel", beside="now"),
    PanelSpec(key="proof", title="Proof", widget="widgets.proof.proof_panel:ProofPanel", beside="now"),
)

SPLITS: tuple[tuple[str, str, str], ...] = (
    ("tasks", "curriculum", "down"),
    ("tasks", "now", "right"),
    ("now", "reward", "down"),
    ("now", "remembering", "right"),
)
"""The default layout: each panel is cut in two, and the second part is given to another."""

BY_KEY: Mapping[str, PanelSpec] = {spec.key: spec for spec in PANELS}

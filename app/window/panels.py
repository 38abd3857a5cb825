"""The panels of the window. To add one, write the widget and add a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class PanelSpec:
    """Title, widget and default position of a panel."""

    key: str
    title: str
    widget: str
    """`module:Class`, imported when the window is created."""
    needs: tuple[str, ...] = ()
    """Names of the session's parts that its constructor takes."""
    beside: str = ""
    """The panel that it is tabbed behind."""
    width: int = 320
    """Its share of the window's width in the default layout, relative to the `width` of the others."""
    height: int = 240
    min_width: int = 0
    """Least width in pixels, for a wide title row; taken from the widest panel."""


PANELS: tuple[PanelSpec, ...] = (
    PanelSpec(key="tasks", title="Tasks", widget="widgets.tasks.task_bin:TaskBin", needs=("curriculum",), width=212),
    PanelSpec(key="now", title="Now", widget="widgets.live.live_view:LiveView", width=664, height=347),
    PanelSpec(
        key="remembering",
        title="Remembering",
        widget="widgets.remembering.remembering_panel:RememberingPanel",
        width=436,
        height=347,
        min_width=526,
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
"""The default layout: each row splits the first panel, and places the second one in that direction."""

BY_KEY: Mapping[str, PanelSpec] = {spec.key: spec for spec in PANELS}

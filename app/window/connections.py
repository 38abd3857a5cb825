"""Every signal connection between the session and the widgets."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication

from agents.config import RunConfig
from app.diagnostics.log_file import LogFile
from app.session.session import Session
from app.viewer.viewer_thread import MemoryPicture
from app.window.appearance import Appearance
from app.window.collapse_alert import CollapseAlert
from app.window.main_window import MainWindow
from app.window.settings import Settings
from widgets.knowledge.knowledge_inspector import KnowledgeInspector
from widgets.live.live_view import LiveView
from widgets.memory.memory_inspector import MemoryInspector
from widgets.models.models_panel import ModelsPanel
from widgets.proof.proof_panel import ProofPanel
from widgets.runs.run_browser import RunBrowser
from widgets.scene import Scene
from widgets.settings.settings_panel import SettingsPanel
from widgets.shell.log_panel import LogPanel
from widgets.shell.single_repaint import one_frame
from widgets.tasks.task_bin import TaskBin
from widgets.timeline.timeline import Timeline
from widgets.why.why_panel import WhyPanel

_WATCHED = ("now", "why")
"""Panels that show the watched agent."""


class Connections(QObject):
    """Connects the signals of a window's parts."""

    def __init__(self, window: MainWindow, log: LogFile) -> None:
        super().__init__(window)
        self._window = window
        docks, session = window.docks, window.session
        self._panels = {key: card.panel for key, card in docks.cards.items()}
        docks.requested.connect(window.execute)
        docks.picture_wanted.connect(window.exports.panel_picture)
        docks.visibility_changed.connect(self._on_visibility_changed)
        session.scene_changed.connect(self._show)
        session.watching.cleared.connect(docks.clear)
        session.state_changed.connect(self._show_state)
        session.live_run.phase_changed.connect(window.status.show_phase)
        session.live_run.load_progressed.connect(window.status.show_load_progress)
        session.config_changed.connect(self._show_config)
        session.run_library.exported.connect(self._inform)
        session.run_library.trashed.connect(self._inform)
        session.runs_changed.connect(session.run_library.refresh)
        window.appearance.changed.connect(self._apply_theme)
        window.header.picker.changed.connect(self._reconfigure)
        window.monitor.measured.connect(window.header.show_load)
        window.monitor.measured.connect(window.status.show_load)
        CollapseAlert(session)
        self._connect_title()
        self._connect_undo()
        self._connect_panels(log)
        self._connect_knowledge()
        self._connect_proofs()
        self._connect_tasks()
        self._connect_models()
        self._connect_detail()

    def _connect_title(self) -> None:
        window, header = self._window, self._window.header
        header.renamed.connect(window.rename)
        header.refused.connect(self._inform)
        window.session.curriculum.changed.connect(window.retitle)
        window.documents.changed.connect(window.retitle)

    def _connect_undo(self) -> None:
        stack = self._window.session.curriculum.undo_stack
        for key, possible in (("undo", stack.canUndoChanged), ("redo", stack.canRedoChanged)):
            possible.connect(self._window.commands[key].setEnabled)
        self._window.commands["undo"].setEnabled(stack.canUndo())
        self._window.commands["redo"].setEnabled(stack.canRedo())
        stack.indexChanged.connect(self._window.update_undo_texts)
        application = QApplication.instance()
        assert isinstance(application, QApplication), "a window needs one"
        application.focusChanged.connect(
            self._window.session.curriculum.settle
        )  # edits in another field are undone separately

    def _connect_panels(self, log: LogFile) -> None:
        session = self._window.session
        for panel in self._panels.values():
            match panel:
                case LiveView():
                    session.watching.framed.connect(panel.show_frame)
                    session.watching.compared.connect(panel.show_compared)
                    session.watching.framed.connect(self._fit_picture)
                    session.watching.misunderstood.connect(panel.refuse)
                    panel.moved.connect(self._window.docks.cards["now"].reread)
                case WhyPanel():
                    session.watching.reasoned.connect(panel.show_reasons)
                    session.watching.reconsidered.connect(panel.show_reconsidered)
                    session.watching.reasoned.connect(self._window.docks.cards["why"].reread)
                case RunBrowser():
                    session.run_library.listed.connect(panel.show_runs)
                    session.run_library.listed.connect(self._window.docks.cards["runs"].retitle)
                case LogPanel():
                    log.relay.written.connect(panel.write)
                case SettingsPanel() | Timeline():
                    session.config_changed.connect(panel.show_config)
                case MemoryInspector():
                    session.watching.pictured.connect(self._picture)

    def _connect_detail(self) -> None:
        timeline = self._panels["curriculum"]
        assert isinstance(timeline, Timeline), "the curriculum's panel is the timeline"
        self._window.session.run_library.listed.connect(timeline.show_runs)
        form, settings = self._panels["settings"], self._window.settings
        assert isinstance(form, SettingsPanel), "settings are shown by their form"
        for first, second in ((form, timeline), (timeline, form)):
            first.show_level(settings.detail)
            first.level_chosen.connect(settings.store_detail)
            first.level_chosen.connect(second.show_level)

    def _connect_knowledge(self) -> None:
        panel, card = self._panels["knowledge"], self._window.docks.cards["knowledge"]
        assert isinstance(panel, KnowledgeInspector), "knowledge is shown by its panel"
        self._window.session.config_changed.connect(panel.show_config)
        panel.narrowed.connect(card.reread)

    def _connect_tasks(self) -> None:
        panel, trials = self._panels["tasks"], self._window.trials
        assert isinstance(panel, TaskBin), "tasks are offered by their bin"
        trials.passed.connect(panel.add_id)
        trials.refused.connect(panel.refuse_id)

    def _connect_proofs(self) -> None:
        panel, proofs = self._panels["proof"], self._window.proofs
        assert isinstance(panel, ProofPanel), "the proof is shown by its panel"
        proofs.changed.connect(panel.show_board)
        proofs.changed.connect(self._window.docks.cards["proof"].reread)

    def _connect_models(self) -> None:
        panel, models = self._panels["models"], self._window.models
        assert isinstance(panel, ModelsPanel), "models are shown by their panel"
        models.listed.connect(panel.show_choices)
        models.named.connect(panel.add_choice)
        models.examined.connect(panel.show_facts)
        form = self._panels["settings"]
        assert isinstance(form, SettingsPanel), "settings are shown by their form"
        timeline = self._panels["curriculum"]
        assert isinstance(timeline, Timeline), "the curriculum's panel is the timeline"
        models.listed.connect(timeline.show_choices)
        models.listed.connect(form.show_choices)
        models.examined.connect(form.show_facts)
        self._window.session.config_changed.connect(panel.show_config)
        self._window.session.config_changed.connect(self._window.docks.cards["models"].reread)

    def _show(self, scene: Scene) -> None:
        self._window.docks.show_scene(scene)
        self._window.status.show_scene(scene)
        self._window.status.show_folder(self._window.session.folder)
        self._window.header.show_rate(scene.story.rate if scene.story and scene.state == "running" else 0.0)

    def _show_state(self, state: str) -> None:
        self._window.header.show_state(state)
        self._window.status.show_state(state)

    def _show_config(self, config: RunConfig) -> None:
        self._window.header.picker.show_config(config)
        self._window.header.show_seed(config.seed)

    def _inform(self, text: str) -> None:
        self._window.session.notice(text)

    def _reconfigure(self, changes: dict[str, object]) -> None:
        session = self._window.session
        session.reconfigure(session.config.changed(changes), changes)

    def _on_visibility_changed(self, key: str, visible: bool) -> None:
        watching = self._window.session.watching
        if key == "why":
            watching.explain(wanted=visible)
        if key == "proof" and visible:
            self._window.proofs.load()
        if key == "models" and visible:
            self._window.models.list_all()
        if key == "runs" and visible:  # another window or the command line may have added runs
            self._window.session.run_library.refresh()
        if key in _WATCHED:
            watching.suspend(not self._window.docks.is_any_visible(*_WATCHED))

    def _fit_picture(self) -> None:
        """Draw the next pictures in the size of the live view."""
        live_view = self._panels["now"]
        if isinstance(live_view, LiveView):
            self._window.session.watching.set_size(live_view.side)

    def _picture(self, picture: MemoryPicture) -> None:
        panel = self._panels["memory"]
        if isinstance(panel, MemoryInspector):
            panel.show_picture(picture.entry_id, picture.picture)

    def _apply_theme(self) -> None:
        """Apply a new theme, language or font scale to all parts, in one repaint."""
        window = self._window
        with one_frame(window):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.LanguageChange)
            window.apply_theme()
            window.session.watching.apply_theme(dark=window.appearance.is_dark)
            window.retranslate()
            window.session.redraw_timer.draw()
            window.docks.draw_all()


def open_window(session: Session, settings: Settings, appearance: Appearance, log: LogFile) -> MainWindow:
    """Create the window of a session, and connect its parts."""
    window = MainWindow(session, settings, appearance, log)
    window.finish_setup(Connections(window, log))
    return window

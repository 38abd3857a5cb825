"""The main window: header, dock area and status bar around one session."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QChildEvent, QEvent, QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication, QDialog, QMainWindow

from agents.commands import EraseKnowledge, EraseMemories
from agents.sharing.archive_limits import SUFFIX
from app.diagnostics.log_file import LogFile
from app.diagnostics.machine_load import LoadMonitor
from app.proof.proofs import BenchmarkRunner
from app.runs.world_trials import WorldTrials
from app.session.session import Session
from app.window.actions import ACTIONS, create_action, describe
from app.window.appearance import Appearance
from app.window.deletions import Deletions
from app.window.disabled_actions import DisabledActions
from app.window.dock_area import DockArea
from app.window.documents import Documents
from app.window.draft_offers import DraftOffers
from app.window.exports import Exports
from app.window.header import Header
from app.window.help import Help
from app.window.import_export import ImportExport
from app.window.interface import WindowInterface
from app.window.keyboard_focus import KeyboardFocus
from app.window.menus import Menus
from app.window.model_library import ModelLibrary
from app.window.notices import Notices
from app.window.resume_offers import ResumeOffers
from app.window.run_dialogs import RunDialogs
from app.window.settings import Settings
from app.window.shortcut_owners import ShortcutOwners
from app.window.status_bar import StatusBar
from envs.requests import UNCHECKED
from widgets.forms.setting_titles import in_a_sentence
from widgets.live.live_view import LiveView
from widgets.requests import (
    DescribeRun,
    ExportRun,
    ForkFrom,
    ModelRequest,
    RunBenchmark,
    StopBenchmark,
    TrashRuns,
    TryWorld,
)
from widgets.shell.notice_bar import NoticeBar
from widgets.shell.question import ask
from widgets.style import theme
from widgets.style.icons import icon
from widgets.style.translation import tr
from widgets.timeline.timeline import Timeline

MIN_SIZE = (1024, 680)
DEFAULT_SIZE = QSize(1440, 900)
FRAME_SIZE = QSize(8, 44)
"""Size of the window manager's frame and title bar, in pixels."""


class MainWindow(QMainWindow):
    """The window of one session.

    Signals:
        painted: the window has been painted for the first time.
    """

    painted = Signal()
    all_ended = True
    """Whether every thread ended when the window was closed; one in which a world hangs does not."""

    def __init__(self, session: Session, settings: Settings, appearance: Appearance, log: LogFile) -> None:
        super().__init__()
        self.session, self.settings, self.appearance = session, settings, appearance
        self.installEventFilter(self)
        ShortcutOwners(self)
        self.setMinimumSize(*MIN_SIZE)
        self.resize(_initial_size(self.screen().availableSize()))
        self.setAcceptDrops(True)
        self.documents = Documents(session, settings, self)
        self.sharing = ImportExport(session, self.documents, self)
        self.help = Help(session, log.folder, self)
        self.docks = DockArea({"curriculum": session.curriculum}, self)
        self._keyboard_focus = KeyboardFocus(self, self.docks)
        self.exports = Exports(session, self.docks, self)
        self.run_dialogs, self.deletions = RunDialogs(session, self), Deletions(session, self)
        self.proofs, self.models, self.trials = self._make_background_parts()
        self.commands = {key: create_action(key, self) for key in ACTIONS}
        self.header = Header(self.commands, self)
        self.menus = Menus(self.header.menus, self.commands)
        self.status = StatusBar(self)
        self.monitor = LoadMonitor(self)
        self._set_widgets()
        self._make_bars()
        # a text field must not swallow the Space that starts the first run
        self.docks.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.docks.setFocus()
        for key, action in self.commands.items():
            action.triggered.connect(partial(self._call, ACTIONS[key].handler))
            self.addAction(action)

    def finish_setup(self, connections: QObject) -> None:
        """Restore the layout and set every text, once the parts are connected."""
        self._connections = connections
        self._disabled_actions = DisabledActions(self.session, self.commands, self)
        self._prepare_menus()
        self._restore()
        self.retranslate()

    def _make_background_parts(self) -> tuple[BenchmarkRunner, ModelLibrary, WorldTrials]:
        """Create the parts that work in other threads and processes; `end` ends them."""
        return BenchmarkRunner(self.session.run_library.root, self), ModelLibrary(self.session, self), WorldTrials(self)

    def _set_widgets(self) -> None:
        self.setMenuWidget(self.header)
        self.setCentralWidget(self.docks)
        self.setStatusBar(self.status)

    def _make_bars(self) -> None:
        self.offer_bar = NoticeBar(self.docks)
        self.draft_bar = NoticeBar(self.docks, self.offer_bar)
        self.notice_bar = NoticeBar(self.docks, self.draft_bar)
        Notices(self.session, self.notice_bar)
        ResumeOffers(self.session, self.settings, self.offer_bar)
        DraftOffers(self.documents, self.draft_bar)
        self.apply_theme()

    def _prepare_menus(self) -> None:
        self.menus.submenus["panels"].aboutToShow.connect(self._list_panels)
        # these menus are read from disk only when they are opened
        self.menus.submenus["examples"].aboutToShow.connect(self._list_examples)
        self.menus.submenus["recent"].menuAction().hovered.connect(self._list_recent)
        self.documents.changed.connect(self._list_recent)

    def _list_panels(self) -> None:
        self.menus.list_panels(self.docks)

    def _list_examples(self) -> None:
        self.menus.list_examples(self.documents)

    def _list_recent(self) -> None:
        self.menus.list_recent(self.settings, self.documents)

    def _call(self, handler: Callable[[WindowInterface], object]) -> None:
        handler(self)

    def _restore(self) -> None:
        self.restoreGeometry(self.settings.bytes("geometry"))
        arrangement = self.settings.bytes("arrangement")
        if arrangement and not self.docks.arrange(arrangement):
            self.docks.reset()

    def execute(self, request: object) -> None:
        """Execute a panel's request, or pass it to the session."""
        match request:
            case ExportRun():
                self.exports.run(request.folder)
            case ForkFrom():
                self.run_dialogs.fork(request)
            case DescribeRun():
                self.run_dialogs.describe(request)
            case EraseMemories() | EraseKnowledge() | TrashRuns():
                self.deletions.execute(request)
            case TryWorld():
                self.trials.begin(request.gym_id)
            case RunBenchmark() | StopBenchmark():
                self.proofs.execute(request)
            case _ if isinstance(request, ModelRequest):
                self.models.execute(request)
            case _:
                self.session.execute(request)

    def duplicate_clip(self) -> None:
        """Insert a copy of the selected clip after it."""
        self._timeline().duplicate_selected()

    def remove_clip(self) -> None:
        """Remove the selected clip."""
        self._timeline().remove_selected()

    def _timeline(self) -> Timeline:
        timeline = self.docks.panel("curriculum")
        assert isinstance(timeline, Timeline), "the curriculum's panel is the timeline"
        return timeline

    def instruct_agent(self) -> None:
        """Focus the field for instructions to the watched agent."""
        self.docks.show_panel("now")
        view = self.docks.panel("now")
        assert isinstance(view, LiveView), "the agent is watched in the live view"
        if not view.focus_instruction():
            self.session.notice(tr(UNCHECKED))

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    def rename(self, title: str) -> None:
        """Rename the curriculum, unless the title is blank."""
        if not title:
            self.session.notice(tr("A curriculum needs a title; it is still called ‘{title}’.", title=self._title()))
        elif title != self._title():
            self.session.curriculum.rename(title)
        self.retitle()

    def _title(self) -> str:
        return self.documents.title or tr("Untitled")

    def retitle(self) -> None:
        """Show the curriculum's title, and whether it is saved, in the window title and the header."""
        title = self._title()
        mark = " •" if self.documents.is_dirty else ""
        self.setWindowTitle(f"{title}{mark} – Palimpsest")
        self.header.show_title(title, saved=not self.documents.is_dirty)

    def apply_theme(self) -> None:
        """Apply the current style sheet to all visible parts."""
        dialogs = self.findChildren(QDialog, options=Qt.FindChildOption.FindDirectChildrenOnly)
        theme.apply_theme(self.header, self.status, self.offer_bar, self.draft_bar, self.notice_bar, *dialogs)
        self.docks.apply_theme()

    def childEvent(self, event: QChildEvent) -> None:  # noqa: N802
        """Apply the style sheet to each dialog before it is shown."""
        child = event.child()
        if event.type() == QEvent.Type.ChildPolished and isinstance(child, QDialog):
            theme.apply_theme(child)
        super().childEvent(event)

    def retranslate(self) -> None:
        """Update every text to the current language, and every icon to the theme."""
        for key, action in self.commands.items():
            describe(action, ACTIONS[key])
        self.update_undo_texts()
        self.commands["theme"].setIcon(icon("ph.sun" if self.appearance.is_dark else "ph.moon"))
        self.menus.retranslate()
        self.menus.list_languages(self.appearance)
        self._list_recent()
        self.header.retranslate()
        self.header.show_state(self.session.state)
        self._disabled_actions.retranslate()
        self.header.show_seed(self.session.config.seed)
        self.status.show_state(self.session.state)
        self.session.touch()
        self.retitle()

    def update_undo_texts(self) -> None:
        """Name the edits that would be undone and redone in the menu."""
        stack = self.session.curriculum.undo_stack
        for key, edit_name in (("undo", stack.undoText()), ("redo", stack.redoText())):
            action = self.commands[key]
            describe(action, ACTIONS[key])
            if edit_name:
                action.setText(f"{action.text()} {in_a_sentence(edit_name)}")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Emit `painted` after the first paint event.

        An event filter, since an override of `event` would stay: everything in the window is painted inside
        that call, and while Python code runs there the trainer's thread waits for the GIL.
        """
        if event.type() == QEvent.Type.Paint:
            self.removeEventFilter(self)
            QTimer.singleShot(0, self, self.painted.emit)
        return False

    def focusNextPrevChild(self, forward: bool) -> bool:  # noqa: N802
        """Move the focus by the Tab key, skipping cards behind other tabs, which Qt considers visible.

        Qt takes each step. Walking along `nextInFocusChain` here would make PySide treat each widget as a child of
        the previous one, and invalidate its Python object when that one is deleted.
        """
        start = QApplication.focusWidget()
        if self._keyboard_focus.move_if_lost(start):
            return True
        while super().focusNextPrevChild(forward):
            current = QApplication.focusWidget()
            if current is None or current is start or not self.docks.is_hidden(current):
                return True
            start = start or current
        return False

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802
        """Accept files of curricula, agents and runs."""
        if _dropped_files(event):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802
        """Open the file that was dropped."""
        for path in _dropped_files(event)[:1]:
            self.documents.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802
        """Ask if something would be lost; then store the layout and end every thread."""
        if not self._confirm_stopping() or not self.documents.confirm_closing():
            event.ignore()
            return
        self.settings.store_bytes("geometry", self.saveGeometry())
        self.settings.store_bytes("arrangement", self.docks.arrangement())
        self.settings.flush()
        self.hide()
        self.all_ended = self.end()
        super().closeEvent(event)

    def end(self) -> bool:
        """End the run and every thread; return whether all of them ended."""
        self.trials.close()
        self.proofs.close()
        self.models.close()
        return self.session.close()

    def _confirm_stopping(self) -> bool:
        """Ask before a benchmark or a run is stopped; return whether the window may close."""
        text = tr("A benchmark is running. Its results so far would be lost.")
        answers = {"stop": tr("Stop it and close"), "cancel": tr("Keep it running")}
        if self.proofs.is_running and ask(self, text, answers) is None:
            return False
        if not self.session.is_live:
            return True
        text, keep_text = tr("A run is active. What it has learned so far is stored."), tr("Keep it running")
        if self.session.state == "paused":
            text, keep_text = tr("A run is paused. What it has learned so far is stored."), tr("Keep it paused")
        return ask(self, text, {"stop": tr("Stop it and close"), "cancel": keep_text}) == "stop"


def _initial_size(available: QSize) -> QSize:
    """Return the window's first size: the default, or as large as the screen allows."""
    return DEFAULT_SIZE.boundedTo(available - FRAME_SIZE)


def _dropped_files(event: QDropEvent) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in event.mimeData().urls()]
    return [path for path in paths if path.suffix.lower() in (".toml", SUFFIX)]

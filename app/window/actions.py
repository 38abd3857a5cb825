"""The table of all actions in menus, header and keyboard. To add an action, add a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.session.resume import go_on
from app.window.interface import WindowInterface
from widgets.style.icons import icon
from widgets.style.translation import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """How an action looks and what it calls."""

    text: str
    handler: Callable[[WindowInterface], object]
    """Called with the window when the action is triggered."""
    tip: str
    icon: str = ""
    keys: str = ""
    """Key sequences, separated by a blank; the first is shown."""
    states: str = ""
    """States of the session in which it can be used, separated by a blank; empty: always."""


LIVE = "preparing running paused"

ACTIONS: Mapping[str, ActionSpec] = {
    "new": ActionSpec(
        text="New",
        handler=lambda window: window.documents.new(),
        tip="Begin an empty curriculum",
        icon="ph.file-plus",
        keys="Ctrl+N",
    ),
    "open": ActionSpec(
        text="Open…",
        handler=lambda window: window.documents.open(),
        tip="Open a curriculum",
        icon="ph.folder-open",
        keys="Ctrl+O",
    ),
    "import": ActionSpec(
        text="Import…",
        handler=lambda window: window.sharing.choose(),
        tip="Open an agent, a run or a curriculum that somebody sent you",
        icon="ph.download-simple",
    ),
    "save": ActionSpec(
        text="Save",
        handler=lambda window: window.documents.save(),
        tip="Save the curriculum",
        icon="ph.floppy-disk",
        keys="Ctrl+S",
    ),
    "save_as": ActionSpec(
        text="Save as…",
        handler=lambda window: window.documents.save_as(),
        tip="Save the curriculum under another name",
        keys="Ctrl+Shift+S",
    ),
    "export_run": ActionSpec(
        text="Export the run…",
        handler=lambda window: window.exports.run_in_front(),
        tip="Write the tables and the plots of the run in front to a folder",
        icon="ph.export",
        keys="Ctrl+E",
    ),
    "export_knowledge": ActionSpec(
        text="Export what is known…",
        handler=lambda window: window.exports.knowledge(),
        tip="Write the sentences that the agent knows where the playhead stands to a CSV or JSON file",
    ),
    "export_agent": ActionSpec(
        text="Export the agent…",
        handler=lambda window: window.sharing.export_agent(),
        tip="Write the agent of the run in front, as it was where the playhead stands, to a file to pass on",
        icon="ph.share",
    ),
    "export_whole": ActionSpec(
        text="Export the whole run…",
        handler=lambda window: window.sharing.export_whole(),
        tip="Write the run in front, with its story and checkpoints, to a file to pass on",
    ),
    "export_window": ActionSpec(
        text="Save a picture of the window…",
        handler=lambda window: window.exports.window_picture(),
        tip="Save what the window shows as a PNG file",
        icon="ph.camera",
        keys="Ctrl+Shift+E",
    ),
    "quit": ActionSpec(
        text="Quit", handler=lambda window: window.close(), tip="Close the lab", icon="ph.sign-out", keys="Ctrl+Q"
    ),
    "undo": ActionSpec(
        text="Undo",
        handler=lambda window: window.session.curriculum.undo(),
        tip="Take back the last edit of a clip or a setting",
        icon="ph.arrow-u-up-left",
        keys="Ctrl+Z",
    ),
    "redo": ActionSpec(
        text="Redo",
        handler=lambda window: window.session.curriculum.redo(),
        tip="Do again what was taken back",
        icon="ph.arrow-u-up-right",
        keys="Ctrl+Shift+Z Ctrl+Y",
    ),
    "duplicate": ActionSpec(
        text="Duplicate",
        handler=lambda window: window.duplicate_clip(),
        tip="Put a copy of the selected clip after it",
        icon="ph.copy",
        keys="Ctrl+D",
    ),
    "rename": ActionSpec(
        text="Rename the curriculum",
        handler=lambda window: window.header.edit_title(),
        tip="Type another title over the old one",
        keys="F2",
    ),
    "remove": ActionSpec(
        text="Remove",
        handler=lambda window: window.remove_clip(),
        tip="Take the selected clip out of the curriculum",
        icon="ph.trash",
        keys="Delete",
    ),
    "play": ActionSpec(
        text="Play",
        handler=lambda window: window.session.play_or_pause(),
        tip="Start a new run, pause it, or go on after a pause",
        icon="ph.play-fill",
        keys="Space",
        states="idle running paused stored",
    ),
    "step": ActionSpec(
        text="Single step",
        handler=lambda window: window.session.single_step(),
        tip="One step in every world, then hold still",
        icon="ph.skip-forward-fill",
        keys="Right",
        states="idle running paused stored",
    ),
    "go_on": ActionSpec(
        text="Go on",
        handler=lambda window: go_on(window.session, None),
        tip="Live the run in front on from where it was stopped or cut off",
        icon="ph.play",
        keys="Ctrl+G",
        states="paused stored",
    ),
    "fork": ActionSpec(
        text="Fork from here…",
        handler=lambda window: window.run_dialogs.fork_here(),
        tip="Give the run in front another future, from the moment that is looked at",
        icon="ph.git-fork",
        keys="Ctrl+B",
        states="running paused stored",
    ),
    "stop": ActionSpec(
        text="Stop",
        handler=lambda window: window.session.stop(),
        tip="End the run here, in good order",
        icon="ph.stop-fill",
        keys="Shift+Space",
        states=LIVE,
    ),
    "reset": ActionSpec(
        text="Back to the start",
        handler=lambda window: window.deletions.reset(),
        tip="End the run and go back to an untrained agent before the first task",
        icon="ph.skip-back-fill",
        keys="Ctrl+R",
        states="running paused stored",
    ),
    "evaluate": ActionSpec(
        text="Evaluate now",
        handler=lambda window: window.session.evaluate(),
        tip="Score the agent on every task at once",
        icon="ph.target",
        keys="Ctrl+T",
        states="running paused",
    ),
    "tell": ActionSpec(
        text="Tell the agent…",
        handler=lambda window: window.tell_agent(),
        tip="Write what the watched agent shall do, in its goal's place",
        icon="ph.chat-text",
        keys="Ctrl+I",
    ),
    "theme": ActionSpec(
        text="Dark or light",
        handler=lambda window: window.appearance.toggle_theme(),
        tip="Switch between the dark and the light theme",
        icon="ph.moon",
        keys="Ctrl+Shift+T",
    ),
    "language": ActionSpec(
        text="中文 / English",
        handler=lambda window: window.appearance.next_language(),
        tip="Switch the language of the interface",
        icon="ph.translate",
        keys="Ctrl+Shift+L",
    ),
    "larger": ActionSpec(
        text="Larger type",
        handler=lambda window: window.appearance.enlarge(),
        tip="Make all text larger",
        icon="ph.text-aa",
        keys="Ctrl++ Ctrl+=",
    ),
    "smaller": ActionSpec(
        text="Smaller type",
        handler=lambda window: window.appearance.shrink(),
        tip="Make all text smaller",
        keys="Ctrl+-",
    ),
    "normal": ActionSpec(
        text="Normal type",
        handler=lambda window: window.appearance.normal_size(),
        tip="Text in its normal size",
        keys="Ctrl+0",
    ),
    "next_card": ActionSpec(
        text="Next card",
        handler=lambda window: window.docks.enter_next(),
        tip="Give the keyboard to the next card; the arrow keys choose a panel there",
        keys="F6",
    ),
    "previous_card": ActionSpec(
        text="Previous card",
        handler=lambda window: window.docks.enter_previous(),
        tip="Give the keyboard to the card before",
        keys="Shift+F6",
    ),
    "layout": ActionSpec(
        text="Reset the layout",
        handler=lambda window: window.docks.reset(),
        tip="Lay the panels out as at the first start",
        icon="ph.layout",
        keys="Ctrl+Shift+R",
    ),
    "full_screen": ActionSpec(
        text="Full screen",
        handler=lambda window: window.toggle_full_screen(),
        tip="Use the whole screen, or go back",
        icon="ph.corners-out",
        keys="F11",
    ),
    "shortcuts": ActionSpec(
        text="Keyboard shortcuts",
        handler=lambda window: window.help.shortcuts(),
        tip="Show all keyboard shortcuts",
        icon="ph.keyboard",
        keys="F1",
    ),
    "about": ActionSpec(
        text="About Palimpsest", handler=lambda window: window.help.about(), tip="What this is", icon="ph.info"
    ),
    "logs": ActionSpec(
        text="Open the log folder",
        handler=lambda window: window.help.open_logs(),
        tip="Show where the log files lie",
        icon="ph.folder",
    ),
    "report": ActionSpec(
        text="Report a problem…",
        handler=lambda window: window.help.report(),
        tip="Gather versions, log and settings to be read and sent by hand",
        icon="ph.bug",
    ),
    "versions": ActionSpec(
        text="Copy versions",
        handler=lambda window: window.help.copy_versions(),
        tip="Copy what to write into a bug report",
        icon="ph.clipboard-text",
    ),
}

MENUS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "&File",
        (
            *("new", "open", "+recent", "+examples", "import", "", "save", "save_as", ""),
            *("export_run", "export_knowledge", "export_agent", "export_whole", "export_window", "", "quit"),
        ),
    ),
    ("&Edit", ("undo", "redo", "", "duplicate", "remove", "", "rename")),
    ("&Run", ("play", "step", "stop", "reset", "", "go_on", "fork", "", "evaluate", "tell")),
    (
        "&View",
        (
            *("+panels", "next_card", "previous_card", "", "theme", "+languages", ""),
            *("larger", "smaller", "normal", "", "layout", "full_screen"),
        ),
    ),
    ("&Help", ("shortcuts", "", "report", "versions", "logs", "", "about")),
)
"""Menus in order: actions by key, an empty key for a line, and `+name` for what changes while the lab runs."""


def make(key: str, parent: QWidget) -> QAction:
    """Return the action of a row; its handler is yet to be connected."""
    spec = ACTIONS[key]
    action = QAction(parent)
    action.setObjectName(key)
    action.setShortcuts([QKeySequence(keys) for keys in spec.keys.split()])
    describe(action, spec)
    return action


def describe(action: QAction, spec: ActionSpec) -> None:
    """Write an action's texts and draw its icon, in the language and the theme now chosen."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setText(tr(spec.text))
    action.setToolTip(f"{tr(spec.tip)}  ({keys})" if keys else tr(spec.tip))
    if spec.icon:
        action.setIcon(icon(spec.icon))

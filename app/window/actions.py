"""The table of all actions in menus, header and keyboard. To add an action, add a row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QWidget

from app.session.resume import resume_run
from app.window.interface import WindowInterface
from widgets.style.icons import icon
from widgets.style.translation import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """Text, icon, shortcuts and handler of an action."""

    text: str
    handler: Callable[[WindowInterface], object]
    """Called with the window when the action is triggered."""
    tip: str
    icon: str = ""
    keys: str = ""
    """Key sequences, separated by spaces; the first one is shown."""
    states: str = ""
    """States of the session in which it is enabled, separated by spaces; empty for all."""


LIVE = "preparing running paused"

ACTIONS: Mapping[str, ActionSpec] = {
    "new": ActionSpec(
        text="New",
        handler=lambda window: window.documents.new(),
        tip="Start an empty curriculum",
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
        tip="Open an agent, a run or a curriculum from a file",
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
        handler=lambda window: window.exports.displayed_run(),
        tip="Write the tables and plots of the displayed run to a folder",
        icon="ph.export",
        keys="Ctrl+E",
    ),
    "export_knowledge": ActionSpec(
        text="Export the knowledge…",
        handler=lambda window: window.exports.knowledge(),
        tip="Write the agent's knowledge at the playhead to a CSV or JSON file",
    ),
    "export_agent": ActionSpec(
        text="Export the agent…",
        handler=lambda window: window.sharing.export_agent(),
        tip="Write the agent at the playhead to a file that you can share",
        icon="ph.share",
    ),
    "export_whole": ActionSpec(
        text="Export the whole run…",
        handler=lambda window: window.sharing.export_whole(),
        tip="Write the displayed run, with its events and checkpoints, to a file that you can share",
    ),
    "export_window": ActionSpec(
        text="Save a picture of the window…",
        handler=lambda window: window.exports.window_picture(),
        tip="Save a picture of the window as a PNG file",
        icon="ph.camera",
        keys="Ctrl+Shift+E",
    ),
    "quit": ActionSpec(
        text="Quit", handler=lambda window: window.close(), tip="Close the lab", icon="ph.sign-out", keys="Ctrl+Q"
    ),
    "undo": ActionSpec(
        text="Undo",
        handler=lambda window: window.session.curriculum.undo(),
        tip="Undo the last edit of a clip or a setting",
        icon="ph.arrow-u-up-left",
        keys="Ctrl+Z",
    ),
    "redo": ActionSpec(
        text="Redo",
        handler=lambda window: window.session.curriculum.redo(),
        tip="Repeat the edit that was undone",
        icon="ph.arrow-u-up-right",
        keys="Ctrl+Shift+Z Ctrl+Y",
    ),
    "duplicate": ActionSpec(
        text="Duplicate",
        handler=lambda window: window.duplicate_clip(),
        tip="Insert a copy of the selected clip after it",
        icon="ph.copy",
        keys="Ctrl+D",
    ),
    "rename": ActionSpec(
        text="Rename the curriculum",
        handler=lambda window: window.header.edit_title(),
        tip="Edit the title of the curriculum",
        keys="F2",
    ),
    "remove": ActionSpec(
        text="Remove",
        handler=lambda window: window.remove_clip(),
        tip="Remove the selected clip from the curriculum",
        icon="ph.trash",
        keys="Delete",
    ),
    "play": ActionSpec(
        text="Play",
        handler=lambda window: window.session.play_or_pause(),
        tip="Start a new run, pause it, or resume it",
        icon="ph.play-fill",
        keys="Space",
        states="idle running paused stored",
    ),
    "step": ActionSpec(
        text="Single step",
        handler=lambda window: window.session.single_step(),
        tip="Take one step in every world, then pause",
        icon="ph.skip-forward-fill",
        keys="Right",
        states="idle running paused stored",
    ),
    "resume": ActionSpec(
        text="Go on",
        handler=lambda window: resume_run(window.session, None),
        tip="Resume the displayed run from its last checkpoint",
        icon="ph.play",
        keys="Ctrl+G",
        states="paused stored",
    ),
    "fork": ActionSpec(
        text="Fork from here…",
        handler=lambda window: window.run_dialogs.fork_here(),
        tip="Start a new run from the displayed one at the playhead, with other settings or stages",
        icon="ph.git-fork",
        keys="Ctrl+B",
        states="running paused stored",
    ),
    "stop": ActionSpec(
        text="Stop",
        handler=lambda window: window.session.stop(),
        tip="Stop the run after a checkpoint",
        icon="ph.stop-fill",
        keys="Shift+Space",
        states=LIVE,
    ),
    "reset": ActionSpec(
        text="Back to the start",
        handler=lambda window: window.deletions.reset(),
        tip="Stop the run and show an untrained agent before the first task",
        icon="ph.skip-back-fill",
        keys="Ctrl+R",
        states="running paused stored",
    ),
    "evaluate": ActionSpec(
        text="Evaluate now",
        handler=lambda window: window.session.evaluate(),
        tip="Evaluate the agent on every task now",
        icon="ph.target",
        keys="Ctrl+T",
        states="running paused",
    ),
    "instruct": ActionSpec(
        text="Tell the agent…",
        handler=lambda window: window.instruct_agent(),
        tip="Give the watched agent an instruction instead of its goal",
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
        tip="Focus the next card; the arrow keys choose a panel there",
        keys="F6",
    ),
    "previous_card": ActionSpec(
        text="Previous card",
        handler=lambda window: window.docks.enter_previous(),
        tip="Focus the previous card",
        keys="Shift+F6",
    ),
    "layout": ActionSpec(
        text="Reset the layout",
        handler=lambda window: window.docks.reset(),
        tip="Restore the default layout of the panels",
        icon="ph.layout",
        keys="Ctrl+Shift+R",
    ),
    "full_screen": ActionSpec(
        text="Full screen",
        handler=lambda window: window.toggle_full_screen(),
        tip="Enter or leave full screen",
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
        tip="Show the folder of the log files",
        icon="ph.folder",
    ),
    "report": ActionSpec(
        text="Report a problem…",
        handler=lambda window: window.help.report(),
        tip="Show a report with versions, log and settings that you can read and send",
        icon="ph.bug",
    ),
    "versions": ActionSpec(
        text="Copy versions",
        handler=lambda window: window.help.copy_versions(),
        tip="Copy the versions for a bug report",
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
    ("&Run", ("play", "step", "stop", "reset", "", "resume", "fork", "", "evaluate", "instruct")),
    (
        "&View",
        (
            *("+panels", "next_card", "previous_card", "", "theme", "+languages", ""),
            *("larger", "smaller", "normal", "", "layout", "full_screen"),
        ),
    ),
    ("&Help", ("shortcuts", "", "report", "versions", "logs", "", "about")),
)
"""Menus in order: action keys, an empty key for a separator, and `+name` for a submenu filled at run time."""


def create_action(key: str, parent: QWidget) -> QAction:
    """Create the action of a row, without connecting its handler."""
    spec = ACTIONS[key]
    action = QAction(parent)
    action.setObjectName(key)
    action.setShortcuts([QKeySequence(keys) for keys in spec.keys.split()])
    describe(action, spec)
    return action


def describe(action: QAction, spec: ActionSpec) -> None:
    """Set an action's texts and icon for the current language and theme."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setText(tr(spec.text))
    action.setToolTip(f"{tr(spec.tip)}  ({keys})" if keys else tr(spec.tip))
    if spec.icon:
        action.setIcon(icon(spec.icon))

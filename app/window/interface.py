"""Protocols of the window for the table of actions: the window imports that table, so the table can't import it."""

from __future__ import annotations

from typing import Protocol

from app.session.session import Session
from app.window.appearance import Appearance
from app.window.deletions import Deletions
from app.window.dock_area import DockArea
from app.window.documents import Documents
from app.window.exports import Exports
from app.window.import_export import ImportExport
from app.window.run_dialogs import RunDialogs


class HeaderInterface(Protocol):
    """`app.window.header.Header`, which reads the table of actions itself."""

    def edit_title(self) -> None:
        """Edit the title of the curriculum."""


class HelpInterface(Protocol):
    """`app.window.help.Help`, which reads the table of actions itself."""

    def shortcuts(self) -> None:
        """Show all keyboard shortcuts."""

    def about(self) -> None:
        """Show what Palimpsest is."""

    def open_logs(self) -> None:
        """Open the folder of the log files."""

    def report(self) -> None:
        """Show a problem report."""

    def copy_versions(self) -> None:
        """Copy the versions of Palimpsest and of its packages."""


class WindowInterface(Protocol):
    """The part of `app.window.main_window.MainWindow` that the actions use."""

    session: Session
    documents: Documents
    sharing: ImportExport
    exports: Exports
    run_dialogs: RunDialogs
    deletions: Deletions
    appearance: Appearance
    docks: DockArea

    @property
    def header(self) -> HeaderInterface:
        """The bar at the top, with the title."""

    @property
    def help(self) -> HelpInterface:
        """The dialogs of the Help menu."""

    def close(self) -> bool:
        """Close the window, unless the user cancels; return whether it was closed."""

    def duplicate_clip(self) -> None:
        """Insert a copy of the selected clip after it."""

    def remove_clip(self) -> None:
        """Remove the selected clip."""

    def instruct_agent(self) -> None:
        """Focus the field for instructions to the watched agent."""

    def toggle_full_screen(self) -> None:
        """Enter or leave full screen."""

"""What the table of actions may ask of the window, which is made from that table: this is all that it knows of it."""

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
        """Let the title of the curriculum be typed."""


class HelpInterface(Protocol):
    """`app.window.help.Help`, which reads the table of actions itself."""

    def shortcuts(self) -> None:
        """Show all keyboard shortcuts."""

    def about(self) -> None:
        """Show what this is."""

    def open_logs(self) -> None:
        """Open the folder of the log files."""

    def report(self) -> None:
        """Gather what a bug report needs."""

    def copy_versions(self) -> None:
        """Copy the versions of everything used."""


class WindowInterface(Protocol):
    """`app.window.main_window.MainWindow`, as the actions see it."""

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
        """What the Help menu shows."""

    def close(self) -> bool:
        """Close the window, unless a person keeps it open; return whether it was closed."""

    def duplicate_clip(self) -> None:
        """Put a copy of the selected clip after it."""

    def remove_clip(self) -> None:
        """Take the selected clip out."""

    def tell_agent(self) -> None:
        """Put the cursor where one tells the watched agent what to do."""

    def toggle_full_screen(self) -> None:
        """Use the whole screen, or go back."""

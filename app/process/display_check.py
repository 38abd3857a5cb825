"""Check that a display is available, since Qt aborts the process without one."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import metadata
from pathlib import Path

HEADLESS = "or work without a window: palimpsest run demo"

PACKAGES: Mapping[str, str] = {
    "libxcb-cursor.so": "libxcb-cursor0",
    "libxcb-icccm.so": "libxcb-icccm4",
    "libxcb-keysyms.so": "libxcb-keysyms1",
    "libxcb-image.so": "libxcb-image0",
    "libxcb-render-util.so": "libxcb-render-util0",
    "libxcb-xkb.so": "libxcb-xkb1",
    "libxcb-shape.so": "libxcb-shape0",
    "libxcb-randr.so": "libxcb-randr0",
    "libxcb-xinerama.so": "libxcb-xinerama0",
    "libxkbcommon-x11.so": "libxkbcommon-x11-0",
    "libxkbcommon.so": "libxkbcommon0",
    "libEGL.so": "libegl1",
    "libGL.so": "libgl1",
    "libOpenGL.so": "libopengl0",
    "libdbus-1.so": "libdbus-1-3",
    "libfontconfig.so": "libfontconfig1",
    "libglib-2.0.so": "libglib2.0-0",
}
"""Debian package of each system library that Qt needs."""


def missing_requirement() -> str | None:
    """Return one line with what the window lacks and the remedy; None if it can open."""
    for check in _CHECKS:
        if reason := check():
            return reason
    return None


def _qt_version() -> str | None:
    try:
        version = metadata.version("PySide6-Essentials")
    except metadata.PackageNotFoundError:
        return f"PySide6 is not installed; run: pip install PySide6-Essentials==6.11.3, {HEADLESS}"
    return incompatibility(version, sys.version_info[:2])


def incompatibility(version: str, python: tuple[int, ...]) -> str | None:
    """Return why this PySide6 version does not work with this Python version; None if it does."""
    # on Python 3.11, each emit and each void call of 6.12 releases a reference to None too many, until Python aborts
    if python == (3, 11) and version.startswith("6.12."):
        return f"PySide6 {version} crashes on Python 3.11; run: pip install PySide6-Essentials==6.11.3"
    return None


def _display_server() -> str | None:
    if not sys.platform.startswith("linux") or os.environ.get("QT_QPA_PLATFORM"):
        return None
    if os.environ.get("WAYLAND_DISPLAY"):
        return None
    display = os.environ.get("DISPLAY")
    if not display:
        return f"there is no display (DISPLAY is not set); start it in a desktop session, {HEADLESS}"
    if not accepts_connections(display):
        return f"the display {display!r} does not answer; check DISPLAY, {HEADLESS}"
    return None


def accepts_connections(display: str) -> bool:
    """Return whether an X server accepts connections at `display`; True if libxcb is missing to ask it."""
    try:
        xcb = ctypes.CDLL("libxcb.so.1")
    except OSError:
        return True
    xcb.xcb_connect.restype = ctypes.c_void_p
    xcb.xcb_connect.argtypes = [ctypes.c_char_p, ctypes.c_void_p]
    xcb.xcb_connection_has_error.argtypes = xcb.xcb_disconnect.argtypes = [ctypes.c_void_p]
    connection = xcb.xcb_connect(display.encode(), None)
    refused = xcb.xcb_connection_has_error(connection)
    xcb.xcb_disconnect(connection)
    return not refused


def _libraries() -> str | None:
    if not sys.platform.startswith("linux"):
        return None
    try:
        import PySide6.QtWidgets  # noqa: F401  fails if a system library is missing
    except ImportError as error:
        return library_remedy(str(error))
    platform = os.environ.get("QT_QPA_PLATFORM", "wayland" if os.environ.get("WAYLAND_DISPLAY") else "xcb")
    spec = importlib.util.find_spec("PySide6")
    if not platform.startswith("xcb") or spec is None or spec.origin is None:
        return None
    try:
        # Qt loads this plugin next, and aborts the process where this call raises
        ctypes.CDLL(str(Path(spec.origin).parent / "Qt/plugins/platforms/libqxcb.so"))
    except OSError as error:
        return library_remedy(str(error))
    return None


def library_remedy(message: str) -> str:
    """Return one line with the missing library and the remedy, from the error message of the dynamic linker."""
    library = re.match(r"(lib[\w.+-]+\.so)", message)
    if library is None:
        return f"Qt cannot be loaded ({message}); reinstall PySide6-Essentials, {HEADLESS}"
    package = PACKAGES.get(library[1])
    remedy = f"sudo apt-get install {package}" if package else f"install the package that has {library[1]}"
    return f"Qt needs {library[1]}, which is missing; on Debian or Ubuntu: {remedy}, {HEADLESS}"


_CHECKS: Sequence[Callable[[], str | None]] = (_qt_version, _display_server, _libraries)

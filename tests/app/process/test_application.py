"""The window opens the file that it is given: a curriculum or a run, or shows one line with the reason why not."""

import pytest
from PySide6.QtWidgets import QApplication

from agents.config.config_file import save
from agents.sharing.archive_limits import SUFFIX
from agents.sharing.run_file import export
from agents.store.run_store import RunStore
from app.__main__ import FILES
from app.diagnostics.log_file import LogFile
from app.process.application import create_window, parse
from app.process.gc_scheduler import GCScheduler
from app.window.settings import Settings

PATIENCE = 30_000


@pytest.fixture
def opened_on(qtbot, tmp_path):
    """Opens the window on a file, without starting the viewer."""
    log, windows = LogFile(tmp_path / "log"), []

    def open_on(file):
        options = parse([str(file), "--runs", str(tmp_path / "runs"), "--language", "en"])
        window = create_window(options, Settings(tmp_path / "settings"), log)
        window.painted.disconnect(window.session.watching.start)

        windows.append(window)
        window.show()
        return window

    yield open_on
    log.close()
    for window in windows:
        session = window.session
        window.close()
        session.findChild(GCScheduler).end()
        window.deleteLater()
        QApplication.sendPostedEvents(None, 52)
        session.deleteLater()


def test_archives_can_be_given_on_the_command_line():
    assert SUFFIX in FILES


def test_a_curriculum_is_opened(opened_on, tmp_path, tiny):
    save(tmp_path / "mine.toml", tiny)
    assert opened_on(tmp_path / "mine.toml").session.curriculum.title == "Tiny"


def test_a_run_is_imported_and_displayed(qtbot, opened_on, tmp_path, runs, scripted):
    run = RunStore(tmp_path / "elsewhere").create(scripted().config, "traveller")
    list(run.record(scripted(steps=20).events))
    export(run, tmp_path / "traveller.PALIMPSEST")
    window = opened_on(tmp_path / "traveller.PALIMPSEST")
    qtbot.waitUntil(lambda: window.session.state == "stored", timeout=PATIENCE)
    assert window.session.name == "traveller"
    assert [stored.name for stored in runs] == ["traveller"]


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        ("gone.palimpsest", None, "gone.palimpsest"),
        ("bad.palimpsest", b"PK\x03\x04 and nothing more", "bad.palimpsest"),
        ("gone.toml", None, "gone.toml"),
        ("bad.toml", b"stages = 7", "stages"),
    ],
)
def test_a_file_that_cannot_be_opened_is_one_notice_and_the_demo_is_opened(
    qtbot, opened_on, tmp_path, name, content, text
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    window = opened_on(tmp_path / name)
    qtbot.waitUntil(lambda: text in window.notice_bar.text.text(), timeout=PATIENCE)
    assert "\n" not in window.notice_bar.text.text()
    assert window.session.curriculum.stages

"""The window opens on a file that it is given: a curriculum, a run, an agent, or a line that says why not."""

import pytest
from PySide6.QtWidgets import QApplication

from agents.config.config_file import save
from agents.sharing.archive_limits import SUFFIX
from agents.sharing.run_file import export
from agents.store.run_store import RunStore
from app.__main__ import FILES
from app.diagnostics.log_file import LogFile
from app.process.application import prepare, read
from app.process.gc_scheduler import GCScheduler
from app.window.settings import Settings

PATIENCE = 30_000


@pytest.fixture
def opened_on(qtbot, tmp_path):
    """Opens the window on a file, without the agent that is watched."""
    log, made = LogFile(tmp_path / "log"), []

    def open_on(file):
        asked = read([str(file), "--runs", str(tmp_path / "runs"), "--language", "en"])
        window = prepare(asked, Settings(tmp_path / "settings"), log)
        window.painted.disconnect(window.session.watching.start)

        made.append(window)
        window.show()
        return window

    yield open_on
    log.close()
    for window in made:
        session = window.session
        window.close()
        session.findChild(GCScheduler).end()
        window.deleteLater()
        QApplication.sendPostedEvents(None, 52)
        session.deleteLater()


def test_every_kind_of_file_that_can_be_dropped_can_be_given():
    assert SUFFIX in FILES


def test_a_curriculum_is_opened(opened_on, tmp_path, tiny):
    save(tmp_path / "mine.toml", tiny)
    assert opened_on(tmp_path / "mine.toml").session.curriculum.title == "Tiny"


def test_a_run_is_taken_in_and_shown(qtbot, opened_on, tmp_path, runs, scripted):
    run = RunStore(tmp_path / "elsewhere").create(scripted().config, "traveller")
    list(run.record(scripted(steps=20).events))
    export(run, tmp_path / "traveller.PALIMPSEST")
    window = opened_on(tmp_path / "traveller.PALIMPSEST")
    qtbot.waitUntil(lambda: window.session.state == "stored", timeout=PATIENCE)
    assert window.session.name == "traveller"
    assert [found.name for found in runs] == ["traveller"]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("gone.palimpsest", None, "gone.palimpsest"),
        ("odd.palimpsest", b"PK\x03\x04 and nothing more", "odd.palimpsest"),
        ("gone.toml", None, "gone.toml"),
        ("odd.toml", b"stages = 7", "stages"),
    ],
)
def test_what_cannot_be_opened_is_told_in_a_line_and_the_demonstration_is_there(
    qtbot, opened_on, tmp_path, name, content, said
):
    if content is not None:
        (tmp_path / name).write_bytes(content)
    window = opened_on(tmp_path / name)
    qtbot.waitUntil(lambda: said in window.notice_bar.text.text(), timeout=PATIENCE)
    assert "\n" not in window.notice_bar.text.text()
    assert window.session.curriculum.stages

import logging

import pytest

from app.diagnostics.log_file import STALLED, LogFile
from app.diagnostics.log_folder import LOG, STALLS


@pytest.fixture
def folder(qapp, tmp_path):
    log = LogFile(tmp_path)
    yield tmp_path
    log.close()


def test_stalls_have_a_file_of_their_own_and_one_line_in_the_log(folder):
    for milliseconds in (212, 340, 560):
        logging.getLogger(STALLED).info(
            "The window did not respond for %d ms\n%s", milliseconds, "window:\n  app/window/dock_area.py"
        )
    logging.getLogger("palimpsest").info("Saved")
    stalls, log = ((folder / name).read_text() for name in (STALLS, LOG))
    assert stalls.count("did not respond") == stalls.count("app/window/dock_area.py") == 3
    first, second = log.splitlines()
    assert "did not respond for 212 ms" in first
    assert STALLS in first
    assert second.endswith("Saved")

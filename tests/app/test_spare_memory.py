import ctypes
import sys

import pytest

from app import spare_memory
from app.benchmarks.inventory import weigh
from app.session import Session
from app.spare_memory import SpareMemory, give_back

PIECE, PIECES = 100_000, 1_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other C libraries give back by themselves")
def test_what_was_let_go_is_given_back():
    library = ctypes.CDLL(None)
    library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    pieces = [library.malloc(PIECE) for _ in range(PIECES)]
    for piece in pieces:
        ctypes.memset(piece, 1, PIECE)
    for piece in pieces[:-1]:  # the last one keeps the heap from shrinking by itself
        library.free(piece)
    before = weigh()
    assert give_back()
    assert before.resident - weigh().resident > 0.8 * PIECE * PIECES
    library.free(pieces[-1])


def test_memory_is_given_back_when_a_run_is_over_and_not_before(qtbot, tmp_path, monkeypatch):
    monkeypatch.setattr(spare_memory, "REST", 20)
    session = Session(tmp_path / "runs")
    spare = SpareMemory(session)
    session.state_changed.emit("running")
    assert not spare._rest.isActive()
    session.state_changed.emit("stored")
    assert spare._rest.isActive()
    session.state_changed.emit("preparing")
    assert not spare._rest.isActive()
    session.close()
    session.deleteLater()

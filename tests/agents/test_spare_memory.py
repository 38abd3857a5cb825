import ctypes
import sys

import psutil
import pytest

from agents import spare_memory
from agents.spare_memory import SpareMemory, give_back

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
    process = psutil.Process()
    before = process.memory_info().rss
    assert give_back()
    assert before - process.memory_info().rss > 0.8 * PIECE * PIECES
    library.free(pieces[-1])


def test_it_is_given_back_now_and_then_and_not_at_every_step(monkeypatch):
    given, now = [], [0.0]
    monkeypatch.setattr(spare_memory, "monotonic", lambda: now[0])
    monkeypatch.setattr(spare_memory, "give_back", lambda: given.append(now[0]))
    spare = SpareMemory()
    for second in range(0, 150, 10):
        now[0] = float(second)
        spare.tidy()
    assert given == [60.0, 120.0]

import ctypes
import subprocess
import sys

import psutil
import pytest

from agents.runtime import heap_trim
from agents.runtime.heap_trim import HeapTrimmer, give_back

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
    monkeypatch.setattr(heap_trim, "monotonic", lambda: now[0])
    monkeypatch.setattr(heap_trim, "give_back", lambda: given.append(now[0]))
    spare = HeapTrimmer()
    for second in range(0, 150, 10):
        now[0] = float(second)
        spare.tidy()
    assert given == [60.0, 120.0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other C libraries arrange their heaps themselves")
@pytest.mark.parametrize("shared", [False, True])
def test_threads_share_one_heap_once_it_is_arranged(shared):
    """A thread's own heap begins at a multiple of 64 MB, as glibc's arena.c lays it."""
    arrange = "spare_memory.share_one_heap()" if shared else "None"
    told = subprocess.run([sys.executable, "-c", IN_A_THREAD.format(arrange=arrange)], capture_output=True, check=True)
    assert (told.stdout.strip() == b"True") is shared


IN_A_THREAD = """
import ctypes, threading
from agents.runtime import heap_trim as spare_memory
{arrange}
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
places = [library.malloc(1000)]
thread = threading.Thread(target=lambda: places.append(library.malloc(1000)))
thread.start(); thread.join()
print(abs(places[1] - places[0]) < 2**30)
"""

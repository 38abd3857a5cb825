import ctypes
import subprocess
import sys

import psutil
import pytest

from agents.runtime import heap_trim
from agents.runtime.heap_trim import HeapTrimmer, trim_heap

PIECE, PIECES = 100_000, 1_000


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other C libraries trim by themselves")
def test_freed_memory_is_returned_to_the_system():
    library = ctypes.CDLL(None)
    library.malloc.restype, library.free.argtypes = ctypes.c_void_p, [ctypes.c_void_p]
    pieces = [library.malloc(PIECE) for _ in range(PIECES)]
    for piece in pieces:
        ctypes.memset(piece, 1, PIECE)
    for piece in pieces[:-1]:  # the last one keeps the heap from shrinking by itself
        library.free(piece)
    process = psutil.Process()
    before = process.memory_info().rss
    assert trim_heap()
    assert before - process.memory_info().rss > 0.8 * PIECE * PIECES
    library.free(pieces[-1])


def test_the_heap_is_trimmed_at_intervals_and_not_at_every_step(monkeypatch):
    trims, now = [], [0.0]
    monkeypatch.setattr(heap_trim, "monotonic", lambda: now[0])
    monkeypatch.setattr(heap_trim, "trim_heap", lambda: trims.append(now[0]))
    trimmer = HeapTrimmer()
    for second in range(0, 150, 10):
        now[0] = float(second)
        trimmer.tidy()
    assert trims == [60.0, 120.0]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other C libraries arrange their heaps themselves")
@pytest.mark.parametrize("shared", [False, True])
def test_threads_share_one_heap_only_on_request(shared):
    """A thread's own arena starts at a multiple of 64 MB (glibc's arena.c), far from the main heap."""
    arrange = "heap_trim.share_one_heap()" if shared else "None"
    result = subprocess.run(
        [sys.executable, "-c", IN_A_THREAD.format(arrange=arrange)], capture_output=True, check=True
    )
    assert (result.stdout.strip() == b"True") is shared


IN_A_THREAD = """
import ctypes, threading
from agents.runtime import heap_trim
{arrange}
library = ctypes.CDLL(None)
library.malloc.restype = ctypes.c_void_p
addresses = [library.malloc(1000)]
thread = threading.Thread(target=lambda: addresses.append(library.malloc(1000)))
thread.start(); thread.join()
print(abs(addresses[1] - addresses[0]) < 2**30)
"""

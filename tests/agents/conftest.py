"""What several tests of the core need: a disk that fails."""

import pytest

from agents.runtime.atomic_write import DurableWrite


class FailingDisk(DurableWrite):
    """Fails the n-th step of one kind; a write that fails has written half."""

    def __init__(self, kind, count):
        self.kind, self.left = kind, count
        self.done = []

    def _try(self, kind):
        self.done.append(kind)
        self.left -= kind == self.kind
        return self.left == 0 and kind == self.kind

    def write(self, path, content):
        if self._try("write"):
            path.write_bytes(content[: len(content) // 2])
            raise OSError(28, "No space left on device")
        super().write(path, content)


def failing(kind):
    def step(disk, *arguments):
        if disk._try(kind):
            raise OSError(5, "Input/output error")
        getattr(DurableWrite, kind)(disk, *arguments)

    return step


for _kind in ("sync", "rename", "sync_folder", "remove"):
    setattr(FailingDisk, _kind, failing(_kind))


@pytest.fixture(scope="session")
def failing_disk():
    """A class of disks: `failing_disk("write", 2)` fails the second write."""
    return FailingDisk

"""Which pictures of Gymnasium environments are our own, and how others are fitted in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from envs import Picture

Painter = Callable[..., Picture]
PAINTERS: Mapping[str, Painter] = {}


def fit(picture: Any, size: int, *, dark: bool) -> Picture:
    """Return the environment's own picture at the asked size."""
    rows = np.arange(size) * picture.shape[0] // size
    columns = np.arange(size) * picture.shape[1] // size
    return np.asarray(picture[rows][:, columns], dtype=np.uint8)

"""Pictures of worlds: flat shapes in soft colours, painted off screen by pygame."""

from __future__ import annotations

import os

# pygame chooses its display at import, and Gymnasium's own renderers open it: it must not be the real screen.
os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

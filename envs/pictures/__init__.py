"""Pictures of worlds: flat shapes and soft colours, painted by pygame off screen."""

from __future__ import annotations

import os

# Gymnasium's own pictures open a display, and pygame decides at its import which one: never the person's screen.
os.environ["SDL_VIDEODRIVER"] = "dummy"
os.environ["PYGAME_HIDE_SUPPORT_PROMPT"] = "1"

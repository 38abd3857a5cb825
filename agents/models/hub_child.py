"""The subprocess that downloads a model from the hub: `python -m agents.models.hub_child NAME`.

A process, because a download can only be ended from outside. It prints a line of JSON:
the folder that the model came to lie in, or why it did not.
"""

from __future__ import annotations

import json
import sys

from agents.models.sources import on_the_hub

if __name__ == "__main__":
    try:
        told = {"folder": str(on_the_hub(sys.argv[1], download=True))}
    except ValueError as error:
        told = {"error": str(error)}
    print(json.dumps(told))

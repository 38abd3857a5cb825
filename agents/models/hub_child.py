"""The subprocess that downloads a model from the hub: `python -m agents.models.hub_child NAME`.

A subprocess, since a download can be cancelled only by ending its process. It prints one line
of JSON: the folder of the model, or the error.
"""

from __future__ import annotations

import json
import sys

from agents.models.sources import on_the_hub

if __name__ == "__main__":
    try:
        result = {"folder": str(on_the_hub(sys.argv[1], download=True))}
    except ValueError as error:
        result = {"error": str(error)}
    print(json.dumps(result))

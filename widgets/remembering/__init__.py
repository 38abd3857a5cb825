"""The Remembering panel: the evaluation matrix, and what was forgotten."""

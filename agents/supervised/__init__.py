"""Supervised digit tasks in sequence, for the same strategies as the language agent's."""

"""Runs of the window: prepared, lived in a thread, stored, listed."""

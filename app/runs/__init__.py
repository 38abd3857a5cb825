"""The runs of the window: created, executed in a thread, stored, listed."""

"""The Settings panel, and the choice of a strategy."""

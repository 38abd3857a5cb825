"""The Tasks panel: the task bin."""

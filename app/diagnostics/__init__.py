"""Logs, crashes, stalls and the load of the machine."""

"""Clocks, mailboxes, memory, files and text: what has nothing to do with learning."""

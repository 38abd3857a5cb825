"""Clocks, mailboxes, memory, files and text: everything unrelated to learning."""

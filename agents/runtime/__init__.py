"""Clocks, mailboxes, memory, files and text: infrastructure that is independent of learning."""

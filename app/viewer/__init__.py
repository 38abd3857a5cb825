"""The watched agent, in a thread of its own."""

"""The window's process: start-up, garbage collection, memory, uncaught errors."""

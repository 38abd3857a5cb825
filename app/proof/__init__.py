"""Benchmarks of the window, each measured in a process of its own."""

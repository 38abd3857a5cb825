"""Benchmarks of what the language agent learns, remembers and transfers."""

"""Benchmarks of what the language agent learns, keeps and transfers."""

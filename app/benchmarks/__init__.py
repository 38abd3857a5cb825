"""Benchmarks that need a window."""

"""Metrics over whole runs: definitions, learning curves, statistics over seeds, comparisons, collapse."""

"""Benchmarks of files that are damaged or forged, and of runs that are killed and resumed."""

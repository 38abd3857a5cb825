"""Benchmarks on handwritten digits, beside avalanche."""

"""Benchmarks on handwritten digits, also in comparison with avalanche."""

"""The Proof panel: benchmarks and their figures."""

"""Results of benchmarks: figures, charts, progress lines, and the store of the last results."""

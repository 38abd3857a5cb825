"""Results of benchmarks: figures, charts, and where the last ones are stored."""

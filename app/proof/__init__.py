"""Run benchmarks from the window, each in a subprocess."""

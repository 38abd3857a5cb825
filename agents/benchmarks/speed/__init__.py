"""Benchmarks of throughput, on the processor and on a device."""

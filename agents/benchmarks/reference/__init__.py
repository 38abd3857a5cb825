"""Benchmarks against closed forms, published figures and other libraries."""

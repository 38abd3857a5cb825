"""Plots that several panels share: axes, curves, legends, marks."""

"""Pretraining the built-in model: next words of what our own worlds say while they are played."""

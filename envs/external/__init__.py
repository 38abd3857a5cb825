"""Gymnasium environments of other people: checked, tried, and kept apart from the lab's random generators."""

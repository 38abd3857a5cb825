"""Gymnasium environments as worlds: put into words, or left as numbers, and drawn."""

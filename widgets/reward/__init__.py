"""The Reward panel: returns of the training episodes."""

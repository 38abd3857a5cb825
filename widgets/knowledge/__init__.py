"""The Knowledge panel: sentences that the agent knows."""

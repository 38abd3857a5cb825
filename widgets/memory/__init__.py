"""The Memory panel: the entries of the agent's episodic memory."""

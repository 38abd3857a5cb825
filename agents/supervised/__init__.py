"""Handwritten digits for the strategies: supervised tasks in a row, through the same hooks as the language agent."""

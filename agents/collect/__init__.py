"""Collecting rollouts: environments are stepped with a policy."""

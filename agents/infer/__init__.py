"""The policy without learning: evaluation, watching, explanations."""

"""The Models panel: the choice of a model."""

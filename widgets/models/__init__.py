"""The Models panel: which models there are."""

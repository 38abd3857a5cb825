"""The Runs panel: stored runs, and the dialogs about them."""

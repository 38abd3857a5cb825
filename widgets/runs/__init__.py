"""The Runs panel: the stored runs and their dialogs."""

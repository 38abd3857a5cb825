"""The model of the planned curriculum, with undo."""

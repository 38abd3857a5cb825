"""The curriculum as it is planned, with undo."""

"""Forms of settings: an editor for each kind of field."""

"""Theme, icons, translation, and how numbers and names are written."""

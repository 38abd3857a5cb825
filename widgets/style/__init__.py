"""Theme, icons, translation, and formats of numbers and names."""

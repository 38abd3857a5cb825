"""The Curriculum panel: stages as clips on a timeline."""

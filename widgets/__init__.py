"""Views of a run: one panel a file. They read events and plain data, and never import Torch."""

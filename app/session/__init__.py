"""The controller of the window: planned curriculum, current run, displayed run."""

"""The application: the window and the command line, built on all other packages."""

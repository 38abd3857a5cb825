"""The command line: one file a command. Knows no Qt."""

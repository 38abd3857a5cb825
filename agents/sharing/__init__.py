"""Export agents and runs to files, and import such files as untrusted input."""

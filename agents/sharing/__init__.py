"""Export and import agents and runs as files, which are read as untrusted input."""

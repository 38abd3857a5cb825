"""The Memory panel: moments that the agent keeps."""

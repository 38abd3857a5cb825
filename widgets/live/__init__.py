"""The Now panel: what the agent does at this moment."""

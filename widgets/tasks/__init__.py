"""The Tasks panel: everything that can be learned."""

"""The Teacher panel: how far a student is from its teacher."""

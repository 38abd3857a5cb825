"""The Teacher panel: agreement and divergence of student and teacher."""

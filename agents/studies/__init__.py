"""Studies: many runs over settings, orders and seeds, planned from one file and executed by worker processes."""

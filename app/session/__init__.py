"""The controller of the lab: what is planned, what runs, what is looked at."""

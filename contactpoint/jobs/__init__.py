"""Commands and scheduled work: one of the three doors."""

"""The data managers' pages: doubtful matches, what was decided of them, records joined and parted."""

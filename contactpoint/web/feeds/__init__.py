"""The data managers' pages about feeds: how far each has come, deciding, uploading, withdrawing, quality."""

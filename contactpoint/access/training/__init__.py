"""The training that everybody passes (ACC-3, ACC-11): modules, what they teach and ask. Data only."""

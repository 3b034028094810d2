"""From files and features to inputs of a dataset, through one bounded pipeline."""

"""Doors to the loaders of known data sets."""

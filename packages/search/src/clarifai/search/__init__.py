"""Rank and filter queries over the inputs and annotations of an app."""

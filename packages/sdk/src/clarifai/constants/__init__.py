"""Doors to the limits and defaults that programs import."""

"""Doors to small documented tools."""

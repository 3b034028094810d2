"""Doors to workflows as files."""

"""Doors to what uploads are made of."""

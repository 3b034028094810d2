"""Doors where release 9 has them: listings through a stub."""

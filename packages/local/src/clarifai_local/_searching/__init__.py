"""Searches: filters that become SQL, and ranks that become scores."""

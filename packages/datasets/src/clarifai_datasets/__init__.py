"""Bulk data in and out of Clarifai apps."""

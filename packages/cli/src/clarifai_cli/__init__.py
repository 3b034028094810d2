"""The clarifai command."""

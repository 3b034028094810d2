"""A dataset loader of one's own, as a plugin of the Clarifai SDK."""

"""A search key of one's own, as a plugin of the Clarifai SDK."""

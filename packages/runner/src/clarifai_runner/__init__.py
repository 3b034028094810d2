"""A long-running worker that gets inputs from the platform and posts what a model makes of them."""

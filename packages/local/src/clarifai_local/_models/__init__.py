"""Models of the platform: where they are kept, how they are trained, what answers for them."""

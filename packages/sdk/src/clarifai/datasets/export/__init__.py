"""Door to the platform's archives."""

"""Door to the addresses of web pages."""

"""What programs for the official SDK use beyond its document: helpers, stubs, inherited names."""

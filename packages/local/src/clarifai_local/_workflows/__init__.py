"""Workflows: graphs of models, how they are kept, checked and run."""

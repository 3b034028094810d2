"""Doors to what Streamlit modules use."""

"""What the kinds of this package can do at the prompt, besides the verbs that every kind has."""

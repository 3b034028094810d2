"""How fast the SDK is, as ratios: see README.md beside this file."""

"""What may become of an input under whose id the app has other content."""

from __future__ import annotations

CONFLICTS = ("fail", "skip", "replace", "suffix")
"""Values of `on_conflict`, the default first."""

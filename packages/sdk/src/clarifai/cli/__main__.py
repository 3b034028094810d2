"""Door to the command line."""

from __future__ import annotations

from clarifai.__main__ import main

__all__ = ["main"]

if __name__ == "__main__":
    raise SystemExit(main())

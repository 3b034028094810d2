"""Door to the command line: `python -m clarifai`, and the program `clarifai`."""

from __future__ import annotations

from clarifai_core.doors import program

__all__ = ["main"]

main = program("clarifai", "clarifai_cli.main:main")

if __name__ == "__main__":
    raise SystemExit(main())

"""`python -m clarifai_cli`: the command without the doors, beside another SDK's `clarifai`."""

from __future__ import annotations

from clarifai_cli.main import main

if __name__ == "__main__":
    raise SystemExit(main())

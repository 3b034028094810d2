"""The export formats that come with the SDK; `Dataset.export(..., format=)` opens them by name."""

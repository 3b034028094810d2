"""The key does what the SDK demands of one: pip install clarifai-testing, then pytest."""

from __future__ import annotations

from clarifai_testing import ClauseContract


class TestUpdated(ClauseContract):
    """The key `updated`."""

    plugin = "recent_inputs.plugin"
    name = "updated"
    values = (
        {"since": "2026-05-01"},
        {"since": "2026-05-01", "until": "2026-05-02T12:30:00+02:00"},
    )
    bad_values = ({"since": "yesterday"}, {}, {"since": "2026-05-02", "until": "2026-05-01"}, 7)

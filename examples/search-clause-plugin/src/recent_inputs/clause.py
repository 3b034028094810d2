"""The key `updated` of search filters: inputs by when they were added or last changed."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import attrs


def _moment(text: str) -> datetime:
    """Return the moment that a text names; without a time zone it is in UTC."""
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _names_a_moment(_: object, field: attrs.Attribute[Any], value: str | None) -> None:
    try:
        if value is not None:
            _moment(value)
    except ValueError:
        raise ValueError(f"{field.name} {value!r} is no date such as '2026-05-01'") from None


@attrs.frozen
class Span:
    """What `updated` holds: one end of a stretch of time, or both.

    Dates and times are in ISO 8601: `"2026-05-01"`, `"2026-05-01T12:30:00+02:00"`.
    """

    since: str | None = attrs.field(default=None, validator=_names_a_moment)
    until: str | None = attrs.field(default=None, validator=_names_a_moment)

    def __attrs_post_init__(self) -> None:
        if self.since is None and self.until is None:
            raise ValueError("needs since, until, or both")
        if self.since and self.until and _moment(self.since) > _moment(self.until):
            raise ValueError(f"since {self.since!r} is after until {self.until!r}")


@attrs.frozen
class Updated:
    """`{"updated": {"since": "2026-05-01"}}`: added or last changed in this stretch of time."""

    updated: Span

    def apply(self, target: Any) -> None:
        """Write the clause into a `Filter`."""
        span = target.last_updated_time_range
        if self.updated.since is not None:
            span.start_time.FromDatetime(_moment(self.updated.since))
        if self.updated.until is not None:
            span.end_time.FromDatetime(_moment(self.updated.until))

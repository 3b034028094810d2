"""Words of the official releases 9.x, which programs and the document's lists still have."""

from __future__ import annotations

from typing import Any

from clarifai_core.errors import UserError


def with_url(url: str, fields: dict[str, Any]) -> str:
    """Return the URL of a constructor, and take the older name of it out of its fields.

    Example:
        >>> fields = {"url_init": "https://clarifai.com/me/a", "name": "A"}
        >>> with_url("", fields), fields
        ('https://clarifai.com/me/a', {'name': 'A'})

    Raises:
        UserError: It is given under both names.
    """
    older = fields.pop("url_init", "")
    if url and older:
        raise UserError(f"Give url={url!r} or url_init={older!r}, not both: they are the same.")
    return url or str(older or "")

"""The differences that remain, each with its reason. The tests read this table.

A line must name a part of the text that the comparison prints; a line whose use no longer differs,
or differs elsewhere only, fails. There are at most `MOST` lines.
"""

from __future__ import annotations

import attrs

MOST = 10


@attrs.frozen
class Written:
    """One difference on purpose."""

    use: str
    what: str
    """Part of each line in which the comparison tells of it."""
    reason: str


DIFFERENCES: tuple[Written, ...] = (
    Written(
        "dataset.get_upload_status.pre",
        "result[0].",
        "The counts are numbers, as the document says (Tuple[Dict[str, int], Dict[str, int]]); the "
        "official SDK returns those of inputs as text.",
    ),
    Written(
        "inputs.get_input_from_url.bad_metadata",
        "result.raises",
        "metadata may be a dict as well as a Struct: there is one way to understand it, so it is "
        "no mistake of the caller's.",
    ),
    Written(
        "model.get_params.untrainable",
        "requests: recorded 1 items, ours 2",
        "Which types can be trained is asked of the platform, as plugins may bring some; the "
        "official SDK goes by a list.",
    ),
    Written(
        "module.init.url_without_version",
        "result.raises",
        "A module can be named without a version by its ids, so it can by its URL; list_versions, "
        "the method of the document, needs none.",
    ),
    Written(
        "user.create_app.error",
        "default_workflow.id",
        "The document gives 'Language-Understanding' as the default of base_workflow; the official "
        "SDK sends 'Empty'.",
    ),
)

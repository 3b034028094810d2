"""What tells the format from others."""

# --8<-- [start:detect]
from __future__ import annotations

from clarifai_core.contracts import FormatMatch, SourceListing


def tsv(listing: SourceListing) -> FormatMatch | None:
    """See files whose first line is a label, a tab and a text."""
    for name in listing.names:
        if name.endswith(".tsv") and b"\t" in listing.head(name).partition(b"\n")[0]:
            return FormatMatch(FormatMatch.SURE, f"{name} has tabs")
    return None


# --8<-- [end:detect]

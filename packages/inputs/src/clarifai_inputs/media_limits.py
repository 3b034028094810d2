"""How large a medium may be, which bounds what is fetched of one, wherever its address is from.

The platform takes pictures, texts and sounds below 20 MB, and videos up to 300 MB by URL or below
128 MB by content ("Upload inputs" in its documentation). Where decimal or binary megabytes may be
meant, the larger one is allowed.
"""

from __future__ import annotations

MIB = 1024 * 1024

MEDIA_BYTES = {"image": 20 * MIB, "text": 20 * MIB, "audio": 20 * MIB, "video": 300 * MIB}
"""Kind -> largest medium to fetch."""

UNSIZED_BYTES = {**MEDIA_BYTES, "video": 128 * MIB}
"""Kind -> largest medium to fetch where the server does not say its size beforehand."""

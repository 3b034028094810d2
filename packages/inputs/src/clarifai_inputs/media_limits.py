"""How large a medium may be: what the platform takes, and what is fetched of one.

The platform takes pictures, texts and sounds below 20 MB, pictures up to 85 million pixels, and
videos up to 300 MB by URL or below 128 MB by content ("Upload inputs" in its documentation). Where
decimal or binary megabytes may be meant, the larger one is allowed.
"""

from __future__ import annotations

MIB = 1024 * 1024

MEDIA_BYTES = {"image": 20 * MIB, "text": 20 * MIB, "audio": 20 * MIB, "video": 300 * MIB}
"""Kind -> largest medium to fetch."""

UNSIZED_BYTES = {**MEDIA_BYTES, "video": 128 * MIB}
"""Kind -> largest medium to fetch where the server does not say its size beforehand."""

MAX_FILE_BYTES = 128_000_000
"""Of one file of media: a request, which it travels in, may have no more."""

UPLOAD_BYTES = {**MEDIA_BYTES, "video": MAX_FILE_BYTES}
"""Kind -> largest medium to send by its content."""

MAX_IMAGE_PIXELS = 85_000_000
"""Width times height that an image may have."""

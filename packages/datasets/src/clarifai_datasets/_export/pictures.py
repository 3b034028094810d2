"""Images as PNG, for programs that expect the official SDK's layout: `<split>/inputs/<id>.png`."""

from __future__ import annotations

import io
import warnings

from clarifai_datasets._extras import optional
from clarifai_inputs.image_size import size_of
from clarifai_inputs.media_limits import MAX_IMAGE_PIXELS
from clarifai_inputs.signatures import format_of

EXTRA = "images"

_KEPT_MODES = frozenset({"1", "L", "LA", "P", "RGB", "RGBA", "I", "I;16"})
"""What PNG holds as it is; all else becomes RGB."""


def check_png() -> None:
    """Refuse to go on without what converts images.

    Raises:
        PluginError: It is not installed.
    """
    optional("PIL.Image", EXTRA)


def as_png(content: bytes) -> bytes:
    """Return an image as PNG, the first one of several, upright; a PNG as it is.

    Labels are for the upright image, and readers of PNG follow no note of how to turn it.

    Raises:
        ValueError: It cannot be read, or has too many pixels.
    """
    if format_of("image", content) == "png":
        return content
    size = size_of(content)
    if size is None or size[0] * size[1] > MAX_IMAGE_PIXELS:  # before anything is unpacked
        shown = "of unknown size" if size is None else f"of {size[0]:,} x {size[1]:,} pixels"
        raise ValueError(f"no PNG is made of an image {shown}")
    image_module, operations = optional("PIL.Image", EXTRA), optional("PIL.ImageOps", EXTRA)
    found = io.BytesIO()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what is odd about a file and does not hinder
            with image_module.open(io.BytesIO(content)) as opened:
                image = operations.exif_transpose(opened)
                if image.mode not in _KEPT_MODES:
                    image = image.convert("RGBA" if "A" in image.getbands() else "RGB")
                image.save(found, "PNG")
    except Exception as error:
        # why: Pillow raises nearly anything for a damaged file; it is that input's failure
        raise ValueError(f"no PNG can be made of it: {error or type(error).__name__}") from error
    return found.getvalue()

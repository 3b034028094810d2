"""Captions in COCO's JSON."""

from __future__ import annotations

from typing import Any, ClassVar

from clarifai_datasets.upload.features import Features, VisualClassificationFeatures
from clarifai_datasets.upload.loaders._coco import CocoLoader


class COCOCaptionsDataLoader(CocoLoader):
    """Images with captions, from COCO's JSON; an image may have several."""

    folder_names: ClassVar[tuple[str, ...]] = ("captions",)

    _read_keys = frozenset({"id", "image_id", "caption"})

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_captioning"

    def _labelled(self, item: Any, frames: Any) -> object:  # noqa: ARG002 - a caption has no place
        captions = []
        for one in item.annotations:
            caption = one.get("caption")
            if isinstance(caption, str) and caption.strip():
                captions.append(caption)
            else:
                item.fitting.leave_out(f"{item.where}, annotation {one.get('id')!r}", "no caption")
        return captions

    def _features(
        self, image: dict[str, Any], labels: Any, id_: str, rest: dict[str, Any]
    ) -> Features:
        return VisualClassificationFeatures(labels=labels, id=id_, **image, **rest)


open_source = COCOCaptionsDataLoader.open
"""The loader of a JSON file, or of a folder, zip or URL that has one."""

"""YOLO: `images/<split>`, `labels/<split>`, and `data.yaml` with the names of the classes."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from clarifai_core.contracts import Written
from clarifai_datasets._export.formats.labels import labels_of
from clarifai_datasets._export.formats.media import SplitNames, add_media, further, the_image
from clarifai_inputs import boxes
from clarifai_inputs.class_names import ClassNumbers

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from clarifai_core.contracts import ExportTarget


class YoloExporter:
    """Images with boxes and polygons; an image without any has no file of labels."""

    def __init__(self, target: ExportTarget) -> None:
        self._target = target
        self._classes = ClassNumbers()
        self._splits: dict[str, None] = {}
        self._names = SplitNames()

    def add(self, split: str, message: Any, media: Sequence[tuple[str, bytes | Path]]) -> Written:
        """Write one input."""
        content, _ = the_image("yolo", media)
        labels = labels_of(message.data)
        lines = [_line(self._classes.of(one.label), boxes.to_yolo(one.box)) for one in labels.boxes]
        lines += [
            _line(self._classes.of(one.label), list(chain.from_iterable(one.polygon)))
            for one in labels.polygons
        ]
        stem = "/".join(self._names.of(split, message.id))
        _, size = add_media(self._target, f"images/{stem}", [("image", content)])
        if lines:
            text = "".join(f"{line}\n" for line in lines)
            self._target.add(f"labels/{stem}.txt", text.encode())
        self._splits[split] = None
        return Written(size, len(lines), further(media, labels.lost("boxes", "polygons")))

    def finish(self) -> None:
        """Write the names of the classes."""
        from clarifai_core import yaml_text

        content = {
            "path": ".",
            **{split: f"images/{self._names.split(split)}" for split in self._splits},
            "names": self._classes.names,
        }
        self._target.add("data.yaml", yaml_text.dump(content).encode())


def _line(number: int, values: list[float]) -> str:
    return " ".join([str(number), *(f"{value:.8f}".rstrip("0").rstrip(".") for value in values)])

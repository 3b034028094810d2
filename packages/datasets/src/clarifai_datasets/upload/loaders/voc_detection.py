"""Pascal VOC: one XML file of boxes for each image."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import Features, VisualDetectionFeatures
from clarifai_datasets.upload.limits import MAX_LABEL_BYTES
from clarifai_datasets.upload.loaders.checked import ItemFaults
from clarifai_datasets.upload.loaders.files import lines_of
from clarifai_datasets.upload.loaders.paths import is_absolute
from clarifai_datasets.upload.loaders.split_folder import SplitFolderLoader, repeated_stems
from clarifai_inputs import boxes, texts
from clarifai_inputs.coordinates import Fitted
from clarifai_inputs.file_names import original
from clarifai_inputs.identity import item_id
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from clarifai_inputs.image_size import Size

ANNOTATIONS, IMAGES, SETS = "Annotations", "JPEGImages", "ImageSets/Main"


class VocDetectionLoader(SplitFolderLoader):
    """Images with labelled boxes, as Pascal VOC has them.

    Pixels are counted from 1 and both corners belong to the box: 1, 1 to width, height is all of
    the image.

    The source holds `Annotations/*.xml` and `JPEGImages`, or both of them in one folder below it;
    a split is what `ImageSets/Main/<split>.txt` lists.
    """

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_detection"

    def _find(self) -> None:
        names = self._open()
        labels = [name for name in names if name.lower().endswith(".xml")]
        if any(PurePosixPath(name).parent.name == ANNOTATIONS for name in labels):
            labels = [n for n in labels if PurePosixPath(n).parent.name == ANNOTATIONS]
        if self._split:
            listed = self._listed(names)
            labels = [name for name in labels if PurePosixPath(name).stem in listed]
            there = {PurePosixPath(name).stem for name in labels}
            labels += [f"{ANNOTATIONS}/{stem}.xml" for stem in listed if stem not in there]
        self._names = labels
        self._repeated = repeated_stems(labels)
        for index in range(len(labels)):
            self._claim(index, self._own_id(index))

    def _count(self) -> int:
        return len(self._names)

    def _hint(self) -> str:
        return f": no {ANNOTATIONS}/*.xml"

    def _listed(self, names: list[str]) -> dict[str, None]:
        wanted = f"{SETS}/{self._split}.txt"
        found = next((n for n in names if n == wanted or n.endswith(f"/{wanted}")), "")
        if not found:
            raise UserError(f"split {self._split!r}: {self._source!r} holds no {wanted}.")
        lines = lines_of(self._files, found)
        stems = {PurePosixPath(name).stem for name in names}
        lines = [line.strip() for line in lines if line.strip()]
        return dict.fromkeys(line if line in stems else line.split()[0] for line in lines)

    def _own_id(self, index: int) -> str:
        path = PurePosixPath(self._names[index])
        if path.stem in self._repeated:
            return path.with_suffix("").as_posix()
        return original(path.stem)

    def _read(self, index: int) -> Features:
        name = self._names[index]
        where = self._files.shown(name)
        root = _parsed(self._files.read(name, MAX_LABEL_BYTES), where)
        image_name = self._image_name(name, root)
        labels: list[str | int] = []
        found: list[list[float]] = []
        faults: list[str] = []
        size = _size(root)
        try:
            size = size or self._size(self._files, image_name)
        except ItemFaults as error:
            faults += error.faults
        fitting = Fitting()
        for number, one in enumerate(root.iter("object"), 1):
            place = f"{where}: object {number}"
            label = (one.findtext("name") or "").strip()
            if not label:
                fitting.leave_out(place, "it has no name")
            elif size and (box := fitting.take(_box(one, size), place)) is not None:
                labels.append(label)
                found.append(list(box))
        image = self._image(self._files, image_name, [*faults, *self._fatal(fitting)])
        self._settle(index, fitting)
        own = item_id(self._own_id(index))
        return VisualDetectionFeatures(labels=labels, bboxes=found, id=own, **image)

    def _image_name(self, name: str, root: ET.Element) -> str:
        """Return the image of an annotation file: where VOC has it, or beside the XML."""
        path = PurePosixPath(name)
        file_name = (root.findtext("filename") or f"{path.stem}.jpg").strip()
        if is_absolute(file_name):
            return file_name  # refused where it is looked for
        beside = path.parent.parent if path.parent.name == ANNOTATIONS else path.parent
        candidates = [str(beside / IMAGES / file_name), str(path.parent / file_name)]
        return next((one for one in candidates if self._files.exists(one)), candidates[0])


def _parsed(content: bytes, where: str) -> ET.Element:
    if b"\0" in content:
        raise ItemFaults([f"{where}: it is not in UTF-8"])
    text = _decoded(content, where)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ItemFaults([f"{where}: it has a DTD, which annotations need not"])
    try:
        return ET.fromstring(text)  # noqa: S314 - without a DTD nothing can be expanded
    except (ET.ParseError, ValueError) as error:
        raise ItemFaults([f"{where}: it is no XML: {error}"]) from error


_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")


def _decoded(content: bytes, where: str) -> str:
    """Return the text of an XML file by the encoding that it names.

    It is looked through for a DTD as what it is read as: in some encodings its bytes differ.
    """
    content = texts.without_mark(content)
    found = _ENCODING.match(content)
    encoding = found[1].decode("ascii") if found else "utf-8"
    try:
        return content.decode(encoding)
    except LookupError as error:
        raise ItemFaults(
            [f"{where}: its encoding {encoding!r} is unknown; save it as UTF-8"]
        ) from error
    except ValueError as error:
        raise ItemFaults([f"{where}: it is not in {encoding}; save it as UTF-8"]) from error


def _size(root: ET.Element) -> Size | None:
    try:
        width, height = (int(float(root.findtext(f"size/{n}") or 0)) for n in ("width", "height"))
    except (ValueError, OverflowError):
        return None
    return (width, height) if width > 0 and height > 0 else None


def _box(one: ET.Element, size: Size) -> Fitted[boxes.Box]:
    edges = [one.findtext(f"bndbox/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")]
    shown = f"bndbox {', '.join(str(edge) for edge in edges)}"
    if None in edges:
        return Fitted(None, f"{shown} is incomplete")
    return boxes.from_voc(edges, size, shown)

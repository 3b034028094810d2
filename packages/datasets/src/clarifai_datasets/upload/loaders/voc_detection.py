"""Pascal VOC: one XML file of boxes for each image."""

from __future__ import annotations

import contextlib
import re
import xml.etree.ElementTree as ET
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from clarifai_core.errors import UserError
from clarifai_core.safe_text import plain
from clarifai_datasets.upload.features import Features, VisualDetectionFeatures
from clarifai_datasets.upload.limits import MAX_LABEL_BYTES
from clarifai_datasets.upload.loaders._checked import ItemFaults
from clarifai_datasets.upload.loaders._files import lines_of
from clarifai_datasets.upload.loaders._frames import Frame, frame_of, may_be_on_its_side
from clarifai_datasets.upload.loaders._paths import is_absolute
from clarifai_datasets.upload.loaders._picture_names import (
    BY_ITS_END,
    FoundPicture,
    Pictures,
    folders_of,
)
from clarifai_datasets.upload.loaders._split_folder import SplitFolderLoader, repeated_stems
from clarifai_inputs import boxes, texts
from clarifai_inputs.coordinates import ClampedShape
from clarifai_inputs.file_names import original
from clarifai_inputs.identity import item_id
from clarifai_inputs.media import IMAGE_ENDINGS
from clarifai_inputs.regions import Fitting

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_inputs.image_size import Size

ANNOTATIONS, IMAGES, SETS = "Annotations", "JPEGImages", "ImageSets/Main"
LABEL_MAP = "labelmap.txt"
"""The list of labels that CVAT and Datumaro write, and our exports: the labels say as much."""

_FOLDERS_OF_LABELS = ("annotations", "annotation", "labels", "label", "xml", "xmls", "anns")
_FOLDERS_OF_IMAGES = ("jpegimages", "images", "image", "data", "imgs", "img", "jpeg", "jpgs")
"""In any case of letters."""

_OTHER_PICTURE = "annotation files of one picture whose <filename> is that of another"
_SILENT = frozenset({"name", "bndbox", "pose", "truncated", "occluded", "difficult"})
"""Elements of objects that are read, or that say no more of them than how they were seen."""


class VocDetectionLoader(SplitFolderLoader):
    """Images with labelled boxes, as Pascal VOC has them.

    Pixels are counted from 1 and both corners belong to the box: 1, 1 to width, height is all of
    the image.

    The source holds `Annotations/*.xml` and `JPEGImages`, or both of them in one folder below it;
    `annotations` and `images`, `labels` and `data`, or XML beside the pictures are read alike. The
    picture of an XML file is the one of its own name; only where there is none, the one that its
    `<filename>` says. A split is what `ImageSets/Main/<split>.txt` lists, or a folder.
    """

    @property
    def task(self) -> str:
        """What the items are."""
        return "visual_detection"

    def _find(self) -> None:
        names = self._open()
        labels = _label_files(names)
        self._pictures = Pictures(self._files, names)
        folders = {folder.lower() for name in names for folder in folders_of(name)} | {""}
        own = {name: self._pictures.by_stem(name, _folders(name, folders)) for name in labels}
        self._account(names, labels, own)
        if self._split:
            labels = self._of_split(labels, names)
        self._own = {name: own.get(name, []) for name in labels}
        self._names = labels
        self._repeated = repeated_stems(labels)
        for index in range(len(labels)):
            self._claim(index, self._own_id(index))
        taken = {one for found in own.values() for one in found}
        self._by_name = self._by_file_names(taken)

    def _account(self, names: list[str], labels: list[str], own: dict[str, list[str]]) -> None:
        used = {*labels, *(one for found in own.values() for one in found)}
        left = [n for n in names if n not in used and f"/{SETS.lower()}/" not in f"/{n.lower()}"]
        self._spare = [name for name in left if name.lower().endswith(IMAGE_ENDINGS)]
        spare = set(self._spare)
        others = [name for name in left if name not in spare and name != LABEL_MAP]
        self._account_for(others, (), "left alone, neither pictures nor annotations")

    def _by_file_names(self, taken: set[str]) -> dict[int, FoundPicture | str]:
        """Return the pictures of the files that have none of their own name, or what is wrong."""
        found: dict[int, FoundPicture | str] = {}
        users: dict[str, list[int]] = {}
        for index, name in enumerate(self._names):
            if self._own[name] or not (said := self._file_name(name)):
                continue
            made = self._pictures.find(said)
            if made.name:
                found[index] = made
                users.setdefault(made.name, []).append(index)
        for picture, indices in users.items():
            if picture in taken or len(indices) > 1:
                why = f"there is no picture of its name, and {picture} is that of another"
                found.update(dict.fromkeys(indices, why))
        unlabelled = (name for name in self._spare if name not in users)
        self.remarks.add_all("left alone, pictures without an annotation file", unlabelled)
        del self._spare
        return found

    def _file_name(self, name: str) -> str:
        try:
            content = self._files.read(name, MAX_LABEL_BYTES)
            return (_parsed(content, name).findtext("filename") or "").strip()
        except (ItemFaults, OSError):
            return ""  # said when it is its turn

    def _count(self) -> int:
        return len(self._names)

    def _hint(self) -> str:
        return f": no {ANNOTATIONS}/*.xml"

    def _of_split(self, labels: list[str], names: list[str]) -> list[str]:
        wanted = f"{SETS}/{self._split}.txt".lower()
        found = next((n for n in names if f"/{n.lower()}".endswith(f"/{wanted}")), "")
        if found:
            return self._listed(found, labels)
        inside = [n for n in labels if self._split in PurePosixPath(n).parts[:-1]]
        if not inside:
            raise UserError(
                f"split {self._split!r}: {self._source!r} holds no {SETS}/{self._split}.txt."
            )
        return inside

    def _listed(self, name: str, labels: list[str]) -> list[str]:
        lines = [line.strip() for line in lines_of(self._files, name) if line.strip()]
        stems = {PurePosixPath(label).stem for label in labels}
        listed = dict.fromkeys(line if line in stems else line.split()[0] for line in lines)
        found = [label for label in labels if PurePosixPath(label).stem in listed]
        there = {PurePosixPath(label).stem for label in found}
        folder = PurePosixPath(labels[0]).parent.as_posix() if labels else ANNOTATIONS
        return found + [f"{folder}/{stem}.xml" for stem in listed if stem not in there]

    def _own_id(self, index: int) -> str:
        path = PurePosixPath(self._names[index])
        if path.stem in self._repeated:
            return path.with_suffix("").as_posix()
        return original(path.stem)

    def _read(self, index: int) -> Features:
        name = self._names[index]
        where = self._files.shown(name)
        root = _parsed(self._files.read(name, MAX_LABEL_BYTES), where)
        picture = self._picture_of(index, root)
        labels: list[str | int] = []
        found: list[list[float]] = []
        faults: list[str] = []
        fitting = Fitting()
        objects = list(root.iter("object"))
        try:
            frame = self._frame(root, picture, objects)
        except ItemFaults as error:
            faults += error.faults
            objects, frame = [], Frame((1, 1))
        if frame.remark:
            fitting.note(frame.remark, where)
        for number, one in enumerate(objects, 1):
            place = f"{where}: object {number}"
            label = (one.findtext("name") or "").strip()
            self._note_elements(one, place, fitting)
            if not label:
                fitting.leave_out(place, "it has no name")
            elif (box := fitting.take(_box(one, frame.size), place)) is not None:
                labels.append(label)
                found.append(list(frame.turned_box(box)))
        image = self._image(self._files, picture, [*faults, *self._fatal(fitting)])
        self._settle(index, fitting)
        own = item_id(self._own_id(index))
        return VisualDetectionFeatures(labels=labels, bboxes=found, id=own, **image)

    def _picture_of(self, index: int, root: ET.Element) -> str:
        """Return the picture of an annotation file.

        Raises:
            ItemFaults: It is not known which.
        """
        name = self._names[index]
        own = self._own[name]
        said = (root.findtext("filename") or "").strip()
        if len(own) == 1:
            if said and not _is_name_of(said, own[0]):
                self.remarks.add(_OTHER_PICTURE, f"{name} says {said}", item=index)
            return own[0]
        where = self._files.shown(name)
        if own:
            chosen = [one for one in own if PurePosixPath(one).name == said]
            if chosen:
                return chosen[0]
            raise ItemFaults([f"{where}: its picture may be any of {', '.join(own)}"])
        by_name = self._by_name.get(index)
        if isinstance(by_name, str):
            raise ItemFaults([f"{where}: {by_name}"])
        if by_name is not None:
            if by_name.by_its_end:
                self.remarks.add(BY_ITS_END, f"{said} -> {by_name.name}", item=index)
            return by_name.name
        path = PurePosixPath(name)
        beside = path.parent.parent if path.parent.name.lower() in _FOLDERS_OF_LABELS else None
        missing = said or f"{path.stem}.jpg"
        if is_absolute(missing):
            return missing  # refused where it is looked for
        return str((path.parent if beside is None else beside / IMAGES) / missing)

    def _frame(self, root: ET.Element, picture: str, objects: list[ET.Element]) -> Frame:
        said = _size(root)
        if said is None:
            return Frame(self._size(self._files, picture))
        if not may_be_on_its_side(said):
            return Frame(said)
        try:
            seen = self._picture(self._files, picture)
        except (ItemFaults, OSError):
            return Frame(said)  # what is wrong with the picture is said where it is read
        return frame_of(said, seen, _ends(objects))

    def _note_elements(self, one: ET.Element, place: str, fitting: Fitting) -> None:
        """Note what an object says besides its name and its box."""
        for child in one:
            if child.tag not in _SILENT:
                fitting.note(f"elements of objects that are not read: {child.tag}", place)
        if not self._strict and (one.findtext("difficult") or "0").strip() not in ("0", ""):
            fitting.note("objects marked as difficult, which go as any other", place)


def _label_files(names: list[str]) -> list[str]:
    """Return the annotation files: those in folders for them, or all XML where there are none."""
    found = [name for name in names if name.lower().endswith(".xml")]
    kept = [
        name
        for name in found
        if any(part.lower() in _FOLDERS_OF_LABELS for part in PurePosixPath(name).parts[:-1])
    ]
    return kept or found


def _folders(name: str, there: set[str]) -> list[str]:
    """Return the folders, in small letters, where the picture of an annotation file may be."""
    parts = [part.lower() for part in PurePosixPath(name).parts[:-1]]
    found = []
    for at in range(len(parts) - 1, -1, -1):
        if parts[at] in _FOLDERS_OF_LABELS:
            swapped = ([folder] for folder in _FOLDERS_OF_IMAGES)
            found += ["/".join([*parts[:at], *one, *parts[at + 1 :]]) for one in (*swapped, [])]
    found.append("/".join(parts))
    return [folder for folder in found if folder in there]


def _is_name_of(said: str, picture: str) -> bool:
    """Return whether a `<filename>` may be that of a picture, whatever its folder and ending."""
    bases = (PurePosixPath(one).name for one in (said, said.replace("\\", "/")))
    stems = {one.casefold() for base in bases for one in (base, PurePosixPath(base).stem)}
    return PurePosixPath(picture).stem.casefold() in stems


def _ends(objects: list[ET.Element]) -> Iterator[tuple[float, float]]:
    """Yield the right and bottom edges of objects, as far as they are numbers."""
    for one in objects:
        with contextlib.suppress(ValueError):
            edges = [float(one.findtext(f"bndbox/{edge}") or "") for edge in ("xmax", "ymax")]
            yield edges[0], edges[1]


def _parsed(content: bytes, where: str) -> ET.Element:
    if b"\0" in content and not texts.is_wide(content):
        raise ItemFaults([f"{where}: it is not in UTF-8"])
    text = _decoded(content, where)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise ItemFaults([f"{where}: it has a DTD, which annotations need not"])
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a DTD nothing can be expanded
    except (ET.ParseError, ValueError) as error:
        raise ItemFaults([f"{where}: it is no XML: {error}"]) from error
    if root.tag.rpartition("}")[2].lower() != "annotation":
        raise ItemFaults([f"{where}: it is no annotation of VOC, but <{plain(root.tag, 80)}>"])
    return root


_ENCODING = re.compile(rb"\s*<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{1,40})[\"']")


def _decoded(content: bytes, where: str) -> str:
    """Return the text of an XML file by the encoding that it names.

    It is looked through for a DTD as what it is read as: in some encodings its bytes differ.
    """
    if texts.is_wide(content):
        try:
            return texts.decode(content)
        except UnicodeDecodeError as error:
            raise ItemFaults([f"{where}: {texts.fault_of(error)}"]) from error
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


def _box(one: ET.Element, size: Size) -> ClampedShape[boxes.Box]:
    edges = [one.findtext(f"bndbox/{edge}") for edge in ("xmin", "ymin", "xmax", "ymax")]
    shown = f"bndbox {', '.join(str(edge) for edge in edges)}"
    if None in edges:
        return ClampedShape(None, f"{shown} is incomplete")
    return boxes.from_voc(edges, size, shown)

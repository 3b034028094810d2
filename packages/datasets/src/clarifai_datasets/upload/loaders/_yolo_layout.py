"""Where a YOLO data set has its images and labels, and which of them are in a split.

    images/val/a.png       labels/val/a.txt         Ultralytics, FiftyOne
    val/images/a.png       val/labels/a.txt         Roboflow, supervision
    obj_train_data/a.png   obj_train_data/a.txt     Darknet; train.txt lists the images

Capitals do not count, nor how a Mac takes letters apart.
"""

from __future__ import annotations

import posixpath
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import attrs

from clarifai_inputs.file_names import alike

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from clarifai_datasets.upload.loaders._yolo_classes import ClassList

IMAGES, LABELS = "images", "labels"
LABEL_ENDING = ".txt"

_SAME_SPLITS = (frozenset({"val", "valid", "validation"}), frozenset({"train", "training"}))

_LISTINGS = frozenset(
    {"train", "training", "val", "valid", "validation", "test", "trainval", "images", "all"}
)
"""Lists of images are called so, or by data.yaml."""


def same_splits(split: str) -> frozenset[str]:
    """Return all names of a split."""
    small = split.lower()
    return next((same for same in _SAME_SPLITS if small in same), frozenset({small}))


def label_places(image: str) -> list[str]:
    """Return where the labels of an image may be, the first one first.

    Example:
        >>> label_places("val/Images/a.b.png")
        ['val/labels/a.b.txt', 'val/Images/a.b.txt']
    """
    beside = PurePosixPath(image).with_suffix(LABEL_ENDING)
    swapped = _swapped(beside.parts)
    return [str(beside)] if swapped is None else [swapped, str(beside)]


def _swapped(parts: tuple[str, ...]) -> str | None:
    for at in range(len(parts) - 2, -1, -1):
        if parts[at].lower() == IMAGES:
            return "/".join((*parts[:at], LABELS, *parts[at + 1 :]))
    return None


def pairs(images: Iterable[str], labels: Collection[str]) -> dict[str, str]:
    """Return the label file of each image that has one.

    The very name counts before one that differs in capitals, which has to be the only one; it is
    nobody's where it could be that of several images.
    """
    images, there = list(images), set(labels)
    found = {
        image: name
        for image in images
        if (name := next((one for one in label_places(image) if one in there), ""))
    }
    free = _by_likeness(there.difference(found.values()))
    asked: dict[str, list[str]] = {}
    for image in images:
        if image not in found:
            keys = [alike(one) for one in label_places(image)]
            if key := next((one for one in keys if len(free.get(one, ())) == 1), ""):
                asked.setdefault(key, []).append(image)
    for key, few in asked.items():
        if len({PurePosixPath(one).stem for one in few}) == 1:
            found.update(dict.fromkeys(few, free[key][0]))
    return found


def _by_likeness(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in names:
        found.setdefault(alike(name), []).append(name)
    return found


def is_listing(name: str) -> bool:
    """Return whether a text is called as lists of images are.

    Example:
        >>> is_listing("data/train.txt"), is_listing("labels/train.txt"), is_listing("a.txt")
        (True, False, False)
    """
    path = PurePosixPath(name.lower())
    is_label = LABELS in path.parts[:-1]
    return path.suffix == LABEL_ENDING and path.stem in _LISTINGS and not is_label


class YoloPaths:
    """Finds the files and folders that paths name, which may come from another machine."""

    def __init__(self, names: Iterable[str]) -> None:
        self._files = _by_likeness(names)
        self._by_last: dict[str, list[str]] = {}
        self._folders: set[str] = {""}
        for key in self._files:
            self._by_last.setdefault(key.rpartition("/")[2], []).append(key)
            while key := key.rpartition("/")[0]:
                if key in self._folders:
                    break
                self._folders.add(key)

    def file(self, path: str, *starts: str) -> str:
        """Return the file that a path names; `""`: none, or it could be several.

        Args:
            path: As it is written, absolute or not.
            *starts: Folders that it may begin in: `""` or `"a/b/"`.
        """
        wanted = _cleaned(path)
        for start in (*starts, ""):
            if found := self._files.get(_joined(start, wanted)):
                return found[0] if len(found) == 1 else ""
        likely = [
            key
            for key in self._by_last.get(wanted.rpartition("/")[2], ())
            if _ends_with(wanted, key) or ("/" in wanted and _ends_with(key, wanted))
        ]
        longest = max(map(len, likely), default=0)
        best = [key for key in likely if len(key) == longest]
        return self._files[best[0]][0] if len(best) == 1 and len(self._files[best[0]]) == 1 else ""

    def folder(self, path: str, *starts: str) -> str | None:
        """Return the folder that a path names, in small letters: `""` or `"a/b/"`; None: none."""
        wanted = _cleaned(path)
        for start in (*starts, ""):
            if (found := _joined(start, wanted)) in self._folders:
                return f"{found}/" if found else ""
        likely = [key for key in self._folders if key and _ends_with(wanted, key)]
        return f"{max(likely, key=len)}/" if likely else None


def _cleaned(path: str) -> str:
    """Return a path without where it begins: Roboflow's `../train/images` is `train/images`."""
    parts = alike(path.strip().replace("\\", "/")).split("/")
    while parts and parts[0] in (".", "..", ""):
        parts.pop(0)
    return "/".join(part for part in parts if part)


def _joined(start: str, path: str) -> str:
    found = posixpath.normpath(f"{alike(start)}{path}")
    return "" if found == "." else found


def _ends_with(path: str, end: str) -> bool:
    return path == end or path.endswith(f"/{end}")


@attrs.define
class SplitFiles:
    """Which files of a source are in a split, or all."""

    names: frozenset[str] = frozenset()
    """Of its folders; empty: all files are in it."""
    folders: list[str] = attrs.field(factory=list)
    """What data.yaml says: folders in small letters, `""` or `"a/b/"`."""
    listed: set[str] | None = None
    """What lists of images say."""

    def has(self, name: str) -> bool:
        """Return whether an image, or a file beside images or labels, is in it."""
        if not self.names:
            return True
        if self.listed is not None and name in self.listed:
            return True
        if self.folders:
            return alike(name).startswith(tuple(self.folders))
        if self.listed is not None:
            return False
        return not self.names.isdisjoint(alike(name).split("/")[:-1])

    def add_folder(self, folder: str) -> None:
        """Add a folder of images, and that of their labels."""
        self.folders.append(folder)
        swapped = _swapped((*PurePosixPath(folder).parts, "x"))
        if swapped is not None:
            self.folders.append(swapped.removesuffix("x"))


def entries(
    yamls: Iterable[ClassList], names: frozenset[str] = frozenset()
) -> list[tuple[str, list[str]]]:
    """Return the paths that YAML files give for a split, or all, and where they may begin."""
    found = []
    for one in yamls:
        start = _cleaned(one.says.path)
        starts = [f"{one.folder}{start}/" if start else one.folder, one.folder]
        for split, paths in one.says.splits.items():
            if not names or same_splits(split) & names:
                found += [(path, starts) for path in paths]
    return found

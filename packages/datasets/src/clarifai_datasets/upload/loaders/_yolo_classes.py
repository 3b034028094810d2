"""Which names the classes of a YOLO data set have, where several files may say so.

`data.yaml`, which training reads, counts before lists such as `classes.txt`, which programs leave
beside the labels; of several of a kind the nearest above the labels counts.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import UserError
from clarifai_datasets.upload.limits import MAX_LIST_BYTES
from clarifai_datasets.upload.loaders._files import lines_of
from clarifai_inputs import class_names
from clarifai_inputs.class_names import DataYaml

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_datasets.upload.loaders._files import Files
    from clarifai_inputs.remarks import Remarks

OVERRULED = "lists of classes that another one overrules"
MISCOUNTED = "lists of classes that do not agree with themselves"
UNREADABLE = "left alone, YAML files that cannot be read"


@attrs.frozen
class ClassList:
    """What one file says of the classes."""

    name: str
    """Of the file."""
    says: DataYaml
    is_yaml: bool = False

    @property
    def folder(self) -> str:
        """Where it lies: `""` or `"a/b/"`."""
        return self.name[: self.name.rfind("/") + 1]

    def against(self, other: ClassList) -> str:
        """Return in what it differs from another one, for people; `""`: in nothing."""
        mine, theirs = self.says.names, other.says.names
        for number in sorted({*mine, *theirs}):
            if mine.get(number) != theirs.get(number):
                return (
                    f"{self.name} has {_shown(mine, number)}, "
                    f"{other.name} has {_shown(theirs, number)}"
                )
        return ""


def _shown(names: dict[int, str], number: int) -> str:
    return f"{names[number]!r} as class {number}" if number in names else f"no class {number}"


class ClassLists:
    """All lists of classes in a source."""

    def __init__(self, files: Files, names: Sequence[str], remarks: Remarks) -> None:
        """Read them.

        Raises:
            UserError: There is none, or one is wrong.
        """
        self._where = files.where
        self._found: list[ClassList] = []
        broken: list[UserError] = []
        for name in sorted(names, key=lambda one: (one.count("/"), one)):
            file_name = PurePosixPath(name).name
            if name.lower().endswith(class_names.YAML_ENDINGS):
                self._add_yaml(files, name, broken, remarks)
            elif class_names.is_list(file_name):
                listed = DataYaml(class_names.from_lines(lines_of(files, name)))
                self._found.append(ClassList(name, listed))
        if not self._found and broken:
            raise broken[0]
        if not self._found:
            raise UserError(
                f"source {files.where!r} holds no names of classes: add data.yaml with names:, "
                "or classes.txt."
            )
        for error in broken:
            remarks.add(UNREADABLE, str(error))
        self.used = {one.name for one in self._found}

    def _add_yaml(self, files: Files, name: str, broken: list[UserError], remarks: Remarks) -> None:
        try:
            says = class_names.data_yaml(files.read(name, MAX_LIST_BYTES))
        except ValueError as error:
            where = files.shown(name)
            why = f"{where}: it does not list the names of classes: {error}."
            broken.append(UserError(why))
            return
        if says is not None:
            self._found.append(ClassList(name, says, is_yaml=True))
            if fault := says.fault():
                remarks.add(MISCOUNTED, f"{name}: {fault}")

    @property
    def yamls(self) -> list[ClassList]:
        """Those that are YAML, which say more than names."""
        return [one for one in self._found if one.is_yaml]

    def of(self, folder: str) -> ClassList:
        """Return the list that counts for the labels in a folder.

        Args:
            folder: `""` or `"a/b/"`.

        Raises:
            UserError: Several do, and differ.
        """
        lists = [one for one in self._found if not one.is_yaml]
        above = _nearest(self.yamls, folder)
        if not above and len(self.yamls) == 1:
            above = self.yamls
        chosen = above or _nearest(lists, folder) or self.yamls or lists
        for other in chosen[1:]:
            if against := chosen[0].against(other):
                raise UserError(
                    f"{self._where!r}: two lists of classes differ: {against}; keep the right one."
                )
        return chosen[0]

    def remark(self, chosen: Sequence[ClassList], remarks: Remarks) -> None:
        """Remark on lists that say otherwise than those that count."""
        names = {one.name for one in chosen}
        for one in self._found:
            if chosen and one.name not in names and all(one.against(other) for other in chosen):
                remarks.add(OVERRULED, one.against(chosen[0]))


def _nearest(lists: Sequence[ClassList], folder: str) -> list[ClassList]:
    """Return the lists in the nearest folder that labels are below."""
    above = [one for one in lists if folder.startswith(one.folder)]
    nearest = max((len(one.folder) for one in above), default=0)
    return [one for one in above if len(one.folder) == nearest]

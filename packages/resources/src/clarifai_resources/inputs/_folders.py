"""`Input` messages of the files in a folder."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_core.errors import IsNoFolder, MissingFile, UserError
from clarifai_core.loggers import logger_for
from clarifai_inputs.file_names import is_hidden
from clarifai_inputs.identity import stem_of
from clarifai_inputs.media import ENDINGS, why_not_taken
from clarifai_inputs.remarks import Remarks
from clarifai_resources.inputs._builders import FilePath, check_media_type, from_files

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api import resources_pb2

_log = logger_for(__name__)

KINDS = ("image", "text")
"""What is taken from a folder; files of other kinds take `Dataset.upload_from_folder`."""


def inputs_of_folder(
    folder_path: FilePath, input_type: str, dataset_id: str | None, labels: bool
) -> list[resources_pb2.Input]:
    """Return an input for each file of a folder, in the order of their names.

    An input's id is the name of its file up to the first dot, or the whole name where several files
    would have the same id. Folders inside the folder, hidden files and files of other kinds are
    left out; the log says how many, with examples.

    Args:
        folder_path: The folder.
        input_type: `"image"` or `"text"`.
        dataset_id: The dataset they go to.
        labels: Whether the folder's name is a concept of each.

    Raises:
        UserError: There is no such folder, nothing suitable in it, or a file cannot be read.
    """
    label = [Path(folder_path).absolute().name] if labels else None
    files = files_of_folder(folder_path, input_type)
    short = Counter(stem_of(path.name) for path in files)
    return [
        from_files(
            stem if short[stem := stem_of(path.name)] == 1 else path.name,
            {input_type: path},
            dataset_id,
            {"labels": label},
        )
        for path in files
    ]


def files_of_folder(folder_path: FilePath, input_type: str) -> list[Path]:
    """Return the files of a folder that hold an input of this type, sorted by name.

    Raises:
        UserError: There is no such folder, or nothing suitable in it.
    """
    if check_media_type(input_type) not in KINDS:
        raise UserError(f"Folders hold image or text inputs, got input type {input_type!r}.")
    if not isinstance(folder_path, (str, os.PathLike)) or not str(folder_path):
        raise UserError(f"folder_path must be the path of a folder, got {folder_path!r}.")
    folder = Path(folder_path)
    if not folder.is_dir():
        shown = f"folder_path {str(folder_path)!r} must be a folder, but"
        if folder.exists():
            raise IsNoFolder(f"{shown} is a file.")
        raise MissingFile(f"{shown} does not exist.")
    endings = ENDINGS[input_type]
    remarks = Remarks()
    found = []
    for path in sorted(folder.iterdir()):
        why = _why_left_alone(path, input_type)
        if why:
            remarks.add(why, path.name)
        else:
            found.append(path)
    for line in remarks.lines():
        _log.warning("%s: %s", folder, line)
    if not found:
        raise UserError(
            f"folder_path {str(folder_path)!r} holds no {input_type}s: no file in it ends in "
            f"{', '.join(endings)}."
        )
    return found


def _why_left_alone(path: Path, input_type: str) -> str:
    if is_hidden(path.name):
        return "left alone, hidden"
    if path.suffix.lower() not in ENDINGS[input_type]:
        if path.is_dir():
            return "left alone, folders"
        return why_not_taken(input_type, path.name)
    return "" if path.is_file() else "left alone, no plain files"

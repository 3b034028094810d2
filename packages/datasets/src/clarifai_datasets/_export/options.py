"""What an export is asked for, checked before anything is sent or written."""

from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path
from typing import Any

import attrs

from clarifai_core.errors import FileError, IsFolder, MissingFile, UserError
from clarifai_core.files import is_link
from clarifai_core.plugins import plugins
from clarifai_core.wire.messages import nearest
from clarifai_datasets._export.address import host_of
from clarifai_datasets._export.pictures import check_png
from clarifai_datasets.upload.detection import listed

CLARIFAI = "clarifai"
"""The format of exports unless another is named."""

IMAGE_FORMATS = ("", "png")

MAX_WORKERS = 64
"""Threads that fetch at once; more are not made."""


@attrs.frozen
class ExportOptions:
    """A checked export. Get one from `checked`."""

    save_path: Path
    archive_url: str
    local_archive_path: Path | None
    split: str
    num_workers: int
    format: str = CLARIFAI
    """Name of the exporter."""
    as_folder: bool = False
    """Whether to write a folder instead of a zip."""
    image_format: str = ""
    """What images are written as; empty: as they were uploaded."""


def checked(
    save_path: Any,
    archive_url: Any,
    local_archive_path: Any,
    split: Any,
    num_workers: Any,
    format_name: Any = CLARIFAI,
    image_format: Any = "",
) -> ExportOptions:
    """Return the arguments of `Dataset.export` as an order.

    Raises:
        UserError: One of them is wrong; nothing was sent, nothing was written.
    """
    local = _path("local_archive_path", local_archive_path)
    url = _text("archive_url", archive_url)
    if url and local:
        raise UserError(f"Give archive_url={url!r} or local_archive_path={str(local)!r}, not both.")
    if url and not (url.lower().startswith(("http://", "https://")) and host_of(url)):
        raise UserError(f"archive_url must be an http or https URL, got {url!r}.")
    name = _text("format", format_name) or CLARIFAI
    if plugins().find("exporters", name) is None:
        known = [spec.name for spec in plugins().specs("exporters")]
        shown, hint = ", ".join(listed(known)), nearest(name, known) or "."
        raise UserError(f"format must be one of {shown}, got {format_name!r}{hint}")
    path = _path("save_path", save_path)
    # Clarifai's layout has always been a zip, whatever its name.
    as_folder = path is not None and name != CLARIFAI and path.suffix.lower() != ".zip"
    target = _checked_target(path, local, as_folder=as_folder)
    if local is not None:
        _check_archive(local)
    split_name, workers = _text("split", split), _workers(num_workers)
    images = _text("image_format", image_format).lower()
    if images not in IMAGE_FORMATS:
        raise UserError(f"image_format must be 'png' or nothing, got {image_format!r}.")
    if images:
        check_png()
    return ExportOptions(target, url, local, split_name, workers, name, as_folder, images)


def _checked_target(target: Path | None, local: Path | None, *, as_folder: bool) -> Path:
    if target is None:
        raise UserError("save_path must name the zip file to write, got ''.")
    try:
        return _usable_target(target, local, as_folder=as_folder)
    except UserError:
        raise
    except OSError as error:
        why = error.strerror or error
        text = f"save_path {str(target)!r} cannot be written: {why}."
        raise FileError.of(text, error) from error


def _usable_target(target: Path, local: Path | None, *, as_folder: bool) -> Path:
    shown = repr(str(target))
    if target.name in ("", ".."):
        raise UserError(f"save_path {shown} is a folder: name a new file or folder in it.")
    if os.path.lexists(target) and is_link(os.lstat(target)):
        raise UserError(
            f"save_path {shown} is a link, which is neither followed nor replaced: name what "
            "it leads to, or another file or folder."
        )
    return _folder(target) if as_folder else _target(target, local)


def _folder(target: Path) -> Path:
    shown = repr(str(target))
    if not target.absolute().parent.is_dir():
        raise MissingFile(f"save_path {shown}: there is no folder {str(target.parent)!r}.")
    if target.is_dir() and not any(target.iterdir()):
        return target
    if target.exists():
        raise UserError(f"save_path {shown} exists: name a new folder, or a .zip file.")
    return target


def _target(target: Path, local: Path | None) -> Path:
    shown = repr(str(target))
    if target.is_dir():
        raise IsFolder(f"save_path {shown} is a folder: name a zip file in it.")
    if not target.parent.is_dir():
        raise MissingFile(f"save_path {shown}: there is no folder {str(target.parent)!r}.")
    if not target.exists():
        return target
    if local is not None and local.exists() and target.samefile(local):
        raise UserError(f"save_path {shown} is the archive to read: name another file.")
    # An earlier export is replaced; whatever else is there was not meant.
    if not target.is_file() or (target.stat().st_size and not zipfile.is_zipfile(target)):
        raise UserError(f"save_path {shown} exists and is no zip archive; it was left as it is.")
    return target


def _check_archive(path: Path) -> None:
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise FileError.of(f"local_archive_path {str(path)!r} does not exist.", error) from None
    except OSError as error:
        why = error.strerror or error
        text = f"local_archive_path {str(path)!r} cannot be read: {why}."
        raise FileError.of(text, error) from error
    if stat.S_ISDIR(mode):
        raise IsFolder(f"local_archive_path {str(path)!r} is a folder: name a zip file.")
    if not stat.S_ISREG(mode):
        raise UserError(f"local_archive_path {str(path)!r} is no file: name a zip file.")
    if not zipfile.is_zipfile(path):
        raise UserError(f"local_archive_path {str(path)!r} is not a zip archive.")


def _workers(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise UserError(f"num_workers must be a whole number from 1, got {value!r}.")
    return min(value, MAX_WORKERS)


def _text(name: str, value: Any) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise UserError(f"{name} must be text, got {value!r}.")
    return value.strip()


def _path(name: str, value: Any) -> Path | None:
    if value is None or value == "":
        return None
    if not isinstance(value, (str, os.PathLike)) or "\0" in os.fsdecode(value):
        raise UserError(f"{name} must be the path of a file, got {value!r}.")
    return Path(os.fsdecode(value))

"""Reads a folder of labelled folders: the name of each folder is the label of the files in it."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from clarifai_cli._demo.samples import Kind, LabelledData, Sample, check_counts
from clarifai_core.errors import UserError
from clarifai_inputs import texts
from clarifai_inputs.media import is_image, kind_of_name
from clarifai_inputs.signatures import SIGNATURE_BYTES

if TYPE_CHECKING:
    from pathlib import Path

KINDS: tuple[Kind, ...] = ("image", "text")
"""What the demo can learn from."""

_LAYOUT = "make one folder per label, with its images or .txt files in it"


def read_folder(folder: Path, title: str = "") -> LabelledData:
    """Return the samples of a folder of labelled folders.

    Args:
        folder: It holds one folder per label; hidden ones and lone files are left out.
        title: What to call the data; else the folder's name.

    Raises:
        UserError: There are no labels, or only one, or too few files of one; images and texts are
            mixed; a file is not what its ending says.
    """
    origin = str(folder)
    labelled = sorted(d for d in folder.iterdir() if d.is_dir() and not d.name.startswith("."))
    if not labelled:
        what = "is empty" if not any(folder.iterdir()) else "holds no folders"
        raise UserError(f"--data {origin!r} {what}: {_LAYOUT}.")
    counts = Counter({directory.name: 0 for directory in labelled})
    files: list[Path] = []
    ignored = 0
    for directory in labelled:
        found = [f for f in sorted(directory.iterdir()) if f.is_file() and f.name[0] != "."]
        usable = [file for file in found if kind_of_name(file.name, KINDS)]
        counts[directory.name] += len(usable)
        files += usable
        ignored += len(found) - len(usable)
    if not files:
        raise UserError(f"--data {origin!r} holds no images and no .txt files: {_LAYOUT}.")
    kind = kind_of(origin, files)
    check_counts(origin, counts)
    check_files(files, kind)
    samples = tuple(Sample(file.parent.name, file) for file in files)
    return LabelledData(title or folder.resolve().name, kind, samples, "folder", ignored)


def kind_of(origin: str, files: list[Path]) -> Kind:
    """Return what these files hold.

    Raises:
        UserError: Some hold images and some texts.
    """
    kinds = [
        kind for kind in KINDS if any(kind_of_name(file.name, KINDS) == kind for file in files)
    ]
    if len(kinds) > 1:
        raise UserError(f"--data {origin!r} mixes images and texts: give one kind at a time.")
    return kinds[0]


def check_files(files: list[Path], kind: Kind) -> None:
    """Refuse files that are not what their endings say.

    Raises:
        UserError: It names every such file.
    """
    faults = [f"{file}: {fault}" for file in files if (fault := _FAULTS[kind](file))]
    if len(faults) == 1:
        raise UserError(f"--data: {faults[0]}; remove or replace it.")
    if faults:
        raise UserError.listing(f"--data has {len(faults)} unusable files", faults)


def _image_fault(file: Path) -> str:
    with file.open("rb") as stream:
        head = stream.read(SIGNATURE_BYTES)
    return "" if is_image(head) else "is not an image"


def _text_fault(file: Path) -> str:
    try:
        text = texts.decode(file.read_bytes())
    except UnicodeDecodeError:
        return "is not UTF-8 text"
    return "" if text.strip() else "is an empty text"


_FAULTS = {"image": _image_fault, "text": _text_fault}

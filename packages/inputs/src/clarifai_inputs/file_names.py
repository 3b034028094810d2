"""Names of files that every system takes, that stay in their folder, and that never meet.

Ids come from a platform, names of files have to please Linux, macOS and Windows: `con` is a device
there, and `Cat` is the file `cat` on two of them. An id that the platform takes is always given a
name, the id itself nearly always; `original` gives the id back:

    cat   -> cat
    con   -> %63on            a device of Windows: the first letter stands as its number
    Cat   -> %43%61%74        where the folder has `cat` already: all of it does
"""

from __future__ import annotations

import re
import unicodedata
from hashlib import blake2b

HIDDEN = (
    "__macosx",
    "thumbs.db",
    "ehthumbs.db",
    "desktop.ini",
    "icon\r",
    "@eadir",
    "$recycle.bin",
    "system volume information",
)
"""What systems leave in folders, besides names with a dot before them: shadows that a Mac adds to a
zip, previews and settings of Windows, of the Finder and of Synology's disks; in small letters."""

MAX_NAME_BYTES = 240
"""File systems take 255 bytes; the ending needs some."""

_DEVICES = r"(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\u00b9\u00b2\u00b3])"
_RESERVED = re.compile(rf"{_DEVICES} *(?:\.|$)", re.IGNORECASE)
_RESERVED_PART = re.compile(rf"(?:^|/){_DEVICES} *(?:[./]|$)", re.IGNORECASE)

# What Windows refuses; controls; what turns the direction of writing; halves of characters.
_OTHER = (
    r"""[^/\\:*?"<>|\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"""
    r"""\ud800-\udfff\ufeff\ufffe\uffff"""
)
_PART = f"{_OTHER}]*{_OTHER}. ]"
# Neither "." nor ".." passes, as no part ends with a dot.
_FORM = re.compile(f"{_PART}(?:/{_PART})*")

_MAY_HIDE = re.compile(rf"(?:^|/)(?:\.|{'|'.join(map(re.escape, HIDDEN))})", re.IGNORECASE)
_FIRST_HIDDEN = frozenset("".join(f"{name[0]}{name[0].upper()}" for name in HIDDEN))

_PLAIN = re.compile(rf"(?!{_DEVICES}$)[0-9a-z_-]{{1,{MAX_NAME_BYTES}}}", re.I | re.A)
"""Most ids: nothing else need be asked of them."""

_INVISIBLE = re.compile("[\ufe00-\ufe0f]")
_NUMBERED = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
_FIRST_NUMBERED = re.compile(r"%[0-9a-f]{2}(?!%)", re.IGNORECASE)


def is_safe(name: str) -> bool:
    """Return whether a file or folder of this name stays where it is put, on every system.

    Example:
        >>> is_safe("cat-7"), is_safe("../cat"), is_safe("a/b"), is_safe(""), is_safe("nul.png")
        (True, False, False, False, False)
    """
    return is_well_formed(name) and _RESERVED.match(name) is None


def is_safe_path(path: str) -> bool:
    """Return whether all parts of a path, which slashes are between, are safe.

    Example:
        >>> is_safe_path("train/inputs/cat-7.png"), is_safe_path("/train"), is_safe_path("a/../b")
        (True, False, False)
    """
    return _has_form(path) and _RESERVED_PART.search(path) is None


def is_well_formed(name: str) -> bool:
    """Return whether `FileNames` has a name for it: it is safe, or only the name of a device.

    Example:
        >>> is_well_formed("con"), is_well_formed("a/b"), is_well_formed("a.")
        (True, False, False)
    """
    return "/" not in name and _has_form(name)


def original(file_name: str) -> str:
    """Return what `FileNames` made this name of; a name that it did not change is its own.

    Example:
        >>> original("%63on"), original("%43%61%74"), original("100%25")
        ('con', 'Cat', '100%25')
    """
    if not file_name.startswith("%"):
        return file_name
    if _NUMBERED.fullmatch(file_name):
        try:
            return bytes.fromhex(file_name.replace("%", "")).decode()
        except UnicodeDecodeError:
            return file_name
    if _FIRST_NUMBERED.match(file_name):
        found = chr(int(file_name[1:3], 16)) + file_name[3:]
        if _RESERVED.match(found):
            return found
    return file_name


def hidden_in(path: str) -> str:
    """Return the first part of a path that people are not shown, with all before it; `""`: none.

    Such files are no data: a Mac's `._1.png` is no picture.

    Example:
        >>> hidden_in("cat/.tmp.png"), hidden_in("__MACOSX/cat/._1.png"), hidden_in("cat/../1.png")
        ('cat/.tmp.png', '__MACOSX/', '')
    """
    if _MAY_HIDE.search(path) is None:
        return ""
    parts = path.split("/")
    for number, part in enumerate(parts, 1):
        if is_hidden(part):
            return "/".join(parts[:number]) + ("/" if number < len(parts) else "")
    return ""


def is_hidden(name: str) -> bool:
    """Return whether a file or folder of this name is one that people are not shown.

    Example:
        >>> is_hidden(".ipynb_checkpoints"), is_hidden("Thumbs.db"), is_hidden("a.png")
        (True, True, False)
    """
    if name.startswith("."):
        return name not in (".", "..")
    return name[:1] in _FIRST_HIDDEN and name.lower() in HIDDEN


def alike(path: str) -> str:
    """Return what two paths have in common that name one file on some system.

    Windows and Macs tell no capitals from small letters, and a Mac takes letters with their marks
    apart: `Labels/b\u00e4r.TXT` is found as `labels/ba\u0308r.txt`.

    Example:
        >>> alike("Labels/A.TXT"), alike("ba\u0308r") == alike("B\u00c4R")
        ('labels/a.txt', True)
    """
    if path.isascii():
        return path.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", path).casefold())


class FileNames:
    """Gives names to what lies in folders: each one safe, and no two the same file anywhere.

    Names are given in the order of the questions: the same questions get the same names. What it
    remembers is a number for each.

    Example:
        >>> names = FileNames()
        >>> [names.of(one) for one in ("cat", "Cat", "nul", "Dog")]
        ['cat', '%43%61%74', '%6Eul', 'Dog']
        >>> names.of("Cat", folder="test")
        'Cat'
    """

    def __init__(self) -> None:
        self._taken: dict[str, set[int]] = {}

    def of(self, name: str, folder: str = "") -> str:
        """Return the name, without ending, for something in a folder; ask once for each.

        Raises:
            ValueError: There is none: the name is not well formed, or it is too long for the
                numbers of its letters, which it needs beside another.
        """
        found = name
        if _PLAIN.fullmatch(name) is None:
            if not is_well_formed(name):
                raise ValueError(f"{name!r} cannot be the name of a file")
            found = portable(name)
        taken = self._taken.setdefault(folder, set())
        number = _number(found)
        if number in taken:
            found = _numbered(name)
            number = _number(found)
        if number in taken or len(found.encode()) > MAX_NAME_BYTES:
            raise ValueError(f"{name!r} is, as a file, another one's name on some systems")
        taken.add(number)
        return found


def portable(name: str) -> str:
    """Return the name that something has when no other is near.

    Example:
        >>> portable("aux.2"), portable("cat"), portable("%61")
        ('%61ux.2', 'cat', '%25%36%31')
    """
    if _RESERVED.match(name):
        return f"%{ord(name[0]):02X}{name[1:]}"
    return name if original(name) == name else _numbered(name)


def _numbered(name: str) -> str:
    return "".join(f"%{byte:02X}" for byte in name.encode())


def _number(name: str) -> int:
    """Return the same number for names that are one file on some system."""
    return int.from_bytes(blake2b(_folded(name).encode(), digest_size=8).digest(), "big")


def _folded(name: str) -> str:
    """Return a name as the least particular system compares it, or less particular yet."""
    if name.isascii():
        return name.lower()
    composed = unicodedata.normalize("NFKC", name).upper().casefold()
    seen = "".join(c for c in composed if unicodedata.category(c) != "Cf")
    return unicodedata.normalize("NFKC", _INVISIBLE.sub("", seen))


def _has_form(path: str) -> bool:
    if _FORM.fullmatch(path) is None:
        return False
    return len(path) <= MAX_NAME_BYTES // 4 or all(
        len(part.encode()) <= MAX_NAME_BYTES for part in path.split("/")
    )

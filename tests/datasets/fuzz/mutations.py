"""Ways to make a data set wrong: its bytes, its numbers and names, its structure, its files."""

from __future__ import annotations

import gzip
import json
import os
import re
import zipfile

NAMES = (
    "../outside/secret.png",
    "../../outside/secret.png",
    "images/../../outside/secret.png",
    "{outside}/secret.png",
    "file://{outside}/secret.png",
    "..\\outside\\secret.png",
    "C:\\secret.png",
    "\\\\host\\secret.png",
    "link/secret.png",
    "/etc/passwd",
    "/dev/zero",
    "~/secret.png",
    "a\0.png",
    "\ud800.png",
    "a" * 300,
    "\x1b[2J.png",
    "",
    ".",
    "a/" * 100 + "a.png",
    "CON",
    "https://127.0.0.1:9/a.png",
)
NUMBERS = ("NaN", "Infinity", "1e999", "-1", "1" + "0" * 400, "9" * 5000, "1.5", "0x9", "", "true")
ODD: tuple[object, ...] = (
    None,
    True,
    -1,
    1e308,
    10**30,
    "",
    "x" * 300,
    [],
    {},
    [[[[]]]],
    {"a": {"b": 1}},
    float("nan"),
)
BYTES = (
    b"\0",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"\n",
    b'"',
    b"{" * 3000,
    b"[" * 200,
    b"&a *a",
    b"<!DOCTYPE",
)
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


def flip(draw, raw):
    changed = bytearray(raw)
    for _ in range(draw.randint(1, 8)):
        if changed:
            changed[draw.randrange(len(changed))] = draw.randrange(256)
    return bytes(changed)


def cut(draw, raw):
    start, end = sorted(draw.randrange(len(raw) + 1) for _ in range(2))
    return draw.choice((raw[:start], raw[end:], raw[:start] + raw[end:]))


def repeat(draw, raw):
    start, end = sorted(draw.randrange(len(raw) + 1) for _ in range(2))
    return raw[:end] + raw[start:end] * draw.choice((1, 3, 50)) + raw[end:]


def insert(draw, raw):
    at = draw.randrange(len(raw) + 1)
    return raw[:at] + draw.choice(BYTES) + raw[at:]


def number(draw, raw):
    found = list(re.finditer(rb"-?\d+(\.\d+)?", raw))
    if not found:
        return flip(draw, raw)
    one = draw.choice(found)
    return raw[: one.start()] + draw.choice(NUMBERS).encode() + raw[one.end() :]


def encoding(draw, raw):
    text = raw.decode("latin-1")
    return draw.choice(
        (
            text.encode("utf-16"),
            text.encode("utf-32"),
            raw.replace(b"utf-8", draw.choice((b"nope", b"cp037", b"utf-16", b"utf-7", b"ascii"))),
            gzip.compress(raw),
        )
    )


def structure(draw, raw, name):
    """Change values of JSON, or of each line of it."""
    try:
        if name.endswith((".json", ".geojson")):
            return json.dumps(_changed(draw, json.loads(raw), 0)).encode()
        lines = [json.loads(line) for line in raw.splitlines()]
    except (ValueError, RecursionError):
        return flip(draw, raw)
    return "\n".join(json.dumps(_changed(draw, line, 0)) for line in lines).encode()


def _changed(draw, value, depth):
    roll = draw.random()
    if roll < 0.04 or depth > 40:
        return draw.choice((*ODD, *NAMES))
    if roll < 0.05:
        for _ in range(draw.choice((30, 200))):
            value = draw.choice(([value], {"a": value}))
        return value
    if isinstance(value, dict):
        kept = {k: _changed(draw, v, depth + 1) for k, v in value.items() if draw.random() > 0.02}
        if draw.random() < 0.03 and kept:
            kept[draw.choice((*NAMES, "id", "text", "url"))] = kept.pop(next(iter(kept)))
        return kept
    if isinstance(value, list):
        return [_changed(draw, one, depth + 1) for one in value] * draw.choice((1,) * 20 + (2,))
    if isinstance(value, str) and "." in value and draw.random() < 0.3:
        return draw.choice(NAMES)
    return value


def text_name(draw, raw):
    """Put a hostile name where a name of a file stands."""
    found = list(re.finditer(rb"[\w/]+\.(png|jpe?g|tif|txt)", raw, re.IGNORECASE))
    if not found:
        return insert(draw, raw)
    one = draw.choice(found)
    name = draw.choice(NAMES).encode("utf-8", "surrogatepass")
    return raw[: one.start()] + name + raw[one.end() :]


CONTENT = (flip, cut, repeat, insert, number, encoding, text_name)


def content(draw, files, outside):
    """Change what some of the files hold."""
    changed = dict(files)
    for _ in range(draw.choice((1, 1, 2, 4))):
        name = draw.choice(sorted(changed))
        how = draw.choice((*CONTENT, structure, structure, structure))
        made = how(draw, changed[name], name) if how is structure else how(draw, changed[name])
        changed[name] = made.replace(b"{outside}", outside.encode())
    return changed


def in_folder(draw, folder, outside, source):
    """Change the files themselves: links, pipes, folders where files should be.

    The source itself is the user's choice, and stays.
    """
    found = sorted(p for p in folder.rglob("*") if p.is_file() and p.name != source)
    if not found:
        return
    path = draw.choice(found)
    path.unlink()
    what = draw.randrange(8)
    if what == 0:
        path.symlink_to(outside / "secret.png")
    elif what == 1:
        path.symlink_to(path.name)
    elif what == 2:
        path.mkdir()
    elif what == 3:
        os.mkfifo(path)
    elif what == 4:
        path.symlink_to(draw.choice((".", "..", str(outside), "/")))
    elif what == 5:
        path.symlink_to("/dev/zero")
    elif what == 6:
        path.write_bytes(b"")
        path.chmod(0)


def zipped(draw, files, path, outside):
    """Write a zip instead of a folder, and make it wrong."""
    method = draw.choice(METHODS)
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, raw in files.items():
            shown = draw.choice(NAMES) if draw.random() < 0.1 else name
            shown = shown.replace("{outside}", outside).encode("utf-8", "replace").decode()
            archive.writestr(shown.replace("\0", "") or "x", raw)
    for _ in range(draw.choice((0, 1, 1, 2))):
        path.write_bytes(draw.choice((flip, flip, flip, cut, insert))(draw, path.read_bytes()))

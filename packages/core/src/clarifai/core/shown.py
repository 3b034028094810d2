"""Texts from outside, made fit for errors, logs and terminals.

A name may hold control characters that move the cursor or colour the screen; a URL may hold a
password before its `@` and a signature behind its `?`; the words of a library's error may hold such
a URL. What is sent is never changed by this, only what is shown.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

MAX_CHARACTERS = 200
"""Of a text from outside within a sentence of ours."""

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")


def shown_url(url: object) -> str:
    """Return a URL without what may be secret: user, password, query and fragment.

    Example:
        >>> shown_url("https://me:secret@data.example.com:8443/orig/a?signature=secret#x")
        'https://data.example.com:8443/orig/a'
    """
    try:
        parts = urlsplit(str(url))
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "a URL that is none"
    host = f"[{host}]" if ":" in host else host
    place = f"{host}:{port}" if port else host
    text = f"{parts.scheme}://{place}{parts.path}" if place else f"{parts.scheme}:{parts.path}"
    return plain(text if parts.scheme else f"{place}{parts.path}")


def plain(text: object, most: int = MAX_CHARACTERS) -> str:
    r"""Return a text with its control characters escaped and its middle left out if it is long.

    Example:
        >>> plain("cat" + chr(27) + "[2J")
        'cat\\x1b[2J'
    """
    found = str(text)
    if len(found) > most:
        found = f"{found[: most // 2]}...{found[-(most // 2) :]}"
    return "".join(c if c.isprintable() else _escaped(c) for c in found)


def redacted(text: object, most: int = MAX_CHARACTERS) -> str:
    """Return the words of somebody else's error: URLs as `shown_url` has them, and `plain`.

    Example:
        >>> redacted("cannot connect to proxy http://me:secret@proxy:3128/?a=b")
        'cannot connect to proxy http://proxy:3128/'
    """
    return plain(_URL.sub(lambda found: shown_url(found[0]), str(text)), most)


def failure(error: BaseException) -> str:
    """Return what somebody else's code failed with, in one line.

    Example:
        >>> failure(ImportError("no module named 'x'")), failure(SystemExit(3))
        ("ImportError: no module named 'x'", 'it ends the program (SystemExit: 3)')
    """
    try:
        said = str(error).strip()
    except Exception:  # noqa: BLE001  why: errors of others may fail at this, too
        said = ""
    name = type(error).__name__
    text = redacted(f"{name}: {said.splitlines()[0]}" if said else name)
    return f"it ends the program ({text})" if isinstance(error, SystemExit) else text


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

"""Texts from outside, made fit for errors, logs and terminals.

A name may hold control characters that move the cursor or colour the screen; a URL may hold a
password before its `@` and a signature behind its `?`; the words of a library's error may hold such
a URL. What is sent is never changed by this, only what is shown.
"""

from __future__ import annotations

import re

MAX_CHARACTERS = 200
"""Of a text from outside within a sentence of ours."""

HIDDEN = "***"
"""Stands for a secret."""

LONG_RUN = 16
"""Letters and digits in one go that nobody means for a name, as soon as they are mixed at all."""

MAX_REASON_CHARACTERS = 500
"""Of somebody else's error, where it is sent or kept as the reason of a failure."""

# Texts, which `re` compiles once when they are used: every program imports this, few need them.
_UNSENDABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]"
_RUN = r"[A-Za-z0-9]+"
_CHANGE = r"(?<=[0-9])(?=[A-Za-z])|(?<=[A-Za-z])(?=[0-9])"
_URL = r"[A-Za-z][A-Za-z0-9+.-]*://(?:[^\s/@]*@)?[^\s'\"<>@]+(?:@[^\s'\"<>@]+)*"


def shown_url(url: object) -> str:
    """Return a URL without what may be secret: user, password, query and fragment.

    Example:
        >>> shown_url("https://me:secret@data.example.com:8443/orig/a?signature=secret#x")
        'https://data.example.com:8443/orig/a'
    """
    try:
        from urllib.parse import urlsplit  # here: it takes long to import, and few texts have URLs

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


def fit(text: str) -> str:
    r"""Return a text of any length and several lines, fit for logs and terminals.

    Example:
        >>> fit("a" + chr(27) + "[2J\n  https://me:secret@host/a?signed")
        'a\\x1b[2J\n  https://host/a'
    """
    found = _shown_urls(text)
    return found if found.isprintable() else _escaped_lines(found)


def _escaped_lines(text: str) -> str:
    return "".join(c if c.isprintable() or c in "\n\t" else _escaped(c) for c in text)


def redacted(text: object, most: int = MAX_CHARACTERS) -> str:
    """Return the words of somebody else's error: URLs as `shown_url` has them, and `plain`.

    Example:
        >>> redacted("cannot connect to proxy http://me:secret@proxy:3128/?a=b")
        'cannot connect to proxy http://proxy:3128/'
    """
    return plain(_shown_urls(str(text)), most)


def shown(value: object, most: int = MAX_CHARACTERS) -> str:
    """Return a value as code has it, fit for a sentence; never raises.

    Example:
        >>> shown(["work"])
        "['work']"
    """
    try:
        return plain(repr(value), most)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  why: whole numbers of many digits, and objects of others
        return f"a {type(value).__name__}"


def named(value: object) -> str:
    """Return a name or value as code has it, fit for a sentence; of what may be a key, only `***`.

    Example:
        >>> named("work"), named("0123abcd4567ef890123abcd4567ef89")
        ("'work'", '***')
    """
    try:
        text = str(value)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  why: as in `shown`
        return f"a {type(value).__name__}"
    return HIDDEN if may_be_key(text) else shown(value)


def may_be_key(text: str, least: int = 12) -> bool:
    """Return whether a text holds what keys look like: letters and digits, mixed, without an end.

    Args:
        text: What somebody gave in the place of a name.
        least: How many characters such a run has.

    Example:
        >>> may_be_key("https://0123abcd4567ef89.example.com"), may_be_key("production-2024-eu")
        (True, False)
    """
    for run in re.findall(_RUN, text):
        changes = len(re.findall(_CHANGE, run))
        if len(run) >= least and (changes > 1 or (changes and len(run) >= LONG_RUN)):
            return True
    return False


def masked(text: str) -> str:
    """Return somebody's words, with `***` for what may be a key.

    Example:
        >>> masked("Got unexpected extra argument (0123abcd4567ef89)")
        'Got unexpected extra argument (***)'
    """
    return re.sub(_RUN, lambda run: HIDDEN if may_be_key(run[0]) else run[0], text)


def failure(error: BaseException) -> str:
    """Return what somebody else's code failed with, in one line.

    Example:
        >>> failure(ImportError("no module named 'x'")), failure(SystemExit(3))
        ("ImportError: no module named 'x'", 'it ends the program (SystemExit: 3)')
    """
    said = _said(error).strip()
    name = type(error).__name__
    text = redacted(f"{name}: {said.splitlines()[0]}" if said else name)
    return f"it ends the program ({text})" if isinstance(error, SystemExit) else text


def sendable(text: str, most: int = MAX_REASON_CHARACTERS) -> str:
    r"""Return the beginning of a text as an answer can carry it.

    Half a character (a name of a file that is not in UTF-8 has some) and control characters, NUL
    among them, are escaped; lines and tabs stay.

    Example:
        >>> sendable("caf" + chr(0xDCE9) + ".jpg" + chr(0)), len(sendable("a" * 10**6))
        ('caf\\udce9.jpg\\x00', 500)
    """
    found = text[:most]
    return re.sub(_UNSENDABLE, lambda one: _escaped(one[0]), found)[:most]


def reason(error: BaseException, most: int = MAX_REASON_CHARACTERS) -> str:
    """Return what somebody else's code failed with, fit to be sent or kept; never raises.

    Example:
        >>> reason(ValueError("cannot read 'bad'")), reason(SystemExit(3)), reason(KeyError())
        ("ValueError: cannot read 'bad'", 'SystemExit: 3', 'KeyError')
    """
    name, said = type(error).__name__, _said(error)
    return sendable(f"{name}: {said}" if said else name, most)


def _said(error: BaseException) -> str:
    try:
        return str(error)
    except KeyboardInterrupt:
        raise
    except BaseException as other:  # noqa: BLE001  why: errors of others may fail at this, too
        return f"(its text cannot be had: {type(other).__name__})"


def _shown_urls(text: str) -> str:
    return re.sub(_URL, _shown_match, text) if "://" in text else text


def _shown_match(found: re.Match[str]) -> str:
    # What has no part that may be secret stays as it is, also 'https://host[:port]' and the like.
    return shown_url(found[0]) if any(c in found[0] for c in "@?#") else found[0]


def _escaped(character: str) -> str:
    return character.encode("unicode_escape").decode("ascii")

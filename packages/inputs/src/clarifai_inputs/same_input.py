"""Whether an input that the app has is the one that is to be sent: an id alone does not tell.

Compared is what costs least, and is sure:

    kind        an image is no text
    text        the words, which the platform gives back
    address     of what the platform fetches itself; signatures in it are left out
    checksum    where the name of the platform's copy is the SHA-256 or MD5 of ours, it is the same
    bytes       else the platform's copy is fetched

Where the copy cannot be fetched, or one of the two is given by its address and the other is not,
nobody can tell, and `Unsure` says so.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

import attrs

from clarifai_core.errors import ClarifaiError
from clarifai_core.safe_text import shown_url
from clarifai_inputs.identity import checksum
from clarifai_inputs.originals import KINDS, Original, originals_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_grpc.grpc.api import resources_pb2

_SIGNING = ("x-amz-", "x-goog-", "signature", "expires", "awsaccesskeyid", "key-pair-id", "policy")
"""How parameters of an address begin that differ each time it is made."""

_AZURE = frozenset(
    {"se", "sig", "sp", "spr", "sr", "st", "sv", "ske", "skoid", "sks", "skt", "sktid"}
)
"""Those of Azure, where one is `sig`."""


class Unsure(ClarifaiError):
    """It cannot be told whether two inputs are the same."""


@attrs.frozen
class Content:
    """What tells the content of an input from others."""

    kind: str
    """`"image"`, `"text"`, `"video"` or `"audio"`."""
    sha256: str = ""
    md5: str = ""
    url: str = ""
    """Where the platform gets it; then there are no checksums."""

    @property
    def mark(self) -> str:
        """Return eight characters that differ with the content."""
        return self.sha256[:8] if self.sha256 else checksum(self.url)


def content_of(message: resources_pb2.Input) -> Content:
    """Return what tells the content of an input that is to be sent; it has one medium.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> text = resources_pb2.Text(raw="words")
        >>> content_of(resources_pb2.Input(data=resources_pb2.Data(text=text))).mark
        'dba36bff'
    """
    original = next(iter(originals_of(message)), Original("text"))
    if not original.content:
        return Content(original.kind, url=original.url)
    return Content(original.kind, _sha256(original.content), _md5(original.content))


def difference(mine: Content, there: resources_pb2.Input, read: Callable[[Original], bytes]) -> str:
    """Return what tells the input of the app from one's own; `""`: they are the same.

    Args:
        mine: What is to be sent.
        there: What the app has under its id.
        read: Fetches what the app has; called where nothing cheaper tells.

    Raises:
        Unsure: It cannot be told.
    """
    kinds = [kind for kind in KINDS if there.data.HasField(kind)]  # type: ignore[arg-type]
    if kinds != [mine.kind]:
        other = " and ".join(kinds) or "input without content"
        return f"{_a(other)} is there, this is {_a(mine.kind)}"
    part = getattr(there.data, mine.kind)
    original = next(iter(originals_of(there)), Original(mine.kind))
    if mine.url:
        return _of_address(mine, part.url, original)
    if original.content:
        return "" if _sha256(original.content) == mine.sha256 else _other(mine)
    if part.hosted.suffix.rpartition("/")[2].partition(".")[0] in (mine.sha256, mine.md5):
        return ""
    if not original.hosted:
        raise Unsure(f"the platform does not say where it keeps the {mine.kind} that is there")
    try:
        content = read(original)
    except ClarifaiError as error:
        raise Unsure(f"the {mine.kind} that is there cannot be fetched: {error}") from error
    return "" if _sha256(content) == mine.sha256 else _other(mine)


def _of_address(mine: Content, url: str, original: Original) -> str:
    if _unsigned(url) == _unsigned(mine.url):
        return ""
    if not url or url == original.hosted or original.content:
        raise Unsure(f"the {mine.kind} that is there does not say which address it came from")
    return f"the {mine.kind} that is there came from {shown_url(url)}"


def _unsigned(url: str) -> tuple[str, ...]:
    """Return an address without what only says for how long it may be used, and by whom."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return (url,)
    given = parse_qsl(parts.query, keep_blank_values=True)
    azure = any(name == "sig" for name, _ in given)
    kept = [
        f"{name}={value}"
        for name, value in given
        if not name.lower().startswith(_SIGNING) and not (azure and name in _AZURE)
    ]
    return (parts.scheme, parts.netloc, parts.path, *kept)


def _other(mine: Content) -> str:
    return f"another {mine.kind} is there"


def _a(noun: str) -> str:
    return f"an {noun}" if noun[0] in "aeiou" else f"a {noun}"


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()

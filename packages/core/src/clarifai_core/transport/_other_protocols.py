"""Ports where something else than gRPC answers, or gRPC with TLS where none was spoken.

gRPC tells of them in the words of its parsers. This is the one list of those words, and of what
they mean to whoever wrote the base_url.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME_THE_PORT = "base_url must name the port of gRPC, as 'https://api.clarifai.com' does"


@attrs.frozen
class OtherProtocol:
    """What answers at a port in the place of what was expected."""

    signs: re.Pattern[str]
    """What gRPC's words for it hold."""
    meaning: str
    """The sentence for people; `{where}` is the address, `{clear}` and `{secure}` are base_urls."""
    lasts: bool = True
    """Whether asking again changes nothing."""

    def told(self, where: str) -> str:
        """Return the sentence.

        Args:
            where: `"host"` or `"host:port"`.

        Example:
            >>> found = other_protocol("error: WRONG_VERSION_NUMBER")
            >>> print(found.told("host:8080"))
            host:8080 does not speak TLS at that port: write http:// in base_url, as \
in 'http://host:8080', if it is meant to be in the clear.
        """
        has_port = re.search(r"(^[^:]+|\]):\d+$", where) is not None
        clear = f"http://{where}" if has_port else f"http://{where}:443"
        return self.meaning.format(where=where, clear=clear, secure=f"https://{where}")


_KNOWN: Sequence[OtherProtocol] = (
    OtherProtocol(
        re.compile("wrong_version_number"),
        "{where} does not speak TLS at that port: write http:// in base_url, as in '{clear}', if "
        "it is meant to be in the clear.",
    ),
    OtherProtocol(
        # With other statuses it may be a proxy that cannot reach the platform for now.
        re.compile(r"http1\.x server \(http status 4"),
        f"{{where}} speaks HTTP/1 at that port, not gRPC: {_NAME_THE_PORT}.",
    ),
    OtherProtocol(
        re.compile("missing selected alpn"),
        f"{{where}} speaks TLS at that port, but not HTTP/2, and so no gRPC: {_NAME_THE_PORT}.",
    ),
    OtherProtocol(
        re.compile("failed parsing http/2"),
        f"cannot reach {{where}}: it speaks something else than gRPC there; {_NAME_THE_PORT}.",
        lasts=False,
    ),
    OtherProtocol(
        re.compile(
            "^(?!.*handshake).*failed to connect to all addresses.*"
            "(socket closed|connection reset by peer)",
            re.DOTALL,
        ),
        "cannot reach {where}: it hangs up before gRPC begins; write base_url='{secure}' if it "
        "expects TLS, else look whether it is up.",
        lasts=False,
    ),
)


def other_protocol(details: str) -> OtherProtocol | None:
    """Return what answers at a port in the place of gRPC, None when nothing says so.

    Args:
        details: What gRPC told of an attempt that failed.

    Example:
        >>> other_protocol("connection refused") is None
        True
    """
    lowered = details.lower()
    return next((one for one in _KNOWN if one.signs.search(lowered)), None)

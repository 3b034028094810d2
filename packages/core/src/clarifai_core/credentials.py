"""A PAT or session token: kept out of sight, bound to its origin, turned into call metadata."""

from __future__ import annotations

from typing import Literal

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import HIDDEN as HIDDEN


class Secret:
    """A text that never prints itself.

    Example:
        >>> print(Secret("abc"), repr(Secret("abc")), Secret("abc").reveal() == "abc")
        *** Secret(***) True
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """Return the text itself; call this only where it is sent or stored."""
        return self._text

    def __str__(self) -> str:
        return HIDDEN

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._text == other._text

    def __hash__(self) -> int:
        return hash(("Secret", self._text))


def _clean(value: str | Secret) -> Secret:
    if not isinstance(value, (str, Secret)):
        raise UserError(f"A PAT or session token is a text, got a {type(value).__name__}.")
    value = value if isinstance(value, Secret) else Secret(value)  # no frame of an error shows it
    if not _is_key(value):
        raise UserError(
            "The PAT or session token is empty or has characters that no key has; "
            "copy it again from the account's security settings."
        )
    return Secret(value.reveal().strip())


def _is_key(value: Secret) -> bool:
    text = value.reveal().strip()
    return bool(text) and text.isascii() and text.isprintable() and " " not in text


@attrs.frozen
class Credentials:
    """What proves to one platform who is calling.

    Example:
        >>> Credentials("pat", "abc").metadata()
        (('authorization', 'Key abc'),)
    """

    kind: Literal["pat", "token"] = attrs.field()
    """`"pat"`: a personal access token; `"token"`: a session token."""
    secret: Secret = attrs.field(converter=_clean)
    bound_origin: str = ""
    """The only place that they may be sent to, as `Endpoint.origin` has it, such as
    `"https://api.clarifai.com:443"`; empty: the platform that they were given together with."""

    @kind.validator
    def _check_kind(self, _: object, value: object) -> None:
        if value not in ("pat", "token"):  # else it would be sent as a PAT; it may be one itself
            raise UserError('The kind of credentials must be "pat" or "token".')

    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the gRPC metadata of every call; the same pairs are HTTP headers."""
        if self.kind == "token":
            return (("x-clarifai-session-token", self.secret.reveal()),)
        return (("authorization", f"Key {self.secret.reveal()}"),)

    def check_origin(self, origin: str) -> None:
        """Refuse to be sent to a place that these credentials were not stored for.

        Args:
            origin: `Endpoint.origin` of the platform: scheme, host and port, all of which count.

        Raises:
            UserError: They are bound to another place.
        """
        if self.bound_origin and origin != self.bound_origin:
            raise UserError(
                f"The stored credentials belong to {self.bound_origin}, not to {origin}; "
                f"nothing was sent. Give pat= (or CLARIFAI_PAT) for {origin}."
            )

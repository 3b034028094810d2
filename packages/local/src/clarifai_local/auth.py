"""Who is calling: keys of a server, and the trusted caller of the same process.

A server's own keys are kept as salted hashes in its directory; the first one is made at the first
start and written, readable by its owner only, to the file `pat` there. This is one person's
development platform: such a key may use any user id, which springs into being when first written
to; "me" and an empty user id mean the key's owner. Only the public users are read-only
(`scope.py`).

Keys that requests make (PostKeys) are rows of the kind `key`, named by the key itself: of an app or
of a user, with the scopes that they were made with, until they expire (`_permissions.py`).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._caller import OWNER as OWNER
from clarifai_local._caller import Caller as Caller
from clarifai_local._clock import MICROSECONDS, SystemClock
from clarifai_local._store.directory import PAT_FILE, read_small, usable, write_private
from clarifai_local._store.directory_errors import DamagedDirectory
from clarifai_local.statuses import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from clarifai_local._clock import Clock
    from clarifai_local._store import Store

_MAX_PAT_BYTES = 256
"""A key has 32 characters."""

Authenticator = Callable[["Mapping[str, str]", bool], "Caller"]
"""`(metadata, trusted) -> Caller`; refuses when the metadata prove nothing."""


KEY_KIND = "key"
"""The kind of the rows of keys that requests made."""


class ApiKeys:
    """The keys that this platform accepts.

    Args:
        store: Where their hashes are kept.
        pats: Keys to accept besides the stored ones; not stored.
        clock: Tells when a key expires.
    """

    def __init__(self, store: Store, pats: Iterable[str] = (), clock: Clock | None = None) -> None:
        self._store = store
        self._clock = clock or SystemClock()
        self._salt = store.meta("key_salt") or store.set_meta("key_salt", secrets.token_hex(16))
        self._given = frozenset(map(self._hash, pats))
        self._stored = frozenset(store.meta("keys").split())

    def first(self, directory: Path | None) -> str:
        """Return the key that the platform hands to its user, made on the first call.

        Args:
            directory: Where its file is or shall be; None keeps it in memory only.

        Raises:
            DamagedDirectory: What is in the file is none of its keys.
            UnusableDirectory: The file cannot be read or written.
        """
        if directory is not None and (kept := self._kept(directory)):
            return kept
        pat = secrets.token_hex(16)
        self._stored |= {self._hash(pat)}
        self._store.set_meta("keys", " ".join(sorted(self._stored)))
        if directory is not None:
            with usable(directory):
                write_private(directory / PAT_FILE, pat + "\n")
        return pat

    def _kept(self, directory: Path) -> str:
        """Return the key in the directory's file, "" when there is none."""
        with usable(directory):
            found = read_small(directory / PAT_FILE, _MAX_PAT_BYTES)
        if found is None:
            return ""
        pat = found.decode("ascii", "replace").strip()
        if len(found) > _MAX_PAT_BYTES or not self._is_own(pat):
            remedy = "move that file away, and `clarifai local up` makes a new key"
            raise DamagedDirectory(directory, f"{PAT_FILE} is no key of this platform", remedy)
        return pat

    def accepts(self, key: str) -> bool:
        """Return whether `key` is one of this platform's."""
        return self.caller(key) is not None

    def caller(self, key: str) -> Caller | None:
        """Return who calls with a key, None when it is none of this platform's, or has expired."""
        if not key:
            return None
        return Caller(OWNER) if self._is_own(key) else self._made(key)

    def authenticate(self, metadata: Mapping[str, str], trusted: bool) -> Caller:
        """Return the caller, or refuse.

        Args:
            metadata: `authorization: Key <PAT>` or `x-clarifai-session-token: <token>`.
            trusted: The call comes from this process: whatever it carries is accepted.

        Raises:
            Refused: 11008 when the key is wrong or missing.
        """
        caller = self.caller(key_of(metadata))
        if caller is not None:
            return caller
        if trusted:
            return Caller(OWNER)
        raise Refused(
            codes.CONN_KEY_INVALID,
            "send the key of this platform as 'authorization: Key <PAT>'; "
            "`clarifai local status` names the file that holds it",
        )

    def _is_own(self, key: str) -> bool:
        hashed = self._hash(key)
        known = [
            hmac.compare_digest(hashed.encode(), other.encode("utf-8", "surrogatepass"))
            for other in self._given | self._stored
        ]
        return any(known)

    def _made(self, key: str) -> Caller | None:
        if not _KEY.fullmatch(key):
            return None
        with self._store.read() as db:
            found = self._store.resources.list(db, KEY_KIND, where="id = ?", params=(key,))
        if not found:
            return None
        made = found[0].message(resources_pb2.Key)
        if made.HasField("expires_at"):
            expires_us = made.expires_at.seconds * MICROSECONDS + made.expires_at.nanos // 1000
            if expires_us <= self._clock.now_us():
                return None
        app = (made.apps[0].user_id, made.apps[0].id) if made.apps else None
        return Caller(
            found[0].user_id,
            app,
            int(found[0].detail) if app else None,
            frozenset(made.scopes),
            frozenset(made.endpoints),
        )

    def _hash(self, key: str) -> str:
        # Whatever a caller sends is text, also half a character.
        return hashlib.sha256(f"{self._salt}{key}".encode("utf-8", "surrogatepass")).hexdigest()


def key_of(metadata: Mapping[str, str]) -> str:
    """Return the key or session token in the metadata or HTTP headers, "" when there is none."""
    scheme, _, key = metadata.get("authorization", "").strip().partition(" ")
    if scheme.lower() in {"key", "bearer"} and key.strip():
        return key.strip()
    return metadata.get("x-clarifai-session-token", "").strip()


def key_in_cookies(headers: Mapping[str, str]) -> str:
    """Return the key or session token in the cookies of HTTP headers, "" when there is none.

    Media of the hosted service are fetched so by browsers.

    Example:
        >>> key_in_cookies({"cookie": "a=b; x-clarifai-api-key=k"})
        'k'
    """
    found = {
        name.strip(): value.strip()
        for name, _, value in (
            cookie.partition("=") for cookie in headers.get("cookie", "").split(";")
        )
    }
    return found.get("x-clarifai-api-key", "") or found.get("x_clarifai_session_token", "")


_KEY = re.compile("[0-9a-f]{32}")

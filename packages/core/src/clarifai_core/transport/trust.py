"""Whom connections trust: the same root certificates for gRPC and for downloads.

The first of these counts: `root_certificates_path` of the settings; what SSL_CERT_FILE and
SSL_CERT_DIR name, together; the defaults of grpc and of httpx (certifi's).
"""

from __future__ import annotations

import functools
import os
import re
import ssl
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from clarifai_core.errors import FileError, UserError
from clarifai_core.heavy import httpx
from clarifai_core.settings import environment_roots

if TYPE_CHECKING:
    from collections.abc import Sequence

_CERTIFICATE = re.compile(
    rb"-----BEGIN (?:X509 )?CERTIFICATE-----[^-]+-----END (?:X509 )?CERTIFICATE-----"
)
_NAME = re.compile(r".+\.(pem|crt|cer|[0-9]+)", re.IGNORECASE)
"""Files of a folder of certificates; what else lies there is none of ours."""


def read_roots(path: str = "") -> bytes | None:
    """Return root certificates in PEM format, or None for the defaults.

    Args:
        path: `root_certificates_path` of the settings; empty: what the environment names.

    Raises:
        UserError: What is named cannot be read, or holds no certificates that can be used.
    """
    if path:
        return _checked(_file(path, "Root certificates"), f"Root certificates {path!r}")
    file, folder = environment_roots()
    found = _file(file, "SSL_CERT_FILE") if file else b""
    found += _folder(folder) if folder else b""
    if not (file or folder):
        return None
    named = [f"SSL_CERT_FILE {file!r}"] * bool(file) + [f"SSL_CERT_DIR {folder!r}"] * bool(folder)
    return _checked(found, " and ".join(named))


def ssl_context(path: str = "") -> ssl.SSLContext:
    """Return what downloads check servers by; see `read_roots`."""
    pem = read_roots(path)
    if pem is None:
        return httpx.create_ssl_context(trust_env=False)
    return ssl.create_default_context(cadata=pem.decode("ascii"))


def _file(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise FileError.of(f"{what} {path!r} cannot be read: {why}.", error) from error


def _folder(paths: str) -> bytes:
    """Return the certificates in the folders of SSL_CERT_DIR."""
    found: list[bytes] = []
    for path in filter(None, paths.split(os.pathsep)):
        try:
            names = sorted(name for name in os.listdir(path) if _NAME.fullmatch(name))  # noqa: PTH208  why: there are hundreds
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise FileError.of(f"SSL_CERT_DIR {path!r} cannot be read: {why}.", error) from error
        found += _in_files(tuple(_stamp(os.path.join(path, name)) for name in names))  # noqa: PTH118  why: as above
    return b"\n".join(dict.fromkeys(found))


class _Stamp(NamedTuple):
    """A file as it is now: another one when somebody changes it."""

    path: str
    number: int = 0
    size: int = 0
    written_ns: int = 0
    changed_ns: int = 0


def _stamp(path: str) -> _Stamp:
    try:
        now = os.stat(path)  # noqa: PTH116  why: as above
    except OSError:
        return _Stamp(path)  # who reads it says why not
    return _Stamp(path, now.st_ino, now.st_size, now.st_mtime_ns, now.st_ctime_ns)


# A folder of a system has hundreds of files: each session would read them, and OpenSSL would look
# at each of their certificates.
@functools.lru_cache(maxsize=4)
def _in_files(files: tuple[_Stamp, ...]) -> Sequence[bytes]:
    return tuple(one for file in files for one in _blocks(_file(file.path, "SSL_CERT_DIR")))


def _blocks(content: bytes) -> list[bytes]:
    return _CERTIFICATE.findall(content)


def _checked(content: bytes, what: str) -> bytes:
    """Return the certificates alone: bundles have words of all alphabets between them."""
    blocks = _blocks(content)
    if not blocks:
        raise UserError(f"{what} are not in PEM format.")
    pem = b"\n".join([*blocks, b""])
    try:
        _try(pem)
    except (ssl.SSLError, ValueError) as error:
        why = getattr(error, "reason", "") or type(error).__name__
        raise UserError(f"{what} cannot be used: {why}.") from error
    return pem


@functools.lru_cache(maxsize=4)
def _try(pem: bytes) -> None:
    """Have OpenSSL read certificates; those that it could read are not tried again."""
    ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem.decode("ascii"))

"""Whom connections trust: the same root certificates for gRPC and for downloads.

The first of these counts: `root_certificates_path` of the settings; what SSL_CERT_FILE and
SSL_CERT_DIR name, together; the defaults of grpc and of httpx (certifi's).
"""

from __future__ import annotations

import os
import re
import ssl
from pathlib import Path

from clarifai_core.errors import FileError, UserError
from clarifai_core.heavy import httpx
from clarifai_core.settings import environment_roots

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
            files = sorted(one for one in Path(path).iterdir() if _NAME.fullmatch(one.name))
        except OSError as error:
            why = error.strerror or type(error).__name__
            raise FileError.of(f"SSL_CERT_DIR {path!r} cannot be read: {why}.", error) from error
        for file in files:
            found += _blocks(_file(str(file), "SSL_CERT_DIR"))
    return b"\n".join(dict.fromkeys(found))


def _blocks(content: bytes) -> list[bytes]:
    return _CERTIFICATE.findall(content)


def _checked(content: bytes, what: str) -> bytes:
    """Return the certificates alone: bundles have words of all alphabets between them."""
    blocks = _blocks(content)
    if not blocks:
        raise UserError(f"{what} are not in PEM format.")
    pem = b"\n".join([*blocks, b""])
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(cadata=pem.decode("ascii"))
    except (ssl.SSLError, ValueError) as error:
        why = getattr(error, "reason", "") or type(error).__name__
        raise UserError(f"{what} cannot be used: {why}.") from error
    return pem

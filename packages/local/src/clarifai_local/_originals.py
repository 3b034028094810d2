"""The original bytes of inputs: read by the services, and served over HTTP."""

# ruff: noqa: S608 - only constants of this module are put into SQL, values are bound

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local import media
from clarifai_local._moving_pictures import moving
from clarifai_local._store.inputs import IMAGE, TEXT, InputRow
from clarifai_local._views import KIND_NAMES
from clarifai_local.http_messages import HttpReply, HttpRequest

if TYPE_CHECKING:
    from clarifai_local._store import AnnotatedInput, Store


class Originals:
    """Reads what inputs consist of.

    Args:
        store: Where it is.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def blob(self, sha: bytes) -> bytes | None:
        """Return stored bytes by their SHA-256, or None."""
        with self._store.read() as db:
            return self._store.blobs.get(db, sha)

    def image_bytes(self, row: InputRow) -> bytes | None:
        """Return the picture of an input, or None when it has none (yet)."""
        return self.blob(row.media) if row.kinds & IMAGE and row.media else None

    def text(self, row: InputRow) -> str | None:
        """Return the text of an input, or None when it has none."""
        return _text(row.wire) if row.kinds & TEXT else None

    def of_example(self, example: AnnotatedInput) -> tuple[bytes | None, str | None]:
        """Return picture and text of an example; None for what it does not have."""
        image = self.blob(example.media) if example.kinds & IMAGE and example.media else None
        return image, _text(example.wire) if example.kinds & TEXT else None

    def serve(self, request: HttpRequest) -> HttpReply:
        """Answer `GET /media/<size>/<kind>/<sha256>`."""
        size, _, rest = request.path.partition("/")
        kind, _, name = rest.partition("/")
        if kind not in KIND_NAMES.values() or not _is_sha(name):
            return _NOT_FOUND
        sha = bytes.fromhex(name)
        wanted: dict[str, object] = {"sha": sha, "app": request.app}
        if kind == KIND_NAMES[TEXT]:
            return self._serve_text(wanted) if size == "orig" else _NOT_FOUND
        return self._serve_blob(sha, wanted, size, is_image=kind == KIND_NAMES[IMAGE])

    def _serve_blob(
        self, sha: bytes, wanted: dict[str, object], size: str, *, is_image: bool
    ) -> HttpReply:
        with self._store.read() as db:
            used = db.execute(
                f"SELECT 1 FROM inputs WHERE media = :sha AND {_OF_APP}"
                f" UNION ALL SELECT 1 FROM dataset_version_items WHERE media = :sha AND {_IN_APP}"
                " LIMIT 1",
                wanted,
            ).fetchone()
            data = self._store.blobs.read(db, sha) if used else None
            media_type = self._store.blobs.media_type(db, sha)
        if data is None:
            return _NOT_FOUND
        if size == "orig":
            return HttpReply(200, data, media_type or "application/octet-stream")
        if is_image and size in media.RENDITION_PIXELS:
            return HttpReply(200, media.rendition(data, size), "image/jpeg")
        if size == "thumbnail" and not is_image:
            return _thumbnail(data)
        return _NOT_FOUND

    def _serve_text(self, wanted: dict[str, object]) -> HttpReply:
        with self._store.read() as db:
            found = db.execute(
                "SELECT w.wire FROM inputs i JOIN input_wires w ON w.seq = i.seq"
                f" WHERE i.text_sha = :sha AND {_OF_APP} UNION ALL"
                f" SELECT wire FROM dataset_version_items WHERE text_sha = :sha AND {_IN_APP}"
                " LIMIT 1",
                wanted,
            ).fetchone()
        if found is None:
            return _NOT_FOUND
        return HttpReply(200, _text(found[0]).encode())


_OF_APP = "(:app IS NULL OR app = :app)"
_IN_APP = (
    "(:app IS NULL OR version IN (SELECT v.seq FROM resources v JOIN resources a"
    " ON a.user_id = v.user_id AND a.id = v.app_id"
    " WHERE v.kind = 'dataset_version' AND a.kind = 'app' AND a.seq = :app))"
)
_NOT_FOUND = HttpReply(404, b"not found")
_SHA_CHARACTERS = 64


def _thumbnail(data: bytes) -> HttpReply:
    try:
        return HttpReply(200, moving.thumbnail(data), "image/jpeg")
    except media.Rejected as error:
        return HttpReply(404, error.reason.encode())


def _is_sha(name: str) -> bool:
    return len(name) == _SHA_CHARACTERS and all(c in "0123456789abcdef" for c in name)


def _text(wire: bytes) -> str:
    return resources_pb2.Input.FromString(wire).data.text.raw

"""Masks of regions: their bytes are stored with the annotation, answers show an address instead."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from clarifai_local import media
from clarifai_local._numerals import row_number
from clarifai_local.http_messages import HttpReply, HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_local._store import Store

MASKS_PATH = "/masks/"
"""Where masks are served: app number, input id, annotation id and region id follow."""

_PARTS = 4


class Masks:
    """Shows annotations without the bytes of their masks, and serves those.

    Args:
        store: Where annotations are.
        base_url: Returns the address that the platform is served at.
    """

    def __init__(self, store: Store, base_url: Callable[[], str]) -> None:
        self._store = store
        self._base_url = base_url

    def shown(self, annotation: resources_pb2.Annotation, app: int) -> resources_pb2.Annotation:
        """Return `annotation`, changed in place: bytes in an answer break clients that list.

        Args:
            annotation: As stored.
            app: Number of its app.
        """
        for region in annotation.data.regions:
            if region.region_info.mask.image.base64:
                place = (str(app), annotation.input_id, annotation.id, region.id)
                path = "/".join(quote(part, safe="") for part in place)
                image = region.region_info.mask.image
                image.ClearField("base64")
                image.url = f"{self._base_url()}{MASKS_PATH}{path}"
        return annotation

    def serve(self, request: HttpRequest) -> HttpReply:
        """Answer `GET /masks/<app>/<input>/<annotation>/<region>`."""
        parts = [unquote(part) for part in request.path.split("/")]
        app = row_number(parts[0])
        if len(parts) == _PARTS and app is not None and request.app in {None, app}:
            data = self._find(app, *parts[1:])
            if data is not None:
                return HttpReply(200, data, media.image_media_type(data))
        return HttpReply(404, b"not found")

    def _find(self, app: int, input_id: str, annotation_id: str, region_id: str) -> bytes | None:
        with self._store.read() as db:
            seq = self._store.inputs.numbers(db, app, [input_id]).get(input_id)
            row = self._store.annotations.get(db, seq, annotation_id) if seq else None
        if row is None:
            return None
        for region in row.message().data.regions:
            if region.id == region_id:
                return region.region_info.mask.image.base64 or None
        return None

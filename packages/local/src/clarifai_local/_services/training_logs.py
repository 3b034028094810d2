"""The logs of trainings, over HTTP; and the trainings that a platform's end has interrupted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_local._models import rows
from clarifai_local._models.training import Trainings
from clarifai_local.http_messages import HttpReply, HttpRequest

if TYPE_CHECKING:
    from clarifai_local._context import ServiceContext


class TrainingLogs:
    """Serves the logs of trainings; answers no RPC."""

    def __init__(self, context: ServiceContext) -> None:
        self._context = context
        self._store = context.store
        context.http.add(rows.LOGS_PATH, self._serve_log, needs_key=False)

    def resume(self) -> None:
        """Take up trainings that were not finished when the platform ended."""
        Trainings(self._context).resume()

    def _serve_log(self, request: HttpRequest) -> HttpReply:
        with self._store.read() as db:
            found = self._store.resources.list(
                db, rows.VERSION_KIND, parent=None, where="detail = ?", params=(request.path,)
            )
            if not (request.path and found):
                return HttpReply(404, b"not found")
            log = self._store.attachment(db, found[0], rows.LOG)
        return HttpReply(200, log or b"waiting for the training to start\n")

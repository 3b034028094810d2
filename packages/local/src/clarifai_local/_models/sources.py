"""Which data a training or an evaluation reads: a dataset version, a dataset, or the whole app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes

from clarifai_local._models.samples import LabelledInputs, gather
from clarifai_local.statuses import Refused, missing

if TYPE_CHECKING:
    import sqlite3

    from clarifai_local._scope import AppScope
    from clarifai_local._store import Store

_DATASET_KIND = "dataset"
_DATASET_VERSION_KIND = "dataset_version"


@attrs.frozen
class LabelledSource:
    """What was asked for; resolved anew when the work starts."""

    dataset_id: str = ""
    """Empty: the whole app."""
    version_id: str = ""
    """Empty: the dataset as it is when the work starts."""

    @property
    def words(self) -> str:
        """Return what it is, for a sentence."""
        dataset = f"dataset {self.dataset_id!r}" if self.dataset_id else ""
        version = f"dataset version {self.version_id!r}" if self.version_id else ""
        return " of ".join(filter(None, (version, dataset))) or "the app"

    def check(self, store: Store, db: sqlite3.Connection, scope: AppScope) -> None:
        """Refuse what does not exist.

        Raises:
            Refused: 11101 for an unknown dataset or version, 11102 for a version that is not ready.
        """
        self._numbers(store, db, scope)

    def read(self, store: Store, scope: AppScope, *, unlabelled: bool = False) -> LabelledInputs:
        """Return the labelled inputs, all as of one moment.

        Args:
            store: Where they are.
            scope: The app that the data is in.
            unlabelled: Whether to return those without labels too.

        Raises:
            Refused: As in `check`.
        """
        with store.read() as db:
            dataset, version = self._numbers(store, db, scope)
            examples = store.examples(db, scope.app, dataset=dataset, version=version)
            return gather(scope.app, examples, unlabelled=unlabelled)

    def _numbers(
        self, store: Store, db: sqlite3.Connection, scope: AppScope
    ) -> tuple[int | None, int | None]:
        resources = store.resources
        if not self.dataset_id:
            if self.version_id:
                return None, self._version(store, db, scope, None)
            return None, None
        dataset = resources.get(db, _DATASET_KIND, scope.key, self.dataset_id)
        if dataset is None:
            raise missing("dataset", self.dataset_id)
        if not self.version_id:
            return dataset.seq, None
        return None, self._version(store, db, scope, self.dataset_id)

    def _version(
        self, store: Store, db: sqlite3.Connection, scope: AppScope, dataset_id: str | None
    ) -> int:
        rows = store.resources.list(
            db,
            _DATASET_VERSION_KIND,
            scope.key,
            parent=dataset_id,
            where="id = ?",
            params=(self.version_id,),
        )
        if not rows:
            raise missing("dataset version", self.version_id)
        if rows[0].status != codes.DATASET_VERSION_READY:
            raise Refused(
                codes.CONN_INVALID_REQUEST,
                f"dataset version {self.version_id!r} is not ready to be used",
            )
        return rows[0].seq

"""What models do with evaluations; the work is in `evaluations`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_resources.model import _evaluations, _raw_evaluations, evaluation_tables
from clarifai_resources.model._base import ModelBase

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_datasets.handle import Dataset
    from clarifai_resources.model._raw_evaluations import RawFormat
    from clarifai_resources.model.evaluation_tables import Evaluation


class EvaluationMethods(ModelBase):
    """How good a version of a model is on data with known labels."""

    def evaluate(
        self,
        dataset_id: str | Dataset | Sequence[Dataset] = "",
        dataset_app_id: str | None = None,
        dataset_user_id: str | None = None,
        eval_id: str | None = None,
        extended_metrics: Mapping[str, Any] | None = None,
        eval_info: Mapping[str, Any] | None = None,
        *,
        dataset: Dataset | Sequence[Dataset] | None = None,
        dataset_version_id: str | None = None,
    ) -> list[resources_pb2.EvalMetrics]:
        """Start an evaluation of the version on a dataset, or on several.

        Args:
            dataset_id: The dataset with the right answers: its id, or what `dataset` takes.
            dataset_app_id: Its app; else the model's.
            dataset_user_id: Its user; else the model's.
            eval_id: Id of the evaluation; else the platform chooses one.
            extended_metrics: Figures of your own to keep with it.
            eval_info: Parameters of the evaluation.
            dataset: The dataset as a handle, in its version if it has one, or a list of them.
            dataset_version_id: The version of the dataset; else all that is in it.

        Returns:
            A list with the new evaluations, which go on; see `wait_until_evaluated`.

        Raises:
            UserError: The model has no version here, or an argument is wrong; nothing was sent.
        """
        found = _evaluations.datasets_of(
            self,
            dataset if dataset is not None else dataset_id,
            _evaluations.DatasetReference(dataset_app_id, dataset_user_id, dataset_version_id),
        )
        version_id = self._version_id(None)
        return _evaluations.evaluate(self, version_id, found, eval_id, extended_metrics, eval_info)

    def list_evaluations(self) -> list[resources_pb2.EvalMetrics]:
        """Return the evaluations of the version, the newest first.

        Raises:
            UserError: The model has no version here.

        Example:
            >>> from clarifai_resources.model import Model
            >>> url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
            >>> Model(f"{url}/versions/aa7f35c01e0642fda5cf400f543e7c40").list_evaluations()
            []
        """
        return _evaluations.of_version(self, self._version_id(None))

    def get_eval_by_dataset(
        self, dataset: Dataset | resources_pb2.Dataset
    ) -> list[resources_pb2.EvalMetrics]:
        """Return the evaluations of the version that are done and were on a dataset.

        Args:
            dataset: The dataset, as a handle or a message; in a version, if it has one.

        Raises:
            UserError: The model has no version here, or it is no dataset.
        """
        (wanted,) = _evaluations.datasets_of(self, dataset, _evaluations.DatasetReference())
        return _evaluations.on_dataset(self.list_evaluations(), wanted)

    def get_raw_eval(
        self,
        dataset: Dataset | resources_pb2.Dataset | None = None,
        eval_id: str | None = None,
        return_format: RawFormat = "array",
    ) -> Any:
        """Return what was right and what was predicted, input by input, for figures of your own.

        Args:
            dataset: Of the newest evaluation on it; or ...
            eval_id: ... of this evaluation.
            return_format: `"array"`, `"proto"` or, of detectors, `"coco"`.

        Returns:
            `"proto"`: the `EvalTestSetEntry` messages. `"array"`: what is right, what was
            predicted, concept ids, and inputs. Of a classifier the first two are arrays of
            (inputs, concepts); of a detector they hold an array of (regions, 6) per input:
            x_min, y_min, x_max, y_max in pixels, index of the concept, and confidence. `"coco"`:
            two dicts as COCO's, of what is right and of what was predicted.

        Raises:
            UserError: Not exactly one of dataset and eval_id is given, the format is unknown or
                does not fit the model's type, or the dataset was not evaluated.
        """
        _raw_evaluations.check(return_format, dataset, eval_id)
        type_id = _raw_evaluations.checked_type(self._type_id(), return_format)
        if eval_id is None:
            done = self.get_eval_by_dataset(dataset)  # type: ignore[arg-type]
            if not done:
                raise UserError(f"Model {self.id!r} was not evaluated on {dataset!r}.")
            eval_id = done[0].id
        metrics = self.get_eval_by_id(eval_id, test_set=True, metrics_by_class=True)
        return _raw_evaluations.shown(metrics, type_id, return_format)

    def get_eval_by_id(
        self,
        eval_id: str,
        label_counts: bool = False,
        test_set: bool = False,
        binary_metrics: bool = False,
        confusion_matrix: bool = False,
        metrics_by_class: bool = False,
        metrics_by_area: bool = False,
    ) -> resources_pb2.EvalMetrics:
        """Return an evaluation: the summary always, further figures where True.

        Args:
            eval_id: The evaluation.
            label_counts: How many inputs have each concept.
            test_set: Each input with what was predicted.
            binary_metrics: Figures of each concept.
            confusion_matrix: What was taken for what.
            metrics_by_class: Figures of each class (detection).
            metrics_by_area: Figures by size of the region (detection).
        """
        fields = _fields(
            label_counts,
            test_set,
            binary_metrics,
            confusion_matrix,
            metrics_by_class,
            metrics_by_area,
        )
        return _evaluations.get(self, eval_id, fields)

    def evaluation(self, eval_id: str = "") -> Evaluation:
        """Return an evaluation as tables and pictures: all that the platform knows of it.

        Args:
            eval_id: The evaluation; else the newest one of the version, which must be done.

        Raises:
            UserError: There is none that is done; or the model has no version here.
            NotFound: There is no such evaluation.
        """
        if eval_id:
            return evaluation_tables.Evaluation(_evaluations.get(self, eval_id, _FIGURES))
        found = _evaluations.get_latest(self, self._version_id(None), _FIGURES)
        if found is None:
            raise UserError(
                f"Model {self.id!r} has no evaluation that is done: model.evaluate(dataset) "
                "starts one, and model.wait_until_evaluated(eval_id) waits for it."
            )
        return evaluation_tables.Evaluation(found)

    def get_latest_eval(
        self,
        label_counts: bool = False,
        test_set: bool = False,
        binary_metrics: bool = False,
        confusion_matrix: bool = False,
        metrics_by_class: bool = False,
        metrics_by_area: bool = False,
    ) -> resources_pb2.EvalMetrics | None:
        """Return the newest evaluation of the version, or None when there is none that is done.

        Args: as in `get_eval_by_id`.
        """
        fields = _fields(
            label_counts,
            test_set,
            binary_metrics,
            confusion_matrix,
            metrics_by_class,
            metrics_by_area,
        )
        return _evaluations.get_latest(self, self._version_id(None), fields)

    def wait_until_evaluated(
        self,
        eval_id: str,
        timeout_seconds: float = 600,
        *,
        progress: bool | None = None,
        **fields: bool,
    ) -> resources_pb2.EvalMetrics:
        """Wait until an evaluation is done and return it.

        Args:
            eval_id: The evaluation.
            timeout_seconds: When to give up; the evaluation goes on.
            progress: Whether to show how far it is; None: on a terminal or in a notebook.
            **fields: As in `get_eval_by_id`: `confusion_matrix=True` ...

        Raises:
            ApiError: The evaluation failed; `code` and `details` say why.
            DeadlineExceeded: It was not done in time.
        """
        unknown = [name for name in fields if name not in _FIELDS]
        if unknown:
            raise UserError(f"Unknown figures {', '.join(unknown)}; known: {', '.join(_FIELDS)}.")
        return _evaluations.wait_until_evaluated(self, eval_id, timeout_seconds, fields, progress)


_FIELDS = (
    "label_counts",
    "test_set",
    "binary_metrics",
    "confusion_matrix",
    "metrics_by_class",
    "metrics_by_area",
)


_FIGURES = {name: True for name in _FIELDS if name != "test_set"}
"""What tables and pictures need; the test set is each input with what was predicted."""


def _fields(*wanted: bool) -> dict[str, bool]:
    return dict(zip(_FIELDS, wanted, strict=True))

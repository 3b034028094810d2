"""Workflows: graphs of models that inputs run through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.handles import DEFAULT_BASE_URL, Handle
from clarifai_resources import _kinds, _versions
from clarifai_resources._fields import WorkflowFields
from clarifai_resources.lister import Lister
from clarifai_resources.workflow import export, predictions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from clarifai_grpc.grpc.api import resources_pb2, service_pb2
    from typing_extensions import Unpack

    from clarifai_core.paging import Pager
    from clarifai_inputs.closed_sets import MediaKind
    from clarifai_resources.arguments import WorkflowArguments

__all__ = ["Workflow"]

_NO_VERSION: Mapping[str, Any] = {"id": ""}
_NO_LIMIT: Mapping[str, Any] = {"min_value": 0}
"""The documented defaults; only read."""


class Workflow(Handle, Lister, WorkflowFields):
    """A workflow, perhaps in one of its versions.

    Args:
        url: Its address, instead of the ids:
            `https://clarifai.com/{user_id}/{app_id}/workflows/{workflow_id}[/versions/{version_id}]`.
        workflow_id: Its id.
        workflow_version: `{"id": ...}` of the version; else the platform takes the latest.
        output_config: What predictions hold: `min_value` (least confidence, 0..1), `max_concepts`,
            `select_concepts` (a list of `Concept` messages), `sample_ms` (milliseconds between the
            frames of a video).
        base_url: Address of the platform.
        pat: A personal access token; else that of CLARIFAI_PAT or of the current context.
        token: A session token; else that of CLARIFAI_SESSION_TOKEN.
        **kwargs: `user_id`, `app_id`, `context`, `root_certificates_path` and `timeout_seconds`, or
            fields of the workflow's message.

    Raises:
        UserError: Both url and workflow_id are given, the url names no workflow, or a message has
            no such field.

    Example:
        >>> Workflow("https://clarifai.com/clarifai/main/workflows/Demographics").id
        'Demographics'
    """

    kind = "workflow"
    _output_config: bytes = b""
    """The `OutputConfig` message, serialised: that can be pickled."""

    def __init__(
        self,
        url: str = "",
        workflow_id: str = "",
        workflow_version: Mapping[str, Any] = _NO_VERSION,
        output_config: Mapping[str, Any] = _NO_LIMIT,
        base_url: str = DEFAULT_BASE_URL,
        pat: str | None = None,
        token: str = "",
        **kwargs: Unpack[WorkflowArguments],
    ) -> None:
        fields = _versions.with_version(kwargs, "version", "workflow_version", workflow_version)
        if output_config != _NO_LIMIT:
            self._output_config = predictions.serialized_config(output_config)
        super().__init__(
            workflow_id, url=url, base_url=base_url, pat=pat or "", token=token, **fields
        )

    def list_versions(
        self, page_no: int | None = None, per_page: int | None = None
    ) -> Pager[Workflow]:
        """Return a handle of the workflow in each of its versions.

        Args:
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: The handle has no id.
        """
        return ops.pager(
            self,
            _kinds.WORKFLOW_VERSION,
            lambda version: _versions.in_version(self, "version", version),
            workflow_id=_versions.id_of(self),
            page_no=page_no,
            per_page=per_page,
        )

    def predict(
        self, inputs: Sequence[resources_pb2.Input], workflow_state_id: str | None = None
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run inputs through the workflow.

        Args:
            inputs: 1 to 32 `Input` messages; the builders of `Inputs` make them.
            workflow_state_id: Key under which the platform keeps the outputs of the nodes, to go on
                from them later.

        Raises:
            UserError: No inputs, too many, or something else than inputs.
            MixedStatus: Some inputs failed; `response` holds what succeeded.
        """
        return predictions.predict(self, inputs, workflow_state_id)

    def predict_by_bytes(
        self, input_bytes: bytes, input_type: MediaKind
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run bytes through the workflow.

        Args:
            input_bytes: The content of a file.
            input_type: `"image"`, `"text"` (UTF-8), `"video"` or `"audio"`.

        Raises:
            UserError: An unknown type, no bytes, or text that is not UTF-8.
        """
        return self.predict([predictions.input_of_bytes(input_bytes, input_type)])

    def predict_by_filepath(
        self, filepath: str | PathLike[str], input_type: MediaKind
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run a file through the workflow.

        Args:
            filepath: Path of the file.
            input_type: `"image"`, `"text"` (UTF-8), `"video"` or `"audio"`.

        Raises:
            UserError: An unknown type, or there is no such file.
        """
        return self.predict([predictions.input_of_file(filepath, input_type)])

    def predict_by_url(
        self, url: str, input_type: MediaKind
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run what the platform finds at a URL through the workflow.

        Args:
            url: Address of the data.
            input_type: `"image"`, `"text"`, `"video"` or `"audio"`.

        Raises:
            UserError: An unknown type, or an empty url.
        """
        return self.predict([predictions.input_of_url(url, input_type)])

    def export(self, out_path: str | PathLike[str]) -> None:
        """Write the workflow to a YAML file that `App.create_workflow` takes again.

        Models of the workflow's own app are written with their type and `output_info`, so that
        another app can make them; those that were trained, and those of other apps, with their
        user and app. Versions are kept.

        Args:
            out_path: Path of the file, which ends in .yml or .yaml; a file there is replaced.

        Raises:
            UserError: It cannot be written there, the handle has no id, or the workflow has no
                nodes.
            NotFound: There is no such workflow.

        Example:
            >>> workflow = App(app_id="zoo", user_id="ann").workflow("faces")  # doctest: +SKIP
            >>> workflow.export("faces.yml")  # doctest: +SKIP
        """
        export.export(self, out_path)

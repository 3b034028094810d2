"""Workflows: graphs of models that inputs run through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL, Handle
from clarifai_core.heavy import resources_pb2
from clarifai_resources import _kinds, _older_names, _versions
from clarifai_resources._fields import WorkflowFields
from clarifai_resources._output_config import output_config_of
from clarifai_resources.lister import Lister
from clarifai_resources.workflow import _export, predictions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from os import PathLike

    from clarifai_grpc.grpc.api import service_pb2
    from typing_extensions import Self, Unpack

    from clarifai_core.paging import Pager
    from clarifai_inputs.closed_sets import MediaKind
    from clarifai_resources._output_config import OutputSettings
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
        output_config: What predictions hold, as a dict or an `OutputConfig`: `min_value` (least
            confidence, 0..1), `max_concepts`, `select_concepts` (a list of `Concept` messages),
            `sample_ms` (milliseconds between the frames of a video).
        base_url: Address of the platform.
        pat: A personal access token; else that of CLARIFAI_PAT or of the current context.
        token: A session token; else that of CLARIFAI_SESSION_TOKEN.
        **kwargs: `user_id`, `app_id`, `context`, `root_certificates_path` and `timeout_seconds`, or
            fields of the workflow's message.

    Raises:
        UserError: Not exactly one of url and workflow_id is given, the url names no workflow, or a
            message has no such field.

    Example:
        >>> Workflow("https://clarifai.com/clarifai/main/workflows/Demographics").id
        'Demographics'
    """

    kind = "workflow"
    _output_config: bytes = b""
    """The `OutputConfig` message, serialised: that can be pickled."""
    _told_version = ""
    """Id of the version that the platform told without being asked for one."""
    _input_types: tuple[str, ...] | None = None

    def __init__(
        self,
        url: str = "",
        workflow_id: str = "",
        workflow_version: Mapping[str, Any] = _NO_VERSION,
        output_config: OutputSettings = _NO_LIMIT,
        base_url: str = DEFAULT_BASE_URL,
        pat: str | None = None,
        token: str = "",
        **kwargs: Unpack[WorkflowArguments],
    ) -> None:
        given: dict[str, Any] = dict(kwargs)
        url = _older_names.with_url(url, given)
        if not url and not workflow_id:
            raise UserError("You must specify one of url or workflow_id.")
        fields = _versions.with_version(given, "version", "workflow_version", workflow_version)
        if output_config != _NO_LIMIT:
            self.output_config = output_config
        super().__init__(
            workflow_id, url=url, base_url=base_url, pat=pat or "", token=token, **fields
        )

    @classmethod
    def of(cls, message: Any, parent: Handle) -> Self:
        """Return the handle of a workflow that the platform answered; see `Handle.of`.

        Its predictions take the version that is the latest then: see `asked_version_id`.
        """
        made = super().of(message, parent)
        made._told_version = str(message.version.id)
        return made

    @property
    def asked_version_id(self) -> str:
        """Return the id of the version that predictions and exports ask for; `""`: the latest.

        A handle from `App.workflow`, `list_workflows` or `create_workflow` asks for the latest, as
        it is at that moment, so that a program sees what is changed meanwhile; `version` tells
        which one that was when the handle was made. One that was opened with a version, or comes
        from `list_versions`, stays with that.
        """
        version_id = str(self.message.version.id)
        return "" if version_id == self._told_version else version_id

    @property
    def output_config(self) -> resources_pb2.OutputConfig:
        """Return what predictions hold, as a message; set it as a dict or as the message."""
        return resources_pb2.OutputConfig.FromString(self._output_config)

    @output_config.setter
    def output_config(self, value: OutputSettings | None) -> None:
        self._output_config = output_config_of(value).SerializeToString()

    def load_info(self) -> None:
        """Ask the platform for the workflow, and keep what it answers as `message`.

        Raises:
            NotFound: There is no such workflow.

        Example:
            >>> workflow = Workflow("https://clarifai.com/clarifai/main/workflows/General")
            >>> workflow.load_info()
            >>> workflow.description
            'Concepts, vector and cluster of an image.'
        """
        asked = self.asked_version_id
        found: Any = ops.get(self, _kinds.WORKFLOW, _versions.id_of(self))
        if asked and found.version.id != asked:
            found.version.CopyFrom(
                ops.get(self, _kinds.WORKFLOW_VERSION, asked, workflow_id=self.id)
            )
        self._message, self._told_version = found, "" if asked else str(found.version.id)

    @property
    def input_types(self) -> list[str]:
        """Return the kinds of media that the workflow takes; the platform is asked once.

        Example:
            >>> Workflow("https://clarifai.com/clarifai/main/workflows/General").input_types
            ['image']
        """
        return list(self._kinds())

    def _kinds(self) -> tuple[str, ...]:
        if self._input_types is None:
            self._input_types = predictions.kinds_of(self)
        return self._input_types

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
            self._in_version,
            workflow_id=_versions.id_of(self),
            page_no=page_no,
            per_page=per_page,
        )

    def _in_version(self, version: resources_pb2.WorkflowVersion) -> Workflow:
        made = _versions.in_version(self, "version", version)
        made._told_version = ""
        return made

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
        self, input_bytes: bytes, input_type: MediaKind | None = None
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run bytes through the workflow.

        Args:
            input_bytes: The content of a file.
            input_type: `"image"`, `"text"` (UTF-8), `"video"` or `"audio"`; else what the first
                nodes take, which the platform is asked once, or where that is several, what the
                content begins like.

        Raises:
            UserError: An unknown type, nothing that tells it, no bytes, or text that is not UTF-8.
        """
        return self.predict([predictions.input_of_bytes(input_bytes, input_type, self._kinds)])

    def predict_by_filepath(
        self, filepath: str | PathLike[str], input_type: MediaKind | None = None
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run a file through the workflow.

        Args:
            filepath: Path of the file.
            input_type: As in `predict_by_bytes`.

        Raises:
            UserError: An unknown type, nothing that tells it, or there is no such file.
        """
        return self.predict([predictions.input_of_file(filepath, input_type, self._kinds)])

    def predict_by_url(
        self, url: str, input_type: MediaKind | None = None
    ) -> service_pb2.PostWorkflowResultsResponse:
        """Run what the platform finds at a URL through the workflow.

        Args:
            url: Address of the data.
            input_type: `"image"`, `"text"`, `"video"` or `"audio"`; else what the first nodes take,
                or where that is several, what the ending of the URL's path says.

        Raises:
            UserError: An unknown type, nothing that tells it, or an empty url.
        """
        return self.predict([predictions.input_of_url(url, input_type, self._kinds)])

    def export(self, out_path: str | PathLike[str]) -> None:
        """Write the workflow to a YAML file that `App.create_workflow` takes again.

        Every model is written with its user, app and version, so that the workflow made of the file
        has the same ones. Those of the workflow's own app, unless they were trained, have their
        type, description and `output_info` too: whoever does not see that app makes them anew.

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
        _export.export(self, out_path)

"""Workflows from files: the models of the nodes, found or made, then the workflow.

All models are looked up before anything is made, so that a file which cannot work leaves nothing
behind. Then, node by node, what is missing is made: a model, or another version of one.
"""

from __future__ import annotations

import sys
import uuid
from typing import TYPE_CHECKING, cast

from clarifai_core import ops
from clarifai_core.errors import BadReply, NotFound, UserError
from clarifai_core.existing import owner_of, scoped
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.loggers import logger_for
from clarifai_core.scope import ME
from clarifai_core.status import meaning_of
from clarifai_core.wire.ids import check_new_id
from clarifai_resources import _kinds
from clarifai_resources.trainable import TRAINABLE_MODEL_TYPES, Trainable, has_weights
from clarifai_resources.workflow import _output_info, config, tree

if TYPE_CHECKING:
    from collections.abc import Iterator
    from os import PathLike

    from clarifai_core.handles import Handle
    from clarifai_resources.workflow.config import ModelConfig, NodeConfig

logger = logger_for(__name__)


def create_workflow(
    app: Handle, config_filepath: str | PathLike[str], generate_new_id: bool, display: bool
) -> resources_pb2.Workflow:
    """Return the message of a new workflow; see `App.create_workflow`."""
    wanted = config.read_config(config_filepath)
    models = _Models(app, wanted.nodes)
    nodes = models.nodes()
    workflow_id = str(uuid.uuid4()) if generate_new_id else wanted.id
    fields = {"id": workflow_id, "nodes": nodes}
    made = cast("resources_pb2.Workflow", ops.create(app, _kinds.WORKFLOW, fields))
    if display and sys.stdout is not None:
        sys.stdout.write(tree.tree(made.id, made.nodes or nodes, models.has) + "\n")
    return made


def nodes_of_file(
    app: Handle, config_filepath: str | PathLike[str]
) -> list[resources_pb2.WorkflowNode]:
    """Return the nodes that a file describes; models that are missing are made."""
    return _Models(app, config.read_config(config_filepath).nodes).nodes()


class _Models:
    """The models of the nodes: looked up at once, made on demand."""

    def __init__(self, app: Handle, nodes: tuple[NodeConfig, ...]) -> None:
        self._app = app
        self._trainable = Trainable(app)
        self._nodes = nodes
        self._found: dict[tuple[str, str, str, str], resources_pb2.Model | None] = {}
        self._created: set[str] = set()
        self._versions: dict[tuple[str, bytes], resources_pb2.Model] = {}

    def nodes(self) -> list[resources_pb2.WorkflowNode]:
        """Return the nodes of the message, once all their models exist."""
        found = [self._look_up(node) for node in self._nodes]
        faults = [
            f"node {node.id!r}: {fault}"
            for node, model in zip(self._nodes, found, strict=True)
            for fault in self._refusals(node.model, model)
        ]
        if faults:
            raise UserError.listing("The workflow cannot be created; nothing was made", faults)
        return [
            _node(node, self._make(node.model, model))
            for node, model in zip(self._nodes, found, strict=True)
        ]

    def has(self, model: resources_pb2.Model) -> bool:
        """Tell whether a model is the app's own."""
        return self._is_own(model.user_id, model.app_id)

    def _look_up(self, node: NodeConfig) -> resources_pb2.Model | None:
        """Return the model of a node, or None when it has to be made."""
        model = node.model
        user_id, app_id = model.user_id or self._app.user_id, model.app_id or self._app.app_id
        address = (user_id, app_id, str(model.model_id), str(model.model_version_id))
        if address not in self._found:
            self._found[address] = self._get(node, scoped(self._app, user_id, app_id))
        found = self._found[address]
        if found and model.description not in ("", found.description):
            logger.warning(
                "node %r: model %r exists, and its description stays: it is not %r",
                *(str(node.id), str(model.model_id), model.description),
            )
        return found

    def _get(self, node: NodeConfig, owner: Handle) -> resources_pb2.Model | None:
        """Return a model of its owner's app, else of this one's, else None: it is to be made."""
        wanted = node.model
        try:
            return self._asked(owner, wanted.model_id, wanted.model_version_id)
        except NotFound as error:
            is_own = self._is_own(owner.user_id, owner.app_id)
            says_model = meaning_of(error.code).missing == "model"
            if is_own and says_model and not wanted.model_type_id:
                error.hint = (
                    f"For node {node.id!r} to have it made, give its model a model_type_id."
                )
            # Of another app, that there is no such app says the same.
            if not wanted.model_type_id or (is_own and not says_model):
                raise
        if is_own:
            return None
        logger.warning(
            "node %r: there is no model %r in %s/%s for these credentials; that of app %s is "
            "taken, or made",
            *(str(node.id), str(wanted.model_id), owner.user_id, owner.app_id, self._app.app_id),
        )
        try:
            return self._asked(self._app, wanted.model_id)
        except NotFound as error:
            if meaning_of(error.code).missing != "model":
                raise
            return None

    def _asked(self, owner: Handle, model_id: str, version_id: str = "") -> resources_pb2.Model:
        answer = ops.get(owner, _kinds.MODEL, model_id, version_id=version_id)
        return cast("resources_pb2.Model", answer)

    def _refusals(self, wanted: ModelConfig, found: resources_pb2.Model | None) -> Iterator[str]:
        """Say why what a node needs cannot be made."""
        if not found:
            yield from _unfit_id(wanted)
        if not self._needs_version(wanted, found):
            return
        kind = found.model_type_id if found else wanted.model_type_id
        if found and not self.has(found):
            yield (
                f"model {wanted.model_id!r} of {found.user_id}/{found.app_id} has another "
                "output_info, and only its own app can change that; "
                "the node can have an output_info_override"
            )
        elif self._gets_versions_by_training(kind, found):
            yield (
                f"model {wanted.model_id!r} needs a version of its own, and a {kind!r} gets one "
                "by training only; name a trained model, or leave output_info out"
            )

    def _make(self, wanted: ModelConfig, found: resources_pb2.Model | None) -> resources_pb2.Model:
        """Return the model of a node in the version that it needs."""
        if found and not self._needs_version(wanted, found):
            return found
        if not found and wanted.model_id not in self._created:
            fields = {"id": str(wanted.model_id), "model_type_id": str(wanted.model_type_id)}
            if wanted.description:
                fields["description"] = wanted.description
            ops.create(self._app, _kinds.MODEL, fields)
            self._created.add(wanted.model_id)
        key = (str(wanted.model_id), _serialized(wanted.output_info))
        if key not in self._versions:
            self._versions[key] = self._post_version(wanted)
        return self._versions[key]

    def _post_version(self, wanted: ModelConfig) -> resources_pb2.Model:
        version = resources_pb2.ModelVersion(output_info=wanted.output_info)
        request = service_pb2.PostModelVersionsRequest(
            user_app_id=self._app.user_app_id,
            model_id=wanted.model_id,
            model_versions=[version],
        )
        made: resources_pb2.Model = self._app.session.call("PostModelVersions", request).model
        if not made.id:
            raise BadReply("PostModelVersions: the answer holds no model.")
        ops.done(self._app, "created", _kinds.MODEL_VERSION.name, [made.model_version.id])
        return made

    def _needs_version(self, wanted: ModelConfig, found: resources_pb2.Model | None) -> bool:
        if found is None:
            return True
        if wanted.output_info is not None and _output_info.differs(wanted.output_info, found):
            return True
        half_made = bool(wanted.model_type_id) and not found.model_version.id
        return half_made and found.model_type_id not in self._trainable

    def _gets_versions_by_training(self, kind: str, found: resources_pb2.Model | None) -> bool:
        if kind not in TRAINABLE_MODEL_TYPES and found and found.model_version.id:
            return has_weights(found.model_version)  # the platform need not be asked
        return kind in self._trainable

    def _is_own(self, user_id: str, app_id: str) -> bool:
        own = owner_of(self._app)
        same_user = user_id in ("", own, self._app.user_id) or own == ME
        return same_user and app_id in ("", self._app.app_id)


def _unfit_id(wanted: ModelConfig) -> Iterator[str]:
    try:
        check_new_id("model_id", wanted.model_id)
    except UserError as error:
        yield f"{error} So it cannot be made."


def _node(wanted: NodeConfig, model: resources_pb2.Model) -> resources_pb2.WorkflowNode:
    return resources_pb2.WorkflowNode(
        id=wanted.id,
        model=model,
        node_inputs=[resources_pb2.NodeInput(node_id=one.node_id) for one in wanted.node_inputs],
        suppress_output=wanted.suppress_output,
        output_info_override=wanted.output_info_override,
    )


def _serialized(info: resources_pb2.OutputInfo | None) -> bytes:
    return info.SerializeToString(deterministic=True) if info is not None else b""

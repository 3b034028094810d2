"""Which machines work on a prediction, where a program chooses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_core.wire.ids import check_id

if TYPE_CHECKING:
    from clarifai_resources.model._prediction_methods import PredictionMethods


@attrs.frozen
class RunnerChoice:
    """A deployment, or a nodepool of a compute cluster, of a user."""

    compute_cluster_id: str = ""
    nodepool_id: str = ""
    deployment_id: str = ""
    user_id: str = ""
    """Else whoever the credentials belong to."""

    @classmethod
    def of(
        cls,
        compute_cluster_id: str | None,
        nodepool_id: str | None,
        deployment_id: str | None,
        deployment_user_id: str | None,
    ) -> RunnerChoice | None:
        """Return what a program chose; None: the platform chooses.

        Raises:
            UserError: Half of a choice, or both.
        """
        pool = (compute_cluster_id, nodepool_id)
        if not (deployment_id or any(pool)):
            if deployment_user_id:
                raise UserError("deployment_user_id goes with deployment_id, or with a nodepool.")
            return None
        if deployment_id and any(pool):
            raise UserError(
                "You can only specify one of deployment_id or compute_cluster_id and nodepool_id."
            )
        if any(pool) and not all(pool):
            raise UserError("compute_cluster_id and nodepool_id go together.")
        ids = {
            "compute_cluster_id": compute_cluster_id,
            "nodepool_id": nodepool_id,
            "deployment_id": deployment_id,
            "deployment_user_id": deployment_user_id,
        }
        values = {name: check_id(name, value) for name, value in ids.items() if value}
        values["user_id"] = values.pop("deployment_user_id", "")
        return cls(**values)


def serialized(model: PredictionMethods) -> bytes:
    """Return the bytes of the selector of a model's predictions; none: the platform chooses.

    Where the program names no user, the platform is asked once who the credentials belong to.
    """
    chosen = model._chosen_runner
    if chosen is None:
        return b""
    if not chosen.user_id:
        chosen = attrs.evolve(chosen, user_id=_own_user_id(model))
        model._chosen_runner = chosen
    selector = resources_pb2.RunnerSelector()
    if chosen.deployment_id:
        selector.deployment.id = chosen.deployment_id
        selector.deployment.user_id = chosen.user_id
    else:
        selector.nodepool.id = chosen.nodepool_id
        selector.nodepool.compute_cluster.id = chosen.compute_cluster_id
        selector.nodepool.compute_cluster.user_id = chosen.user_id
    return selector.SerializeToString()


def _own_user_id(model: PredictionMethods) -> str:
    scope = resources_pb2.UserAppIDSet(user_id="me")
    request = service_pb2.GetUserRequest(user_app_id=scope)
    return str(model.session.call("GetUser", request).user.id)

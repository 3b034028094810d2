# Made of clarifai_resources.model._runner_selectors by a tool:
# change that, and run `python -m tools.asynchronous`.

"""Which machines work on a prediction, where a program chooses them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from clarifai_core.heavy import resources_pb2, service_pb2
from clarifai_resources.model._runner_selectors import RunnerChoice as RunnerChoice

if TYPE_CHECKING:
    from clarifai_aio._resources.model._prediction_methods import PredictionMethods


async def serialized(model: PredictionMethods) -> bytes:
    """Return the bytes of the selector of a model's predictions; none: the platform chooses.

    Where the program names no user, the platform is asked once who the credentials belong to.
    """
    chosen = model._chosen_runner
    if chosen is None:
        return b""
    if not chosen.user_id:
        chosen = attrs.evolve(chosen, user_id=await _own_user_id(model))
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


async def _own_user_id(model: PredictionMethods) -> str:
    scope = resources_pb2.UserAppIDSet(user_id="me")
    request = service_pb2.GetUserRequest(user_app_id=scope)
    return str((await model.session.call("GetUser", request)).user.id)

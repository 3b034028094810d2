"""Words of newer official releases that handles do not have, each with the reason.

A program that uses one gets an AttributeError that says so in a sentence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

_MACHINES = (
    "clusters, nodepools and deployments are no part of this SDK; their RPCs can be called: "
    "session.call('ListComputeClusters', request)"
)
_SECRETS = (
    "secrets of a user are no part of this SDK; their RPCs can be called: "
    "session.call('ListSecrets', request)"
)
_PIPELINES = (
    "pipelines are no part of this SDK; their RPCs can be called: "
    "session.call('ListPipelines', request)"
)
_OWN_METHODS = (
    "methods that a model's own code declares are called by the official SDK only; "
    "predict, generate and stream take Input messages"
)

WHY = {
    "user": {
        **dict.fromkeys(
            (
                *("compute_cluster", "create_compute_cluster", "list_compute_clusters"),
                *("delete_compute_clusters", "list_cloud_providers", "list_cloud_regions"),
                "list_instance_types",
            ),
            _MACHINES,
        ),
        **dict.fromkeys(
            ("get_secret", "list_secrets", "create_secrets", "patch_secrets", "delete_secrets"),
            _SECRETS,
        ),
        **dict.fromkeys(("list_pipelines", "list_pipeline_steps"), _PIPELINES),
        "list_organizations": "it is no RPC, but a page of the hosted platform's REST service",
    },
    "app": dict.fromkeys(("list_pipelines", "list_pipeline_steps"), _PIPELINES),
    "model": {
        **dict.fromkeys(("client", "async_client"), _OWN_METHODS),
        "create_version_by_file": (
            "uploads in parts are no part of this SDK; create_version_by_url takes a file that "
            "lies where the platform can fetch it"
        ),
        "from_current_context": (
            "contexts hold how to reach a platform, and no model; name it: Model(url) or "
            "Model(model_id=...)"
        ),
    },
}
"""Kind of handle -> name -> why it is not there."""


class Absent:
    """What handles of this package derive from first, to say why something is not there."""

    if not TYPE_CHECKING:

        def __getattr__(self, name: str) -> object:
            try:
                return super().__getattr__(name)
            except AttributeError:
                why = WHY.get(self.kind, {}).get(name)
                if why is None:
                    raise
            raise AttributeError(f"{type(self).__name__!r} object has no {name!r}: {why}.")

"""The kinds of resources that this package handles, each described once, as data.

Concepts, inputs and annotations have no handle: methods that list them return their messages.
"""

from __future__ import annotations

from clarifai_core.kinds import ResourceKind

USER = ResourceKind("user", in_app=False)
APP = ResourceKind(
    "app",
    in_app=False,
    rpc_names={"delete": "DeleteApp", "patch": "PatchApp"},
    patch_action="overwrite",
)
CONCEPT = ResourceKind("concept", patch_action="overwrite")

INPUT = ResourceKind("input")
ANNOTATION = ResourceKind("annotation")

MODEL = ResourceKind("model")
MODEL_VERSION = ResourceKind(
    "model_version", parent="model", rpc_names={"delete": "DeleteModelVersion"}
)

WORKFLOW = ResourceKind("workflow")
WORKFLOW_VERSION = ResourceKind("workflow_version", parent="workflow")

MODULE = ResourceKind("module")
MODULE_VERSION = ResourceKind("module_version", parent="module")
INSTALLED_MODULE_VERSION = ResourceKind("installed_module_version")

"""What this package adds to handles: names that programs for the official SDK read on each."""

from __future__ import annotations

from clarifai_core.contracts import MixinSpec
from clarifai_core.hookspecs import hookimpl

_HERE = "clarifai_compat._inherited"

_ALL = (
    "STUB",
    "_grpc_request",
    "auth_helper",
    "base",
    "convert_string_to_timestamp",
    "from_auth_helper",
    "from_env",
    "kwargs",
    "list_pages_generator",
    "logger",
    "pat",
    "process_response_keys",
    "root_certificates_path",
    "token",
    "userDataObject",
)
_WITH_A_MESSAGE = ("app", "model", "module", "runner", "user", "workflow")
_INPUTS = ("_bulk_upload", "_get_proto", "_upload_batch", "_wait_for_inputs", "input_info")


@hookimpl
def clarifai_register_mixins() -> list[MixinSpec]:
    """Add the inherited names: docs/inherited-names.md has what each is."""
    resources = f"{_HERE}:InheritedByResources"
    help_ = "Names that handles of the official SDK inherit."
    return [
        MixinSpec("inherited", f"{_HERE}:Inherited", help_, names=_ALL),
        MixinSpec(
            "inherited metadata",
            f"{_HERE}:Inherited",
            "The metadata of calls, where a resource has none of its own.",
            names=("metadata",),
            fills_unset_fields=True,
        ),
        *(
            MixinSpec(f"inherited {kind}", resources, help_, names=(f"{kind}_info",), kinds=(kind,))
            for kind in _WITH_A_MESSAGE
        ),
        MixinSpec(
            "inherited dataset",
            resources,
            help_,
            names=("dataset_info", "input_object"),
            kinds=("dataset",),
        ),
        MixinSpec(
            "inherited inputs",
            f"{_HERE}:InheritedByInputs",
            help_,
            names=_INPUTS,
            kinds=("inputs",),
        ),
        MixinSpec(
            "inherited search",
            f"{_HERE}:InheritedBySearch",
            help_,
            names=("data_proto", "inputs", "metric_distance"),
            kinds=("search",),
        ),
    ]

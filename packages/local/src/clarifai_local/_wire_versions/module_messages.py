"""The messages about modules: those of the installed release, or ours where it has none."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clarifai_grpc.grpc.api.resources_pb2 import (
        InstalledModuleVersion,
        Module,
        ModuleVersion,
    )
    from clarifai_grpc.grpc.api.service_pb2 import (
        DeleteInstalledModuleVersionsRequest,
        DeleteModulesRequest,
        DeleteModuleVersionsRequest,
        GetInstalledModuleVersionRequest,
        GetModuleRequest,
        GetModuleVersionRequest,
        ListInstalledModuleVersionsRequest,
        ListModulesRequest,
        ListModuleVersionsRequest,
        MultiInstalledModuleVersionResponse,
        MultiModuleResponse,
        MultiModuleVersionResponse,
        PatchModulesRequest,
        PatchModuleVersionsRequest,
        PostInstalledModuleVersionsRequest,
        PostModulesRequest,
        PostModuleVersionsRequest,
        SingleInstalledModuleVersionResponse,
        SingleModuleResponse,
        SingleModuleVersionResponse,
    )

    __all__ = [
        "DeleteInstalledModuleVersionsRequest",
        "DeleteModuleVersionsRequest",
        "DeleteModulesRequest",
        "GetInstalledModuleVersionRequest",
        "GetModuleRequest",
        "GetModuleVersionRequest",
        "InstalledModuleVersion",
        "ListInstalledModuleVersionsRequest",
        "ListModuleVersionsRequest",
        "ListModulesRequest",
        "Module",
        "ModuleVersion",
        "MultiInstalledModuleVersionResponse",
        "MultiModuleResponse",
        "MultiModuleVersionResponse",
        "PatchModuleVersionsRequest",
        "PatchModulesRequest",
        "PostInstalledModuleVersionsRequest",
        "PostModuleVersionsRequest",
        "PostModulesRequest",
        "SingleInstalledModuleVersionResponse",
        "SingleModuleResponse",
        "SingleModuleVersionResponse",
    ]
else:

    def __getattr__(name: str) -> type:
        """Return a message's class."""
        from clarifai_local._wire_versions.others import module_message

        try:
            return module_message(name)
        except KeyError:
            raise AttributeError(f"there is no message {name!r} about modules") from None

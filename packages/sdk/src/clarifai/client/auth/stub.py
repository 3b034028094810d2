"""Door to the stubs of programs that call the service themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_compat.auth_helper import create_stub

if TYPE_CHECKING:
    from clarifai_compat.auth_helper import ClarifaiAuthHelper as ClarifaiAuthHelper
    from clarifai_compat.logs import logger as logger
    from clarifai_compat.stub import RpcCallable as RpcCallable
    from clarifai_compat.stub import V2Stub as V2Stub
    from clarifai_compat.stub_kinds import AuthorizedStub as AuthorizedStub
    from clarifai_compat.stub_kinds import RetryStub as RetryStub
    from clarifai_compat.stub_kinds import retry_codes_grpc as retry_codes_grpc
    from clarifai_compat.stub_kinds import throttle_status_codes as throttle_status_codes
else:
    from clarifai_core.doors import door

    __getattr__, __dir__ = door(
        __name__,
        AuthorizedStub="clarifai_compat.stub_kinds:AuthorizedStub",
        ClarifaiAuthHelper="clarifai_compat.auth_helper:ClarifaiAuthHelper",
        RetryStub="clarifai_compat.stub_kinds:RetryStub",
        RpcCallable="clarifai_compat.stub:RpcCallable",
        V2Stub="clarifai_compat.stub:V2Stub",
        logger="clarifai_compat.logs:logger",
        retry_codes_grpc="clarifai_compat.stub_kinds:retry_codes_grpc",
        throttle_status_codes="clarifai_compat.stub_kinds:throttle_status_codes",
    )

__all__ = ["create_stub"]

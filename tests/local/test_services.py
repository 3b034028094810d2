"""Services that a program adds to a platform."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import service_pb2

from clarifai_local import Platform
from clarifai_local.dispatch import rpc


class Scopes:
    """Answers an RPC that the platform itself does not; made with the platform, as plugins' are."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform

    @rpc("MyScopes")
    def my_scopes(self, request, caller):
        return service_pb2.MultiScopeResponse(scopes=[caller.user_id, self.platform.url])


class Misspelt:
    @rpc("MyScope")
    def my_scopes(self, request, caller):
        return service_pb2.MultiScopeResponse()


def test_a_class_makes_a_service_with_the_platform(connect):
    with Platform(services=[Scopes]) as platform:
        answer = connect(platform.channel()).MyScopes()
        assert list(answer.scopes) == ["local", platform.url]


def test_a_function_makes_one_too(connect):
    with Platform(services=[lambda platform: Scopes(platform)]) as platform:
        assert list(connect(platform.channel()).MyScopes().scopes) == ["local", platform.url]


@pytest.mark.parametrize(
    ("service", "fault", "text"),
    [
        (
            object(),
            TypeError,
            r"made by a callable \(platform\) -> service, got <object",
        ),
        (lambda _: object(), TypeError, "answers no RPC: mark its methods with @rpc"),
        (lambda _: Misspelt(), ValueError, "answers 'MyScope', which is no RPC: did you mean 'My"),
    ],
)
def test_what_is_no_service_is_refused_and_the_directory_is_free_again(
    tmp_path, service, fault, text
):
    with pytest.raises(fault, match=text):
        Platform(tmp_path, services=[service])
    Platform(tmp_path).close()

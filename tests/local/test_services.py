"""Services that a program adds to a platform."""

from __future__ import annotations

import pytest
from clarifai_grpc.grpc.api import service_pb2

from clarifai_core.contracts import ServiceSpec
from clarifai_core.errors import UserError
from clarifai_core.hookspecs import hookimpl
from clarifai_core.trials import on_trial
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


def test_services_that_are_no_list_are_named():
    with pytest.raises(TypeError, match=r"services must be a list, .*: give \[Scopes\]"):
        Platform(services=Scopes)


class OtherScopes(Scopes):
    """Answers the same RPC."""


class Failing:
    def __init__(self, platform: Platform) -> None:
        raise RuntimeError("no luck")


class Silent:
    def __init__(self, platform: Platform) -> None:
        """Answer nothing."""


class MadeMisspelt(Misspelt):
    def __init__(self, platform: Platform) -> None:
        """Take the platform."""


FIVE = 5


class Acme:
    """A plugin that registers one service."""

    def __init__(self, name: str) -> None:
        self.name = name

    @hookimpl
    def clarifai_register_services(self):
        return [ServiceSpec(self.name.lower(), f"{__name__}:{self.name}", "A service.")]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("Failing", "fails: RuntimeError: no luck"),
        ("Silent", "fails: TypeError: the service .* answers no RPC"),
        ("MadeMisspelt", "answers 'MyScope', which is no RPC: did you mean 'MyScopes'"),
        ("FIVE", "fails: TypeError: a service is made by a callable .* got 5"),
    ],
)
def test_a_service_of_a_plugin_that_is_none_names_the_plugin_and_the_remedy(name, said):
    """It was our own plugin, which opens `local:`, that was named, and was to be blocked."""
    which = f"test_services:{name}, which the plugin acme registered as '{name.lower()}', {said}"
    with on_trial(Acme(name), name="acme"), pytest.raises(UserError, match=which) as caught:
        Platform()
    assert str(caught.value).endswith("; update it, or block it: CLARIFAI_BLOCK_PLUGINS=acme.")


def test_two_plugins_that_answer_one_rpc_are_a_clash():
    said = (
        "tests.local.test_services:OtherScopes, which the plugin two registered as 'otherscopes', "
        "answers MyScopes, as "
        "'scopes' of the plugin one does: one RPC is answered by one service; update it, or "
        "block it: CLARIFAI_BLOCK_PLUGINS=two."
    )
    one, two = on_trial(Acme("Scopes"), name="one"), on_trial(Acme("OtherScopes"), name="two")
    with one, two, pytest.raises(UserError) as caught:
        Platform()
    assert str(caught.value) == said


def test_a_program_may_replace_what_a_plugin_answers(connect):
    class Mine(Scopes):
        @rpc("MyScopes")
        def my_scopes(self, request, caller):
            return service_pb2.MultiScopeResponse(scopes=["mine"])

    with on_trial(Acme("Scopes"), name="one"), Platform(services=[Mine]) as platform:
        assert list(connect(platform.channel()).MyScopes().scopes) == ["mine"]

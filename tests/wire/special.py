"""Uses whose recorded text is not the whole program: what the recorder left out, by name.

`CALLS` replaces the calls, where the text is cut short or names an object of the official SDK's;
`FINISH` is what the program did after them; its result is the use's.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import grpc
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai.client.runner import Runner
from clarifai_core.transport.catalogue import rpc
from tests.wire.answers import Platform

_MODEL = "Model(model_id='mod', base_url='BASE_URL', pat='test-pat', user_id='me', app_id='app')"
_WORKFLOW = (
    "Workflow(workflow_id='wf', base_url='BASE_URL', pat='test-pat', user_id='me', app_id='app')"
)


def _texts(count: int) -> list[str]:
    return [
        f"get_text_input(input_id='in-{number}', raw_text='words {number}', dataset_id=None)"
        for number in range(count)
    ]


def _predicts(handle: str, count: int) -> list[str]:
    return [handle, *_texts(count), f"{handle.partition('(')[0]}.predict(inputs=BUILT)"]


CALLS: dict[str, list[str]] = {
    "lister.list_pages_generator.page": [
        "User(user_id='me', base_url='BASE_URL', pat='test-pat')",
        "User.list_pages_generator(endpoint=ENDPOINT('{HOST}'), proto_message=ListAppsRequest, "
        "request_data={'user_app_id': UserAppIDSet(user_id='me')}, page_no=2, per_page=1)",
    ],
    "model.predict.full_128": _predicts(_MODEL, 128),
    "model.predict.too_many": _predicts(_MODEL, 129),
    "workflow.predict.full_32": _predicts(_WORKFLOW, 32),
    "workflow.predict.too_many": _predicts(_WORKFLOW, 33),
}


def _list_apps_of(host: str) -> Callable[..., Any]:
    """Return a program's own stub of ListApps, with its own credentials."""
    method = rpc("ListApps")

    def call(request: Any) -> Any:
        with grpc.insecure_channel(host) as channel:
            stub = channel.unary_unary(
                method.path,
                request_serializer=method.request_class.SerializeToString,
                response_deserializer=method.response_class.FromString,
            )
            return stub(request, metadata=(("authorization", "Key test-pat"),))

    return call


NAMES: dict[str, Any] = {
    "ENDPOINT": _list_apps_of,
    "ListAppsRequest": service_pb2.ListAppsRequest,
    "UserAppIDSet": resources_pb2.UserAppIDSet,
}
"""What the replaced calls name."""


class WireRunner(Runner):
    """The recorded runner: says what it saw."""

    graceful_shutdown_seconds = 10.0

    def run_input(self, input: Any, output_info: Any) -> resources_pb2.Output:  # noqa: A002
        seen = f"seen {input.data.text.raw}"
        return resources_pb2.Output(data=resources_pb2.Data(text=resources_pb2.Text(raw=seen)))


class Running:
    """A runner that was started in a thread; whoever looks at it ends it."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.thread = threading.Thread(target=runner.start, daemon=True)
        self.thread.start()

    def end(self, platform: Platform) -> None:
        """Stop it, and let its waiting polls return."""
        self.runner.stop()
        platform.over.set()
        self.thread.join(60)
        assert not self.thread.is_alive()


def _start(results: list[Any]) -> Running:
    return Running(results[0])


FINISH: dict[str, Callable[[list[Any]], Any]] = {
    f"runner.start.{case}": _start
    for case in (
        "empty_request",
        "needs_retry",
        "no_items",
        "parallel",
        "parallel_default",
        "poll_unavailable",
    )
}

"""A program that uses the documented API, and nothing else.

The same file runs on our SDK and on the official one, in an environment of its own: what differs is
only the SDK that is installed. So it imports nothing but what both have.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from benchmarks.contestants.export_program import export_image as export_image
from benchmarks.contestants.export_program import export_text as export_text
from benchmarks.contestants.handles import ChannelCount, measured
from benchmarks.contestants.upload_program import upload_boxes as upload_boxes
from benchmarks.contestants.upload_program import upload_csv as upload_csv
from benchmarks.contestants.upload_program import upload_folder as upload_folder
from benchmarks.payloads import picture, pictures

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

_WHERE: dict[str, Any] = {"pat": "x", "user_id": "bench-user", "app_id": "bench-app"}


def handles(target: str, count: int) -> Callable[[], dict[str, Any]]:
    """Open a user, its app, the app's dataset and inputs; and models."""
    channels = ChannelCount()
    from clarifai.client.model import Model
    from clarifai.client.user import User

    base_url = f"http://{target}"

    def chain() -> object:
        user = User("bench-user", base_url=base_url, pat="x")
        app = user.app("bench-app")
        return user, app, app.dataset("bench-dataset"), app.inputs()

    return measured(
        channels,
        chain,
        lambda: Model(model_id="bench-model", base_url=base_url, **_WHERE),
        count,
    )


def list_inputs(target: str) -> Callable[[], int]:
    """List every input of an app."""
    from clarifai.client.input import Inputs

    inputs = Inputs(base_url=f"http://{target}", **_WHERE)
    list(inputs.list_inputs(page_no=1, per_page=1))
    return lambda: sum(1 for _ in inputs.list_inputs())


def list_many_inputs(target: str) -> Callable[[], int]:
    """List every input of a large app."""
    from clarifai.client.input import Inputs

    inputs = Inputs(base_url=f"http://{target}", **{**_WHERE, "app_id": "bench-app-of-many"})
    list(inputs.list_inputs(page_no=1, per_page=1))
    return lambda: sum(1 for _ in inputs.list_inputs())


def list_models(target: str, times: int = 1) -> Callable[[], int]:
    """List every model of an app, again and again."""
    from clarifai.client.app import App

    app = App(base_url=f"http://{target}", **_WHERE)
    list(app.list_models())
    return lambda: sum(1 for _ in range(times) for _ in app.list_models())


def search(target: str, count: int) -> Callable[[], int]:
    """Search by a text and a concept, and look at every hit."""
    from clarifai.client.search import Search

    options: dict[str, Any] = {**_WHERE, "base_url": f"http://{target}", "metric": "cosine"}
    asked: dict[str, Any] = {
        "ranks": [{"text_raw": "a dog"}],
        "filters": [{"concepts": [{"id": "id-cat", "value": 1}]}],
    }
    list(Search(top_k=1, **options).query(**asked))
    best = Search(top_k=count, **options)
    return lambda: sum(1 for page in best.query(**asked) for _ in page.hits)


def predict_by_bytes(target: str, count: int, size: int, in_flight: int) -> Callable[[], int]:
    """Ask a model about one picture at a time."""
    from clarifai.client.model import Model

    model = Model(model_id="bench-model", base_url=f"http://{target}", **_WHERE)
    content = picture(size)

    def ask(_: int) -> int:
        return len(model.predict_by_bytes(content, "image").outputs)

    return _repeated(ask, count, in_flight)


def predict_batches(
    target: str, count: int, batch: int, size: int, in_flight: int
) -> Callable[[], int]:
    """Ask a model about many pictures at a time."""
    from clarifai.client.input import Inputs
    from clarifai.client.model import Model

    model = Model(model_id="bench-model", base_url=f"http://{target}", **_WHERE)
    inputs = [
        Inputs.get_input_from_bytes(f"i{number}", image_bytes=content)
        for number, content in enumerate(pictures(batch, size))
    ]

    def ask(_: int) -> int:
        return len(model.predict(inputs).outputs)

    return _repeated(ask, count, in_flight)


def predict_same(target: str, count: int, batch: int, size: int) -> Callable[[], int]:
    """Ask about the same pictures again and again."""
    return predict_batches(target, count, batch, size, 1)


def runner(target: str, polls: int, count: int) -> Callable[[], int]:
    """Answer the items of a platform that always has one; the work is `count` more of them."""
    import itertools
    import logging
    import threading

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai.client.runner import Runner

    logging.disable(logging.INFO)
    numbers, goal, reached = itertools.count(1), [0], threading.Event()

    class Seeing(Runner):
        def run_input(self, input: Any, output_info: Any) -> Any:  # noqa: A002, ARG002
            number = next(numbers)
            if number == goal[0]:
                reached.set()
            output = resources_pb2.Output()
            output.data.concepts.add(id="dog", name="dog", value=0.9)
            return output

    made = Seeing(
        "bench-runner",
        "bench-user",
        check_runner_exists=False,
        base_url=f"http://{target}",
        pat="x",
        num_parallel_polls=polls,
    )
    threading.Thread(target=made.start, daemon=True).start()

    def more() -> int:
        reached.clear()
        goal[0] = next(numbers) + count
        reached.wait()
        return count

    goal[0] = polls
    reached.wait()
    return more


def _repeated(ask: Callable[[int], int], count: int, in_flight: int) -> Callable[[], int]:
    ask(0)
    if in_flight == 1:
        return lambda: sum(map(ask, range(count)))
    threads = ThreadPoolExecutor(in_flight)
    return lambda: sum(threads.map(ask, range(count)))

"""Measures the embedded platform, served on loopback, against its own targets.

uv run python -m benchmarks.platform: writes PLATFORM.md. It fills a fresh directory with 100,000
texts, asks, starts again, and asks how much memory the server holds. `--vectors 1000000` adds rows
about so many vectors.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from benchmarks import vectors
from benchmarks.report import Measured, machine
from clarifai.client.auth import create_stub
from clarifai.client.auth.helper import ClarifaiAuthHelper

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

RESULTS = Path(__file__).with_name("PLATFORM.md")
INPUTS = 100_000
_BATCH = 128
_ASKED = 15
_WORDS = ("harbour", "meadow", "lantern", "violin", "granite", "orchard", "comet", "bicycle")


@attrs.frozen
class Served:
    """A platform in a process of its own."""

    url: str
    pat: str
    pid: int

    def memory_mib(self) -> float:
        """Return what the process holds in memory, in MiB."""
        status = Path(f"/proc/{self.pid}/status").read_text("utf-8")
        (resident,) = re.findall(r"VmRSS:\s+(\d+) kB", status)
        return int(resident) / 1024


@contextmanager
def served(directory: Path) -> Iterator[tuple[Served, float]]:
    """Start a platform; yields it and the seconds until it answered."""
    began = time.monotonic()
    command = [str(Path(sys.executable).with_name("clarifai")), "local", "up"]
    options = ["--path", str(directory), "--port", "0"]
    with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            assert process.stdout is not None  # noqa: S101 - it is a pipe
            line = next(line for line in process.stdout if "http://" in line)
            found = re.search(r"http://[\w.:]+", line)
            assert found is not None  # noqa: S101 - the line has one
            pat = (directory / "pat").read_text("ascii").strip()
            yield Served(found[0], pat, process.pid), time.monotonic() - began
        finally:
            process.terminate()
            process.wait(60)


@attrs.define
class Client:
    """Raw RPCs about one app."""

    stub: Any
    scope: Any

    @classmethod
    def of(cls, platform: Served) -> Client:
        """Return a client of a platform."""
        auth = ClarifaiAuthHelper("me", "bench", platform.pat, base=platform.url)
        return cls(create_stub(auth), auth.get_user_app_id_proto())

    def call(self, rpc: str, **fields: Any) -> Any:
        """Call an RPC; anything but success ends the run."""
        request = getattr(service_pb2, f"{rpc}Request")(user_app_id=self.scope, **fields)
        answer = getattr(self.stub, rpc)(request)
        if answer.status.code != 10000:
            raise SystemExit(f"{rpc}: {answer.status}")
        return answer


def posted(client: Client) -> float:
    """Post every input, four requests at a time; return inputs per second."""
    requests = [
        [_text(number) for number in range(start, min(start + _BATCH, INPUTS))]
        for start in range(0, INPUTS, _BATCH)
    ]
    began = time.monotonic()
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda inputs: client.call("PostInputs", inputs=inputs), requests))
    return INPUTS / (time.monotonic() - began)


def _text(number: int) -> resources_pb2.Input:
    words = " ".join(_WORDS[number // 8**place % 8] for place in range(4))
    label = resources_pb2.Concept(id=_WORDS[number % 8], value=1)
    data = resources_pb2.Data(text=resources_pb2.Text(raw=f"{words} {number}"), concepts=[label])
    data.metadata.update({"number": number % 100})
    return resources_pb2.Input(id=f"t{number}", data=data)


def processed(client: Client) -> None:
    """Wait until no input is pending."""
    pending = service_pb2.ListInputsRequest(user_app_id=client.scope, per_page=1)
    for code in (30001, 30003):
        pending.status.code = code
        while client.stub.ListInputs(pending).inputs:
            time.sleep(0.5)  # what is measured comes later


def listed(client: Client) -> float:
    """List every input at 1000 a page; return inputs per second."""
    began = time.monotonic()
    total = 0
    for page in count(1):
        found = len(client.call("ListInputs", page=page, per_page=1000).inputs)
        total += found
        if found < 1000:
            return total / (time.monotonic() - began)
    return 0.0


def searched(client: Client, search: resources_pb2.Search) -> float:
    """Return the median of a search's milliseconds."""
    page = service_pb2.Pagination(page=1, per_page=20)

    def once() -> float:
        began = time.perf_counter()
        answer = client.call("PostInputsSearches", searches=[search], pagination=page)
        if len(answer.hits) != 20:
            raise SystemExit(f"a search found {len(answer.hits)} hits")
        return (time.perf_counter() - began) * 1000

    once()
    return median(once() for _ in range(_ASKED))


def searches() -> dict[str, resources_pb2.Search]:
    """Return the searches that are timed."""
    concept = resources_pb2.Concept(id="comet", value=1)
    by_concept = resources_pb2.Annotation(data=resources_pb2.Data(concepts=[concept]))
    by_metadata = resources_pb2.Annotation()
    by_metadata.data.metadata.update({"number": 7})
    by_text = resources_pb2.Annotation(
        data=resources_pb2.Data(text=resources_pb2.Text(raw="a violin in the orchard"))
    )
    found: dict[str, Callable[[resources_pb2.Query], Any]] = {
        "filter by concept": lambda query: query.filters.add(annotation=by_concept),
        "filter by metadata": lambda query: query.filters.add(annotation=by_metadata),
        "rank by text, 512 dimensions": lambda query: query.ranks.add(annotation=by_text),
    }
    made = {}
    for name, fill in found.items():
        made[name] = resources_pb2.Search()
        fill(made[name].query)
    return made


def run() -> list[Measured]:
    """Return every row."""
    with tempfile.TemporaryDirectory() as folder:
        directory = Path(folder) / "platform"
        rows = []
        with served(directory) as (platform, _):
            client = Client.of(platform)
            workflow = resources_pb2.Workflow(id="Universal")
            client.call("PostApps", apps=[resources_pb2.App(id="bench", default_workflow=workflow)])
            rows.append(Measured("PostInputs, 128 texts", posted(client), "inputs/s", 3000, True))
            processed(client)
            rows.append(
                Measured("ListInputs, 1000 a page", listed(client), "inputs/s", 50000, True)
            )
            for name, search in searches().items():
                target = 100.0 if name.startswith("rank") else 50.0
                rows.append(Measured(f"search: {name}", searched(client, search), "ms", target))
            rows.append(Measured("resident memory after that", platform.memory_mib(), "MiB", 600))
        with served(directory) as (platform, seconds):
            rows.append(Measured("start, until it answers", seconds, "s", 1))
        return rows


def document(rows: list[Measured]) -> str:
    """Return the page."""
    return "\n".join(
        [
            "# The embedded platform",
            "",
            f"Written by `uv run python -m benchmarks.platform`: {INPUTS:,} texts in one app on "
            "the base workflow",
            "Universal, server and client on the same machine.",
            "",
            *machine(),
            "",
            "| what | measured | target | met |",
            "|---|---|---|---|",
            *map(str, rows),
            "",
        ]
    )


def main() -> None:
    """Run the command."""
    parser = argparse.ArgumentParser("benchmarks.platform")
    parser.add_argument("--output", type=Path, default=RESULTS)
    parser.add_argument("--vectors", type=int, default=0, help="also measure so many vectors")
    arguments = parser.parse_args()
    rows = run()
    if arguments.vectors:
        rows += vectors.measured(arguments.vectors)
    text = document(rows)
    print(text)  # noqa: T201
    arguments.output.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

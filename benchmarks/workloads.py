"""The workloads and what they must reach: one table, which later rows are added to.

A row is a record here, and a function of its name in `contestants/program.py` and
`contestants/limit.py`.
"""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from benchmarks.answers import HIT_COUNT, INPUT_COUNT, MANY_COUNT, MODEL_COUNT

PER_BATCH = 128
PICTURE_BYTES = 10_000
PLUGINS = 10
"""Plugins that are installed when the command line starts."""


@attrs.frozen
class Target:
    """The most, or the least, that one figure of ours may be."""

    figure: str
    """Name of a figure in `FIGURES`."""
    bound: float
    relative: bool = True
    """Whether it is a multiple of the limit's figure; else it is in the figure's own unit."""
    at_least: bool = False
    """Whether less is worse."""


@attrs.frozen
class Workload:
    """Work that every contestant does, in processes that say when they are ready."""

    name: str
    """What the command takes: `"list-inputs-50"`."""
    function: str
    """The function of the contestants' modules."""
    title: str
    targets: tuple[Target, ...] = ()
    latency_ms: float = 0.0
    throttle_rate: float = 0.0
    """Requests a second that the server takes; 0: all. The row then has figures of refusals."""
    parameters: Mapping[str, int] = attrs.field(factory=dict)
    results: int | None = None
    """How many results there must be, if it matters; anything else is no result at all."""
    iterations: int = 5
    """Times that one process repeats it."""
    slow_iterations: int = 1
    """The same for the official SDK."""
    slow_parameters: Mapping[str, int] = attrs.field(factory=dict)
    """What the official SDK gets in place of some `parameters`: less of the same work."""
    slow_results: int | None = None
    """How many results there are then."""
    smaller: Mapping[str, int] = attrs.field(factory=dict)
    """In place of some `parameters` in a second process: the figure `growth_mib` is how much less
    memory that one takes at its peak."""
    contestants: tuple[str, ...] = ("limit", "ours", "official")

    def for_official(self) -> Workload:
        """Return what the official SDK has to do."""
        return attrs.evolve(
            self,
            parameters={**self.parameters, **self.slow_parameters},
            results=self.slow_results or self.results,
            iterations=self.slow_iterations,
        )


@attrs.frozen
class Start:
    """A process from its start to its end: an import, or a command."""

    name: str
    title: str
    programs: Mapping[str, tuple[str, ...]]
    """Contestant -> what comes behind its Python; `{bin}` is the folder that Python is in."""
    targets: tuple[Target, ...] = ()
    served: bool = False
    """Whether it talks to the server: `{target}` in a program is its address."""
    over_bare: bool = False
    """Whether the time that a bare interpreter takes is subtracted."""
    also: str = ""
    """Code that runs behind each program once, untimed, and prints more figures as JSON."""


FIGURES: Mapping[str, str] = {
    "wall_ms": "wall, ms",
    "cpu_ms": "client CPU, ms",
    "faults": "page faults",
    "peak_mib": "peak memory, MiB",
    "rpcs": "RPCs",
    "rate": "results a second",
    "refusals": "11005",
    "late_refusals": "11005 after 1 s",
    "growth_mib": "growth, MiB",
    "modules": "modules",
    "heavy_modules": "modules of grpc, protobuf, numpy",
    "channels": "channels",
    "chain_kib": "KiB per chain",
    "chain_us": "CPU per chain, us",
    "model_us": "CPU per Model(...), us",
}
"""Figure -> how it is printed."""

_IMPORT = "from clarifai.client.user import User"
_LOADED = (
    "import sys; loaded = list(sys.modules); import json; "
    "heavy = [n for n in loaded if n.split('.')[0] in ('grpc', 'google', 'numpy')]; "
    "print(json.dumps({'modules': len(loaded), 'heavy_modules': len(heavy)}))"
)


def _times(wall: float | None, cpu: float | None) -> tuple[Target, ...]:
    pairs = (("wall_ms", wall), ("cpu_ms", cpu))
    return tuple(Target(name, most) for name, most in pairs if most is not None)


def _predictions(in_flight: int, targets: tuple[Target, ...]) -> Workload:
    how = "one by one" if in_flight == 1 else f"{in_flight} in flight"
    return Workload(
        f"predict-bytes-{in_flight}",
        "predict_by_bytes",
        f"predict_by_bytes, 500 x 10 KB, {how}",
        targets,
        parameters={"count": 500, "size": PICTURE_BYTES, "in_flight": in_flight},
        results=500,
        iterations=10,
        slow_iterations=10,
    )


def _batches(in_flight: int, targets: tuple[Target, ...]) -> Workload:
    how = "one by one" if in_flight == 1 else f"{in_flight} in flight"
    sizes = {"count": 32, "batch": PER_BATCH, "size": PICTURE_BYTES}
    return Workload(
        f"predict-batch-{in_flight}",
        "predict_batches",
        f"predict, 32 batches of {PER_BATCH} x 10 KB, {how}",
        targets,
        parameters={**sizes, "in_flight": in_flight},
        results=32 * PER_BATCH,
        iterations=10,
        slow_iterations=10,
    )


def _search(latency_ms: int) -> Workload:
    return Workload(
        f"search-{latency_ms}",
        "search",
        f"search, {HIT_COUNT:,} hits",
        _times(1.5, 1.5),
        latency_ms=latency_ms,
        parameters={"count": HIT_COUNT},
        results=HIT_COUNT,
        iterations=10,
        slow_iterations=2,
    )


def _upload(
    what: str,
    latency_ms: int,
    targets: tuple[Target, ...],
    job_ms: int = 0,
) -> Workload:
    title, count, parameters = _UPLOADS[what]
    slow = f", jobs of {job_ms} ms" if job_ms else ""
    return Workload(
        f"upload-{what}{'-jobs' if job_ms else ''}-{latency_ms}",
        f"upload_{what}",
        f"{title}{slow}",
        targets,
        latency_ms=latency_ms,
        parameters={**parameters, **({"job_ms": job_ms} if job_ms else {})},
        results=count,
        iterations=3,
    )


_UPLOADS: Mapping[str, tuple[str, int, Mapping[str, int]]] = {
    "csv": ("upload 20,000 CSV rows", 20_000, {"rows": 20_000}),
    "folder": ("upload a folder, 5,000 x 10 KB", 5000, {"files": 5000, "size": PICTURE_BYTES}),
    "boxes": (
        "upload_dataset, 2,000 images x 5 boxes",
        2000,
        {"files": 2000, "size": PICTURE_BYTES},
    ),
}


_THROTTLED: tuple[Workload, ...] = (
    Workload(
        "upload-csv-throttled",
        "upload_csv",
        "upload 20,000 CSV rows (official: 3,000), 15 requests a second",
        (
            Target("rate", 1400, relative=False, at_least=True),
            Target("late_refusals", 0, relative=False),
        ),
        throttle_rate=15,
        parameters={"rows": 20_000},
        results=20_000,
        iterations=1,
        slow_parameters={"rows": 3000},
        slow_results=3000,
        contestants=("ours", "official"),
    ),
    Workload(
        "predict-throttled",
        "predict_by_bytes",
        "40 x predict_by_bytes, 16 in flight, 15 requests a second",
        (Target("wall_ms", 3000, relative=False), Target("late_refusals", 0, relative=False)),
        throttle_rate=15,
        parameters={"count": 40, "size": PICTURE_BYTES, "in_flight": 16},
        results=40,
        iterations=1,
        contestants=("ours", "official"),
    ),
)
"""A platform with a rate limit; there is nothing to compare with but the official SDK."""

_MEMORY = Workload(
    "upload-csv-memory",
    "upload_csv",
    "upload 100,000 CSV rows less 5,000",
    (Target("growth_mib", 5, relative=False),),
    parameters={"rows": 100_000},
    results=100_000,
    iterations=1,
    smaller={"rows": 5000},
    contestants=("ours", "official"),
)


def _export(kind: str, workers: int, most: float) -> Workload:
    what = "5,000 texts" if kind == "text" else "5,000 PNGs of 10 KB"
    return Workload(
        f"export-{kind}-{workers}",
        f"export_{kind}",
        f"export an archive of {what}, {workers} thread{'s' if workers > 1 else ''}",
        _times(None, most),
        parameters={"count": 5000, "workers": workers},
        results=5000,
        iterations=3,
    )


def _runner(polls: int) -> Workload:
    return Workload(
        f"runner-{polls}",
        "runner",
        f"runner, {50 * polls:,} items, {polls} poll{'s' if polls > 1 else ''}",
        _times(1 / 0.95, 1.4),
        latency_ms=20,
        parameters={"polls": polls, "count": 50 * polls},
        results=50 * polls,
        iterations=3,
        slow_iterations=2,
    )


_WHOLE_LIMIT = """
import sys, grpc
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
call = grpc.insecure_channel(sys.argv[1]).unary_unary(
    "/clarifai.api.V2/ListModels",
    request_serializer=service_pb2.ListModelsRequest.SerializeToString,
    response_deserializer=service_pb2.MultiModelResponse.FromString,
)
scope = resources_pb2.UserAppIDSet(user_id="bench-user", app_id="bench-app")
request = service_pb2.ListModelsRequest(user_app_id=scope, page=1, per_page=1000)
assert sum(1 for _ in call(request, metadata=(("authorization", "Key x"),)).models) == 300
"""
_WHOLE = """
import sys
from clarifai.client.app import App
where = {"user_id": "bench-user", "app_id": "bench-app", "pat": "x"}
app = App(base_url="http://" + sys.argv[1], **where)
assert sum(1 for _ in app.list_models()) == 300
"""
"""One listing from the start of a program to its end: what a first call imports counts here."""


ROWS: tuple[Workload | Start, ...] = (
    Start(
        "import",
        f"`{_IMPORT}`",
        {
            "limit": ("-c", "import grpc; from clarifai_grpc.grpc.api import service_pb2"),
            "ours": ("-c", _IMPORT),
            "official": ("-c", _IMPORT),
        },
        (Target("cpu_ms", 30, relative=False), Target("heavy_modules", 0, relative=False)),
        over_bare=True,
        also=_LOADED,
    ),
    Start(
        "program",
        f"a whole program: import, list {MODEL_COUNT} models, exit",
        {
            "limit": ("-c", _WHOLE_LIMIT, "{target}"),
            "ours": ("-c", _WHOLE, "{target}"),
            "official": ("-c", _WHOLE, "{target}"),
        },
        _times(None, 1.5),
        served=True,
    ),
    Start(
        "cli-version",
        f"`clarifai --version`, {PLUGINS} plugins",
        {"limit": ("-c", "import click"), "ours": ("{bin}/clarifai", "--version")},
        (Target("wall_ms", 100, relative=False),),
    ),
    Start(
        "cli-help",
        f"`clarifai --help`, {PLUGINS} plugins",
        {
            "limit": ("-c", "import click"),
            "ours": ("{bin}/clarifai", "--help"),
            "official": ("{bin}/clarifai", "--help"),
        },
        (Target("wall_ms", 100, relative=False),),
    ),
    Workload(
        "handles",
        "handles",
        "`User().app().dataset()`, `.inputs()`, 50 times; `Model(...)`",
        (
            Target("channels", 1, relative=False),
            Target("chain_kib", 20, relative=False),
            Target("model_us", 30, relative=False),
        ),
        parameters={"count": 50},
        iterations=3,
        contestants=("ours", "official"),
    ),
    _predictions(1, _times(1.05, 1.1)),
    _predictions(16, _times(1.05, 1.1)),
    _batches(1, _times(1.1, 1.2)),
    _batches(16, _times(1.1, 1.2)),
    Workload(
        "predict-same",
        "predict_same",
        f"predict, the same list of {PER_BATCH} x 10 KB again and again, 32 times",
        (*_times(None, 1.1), Target("faults", 32 * 40, relative=False)),
        parameters={"count": 32, "batch": PER_BATCH, "size": PICTURE_BYTES},
        results=32 * PER_BATCH,
        iterations=10,
        slow_iterations=10,
    ),
    Workload(
        "list-inputs-many",
        "list_many_inputs",
        f"list {MANY_COUNT:,} inputs",
        _times(None, 2),
        results=MANY_COUNT,
    ),
    Workload(
        "list-inputs-0",
        "list_inputs",
        f"list {INPUT_COUNT:,} inputs",
        _times(None, 2),
        results=INPUT_COUNT,
    ),
    Workload(
        "list-inputs-50",
        "list_inputs",
        f"list {INPUT_COUNT:,} inputs",
        _times(2.5, None),
        latency_ms=50,
        results=INPUT_COUNT,
    ),
    Workload(
        "list-models-0",
        "list_models",
        f"list {MODEL_COUNT} models",
        _times(5, 5),
        results=MODEL_COUNT,
        iterations=20,
        slow_iterations=2,
    ),
    Workload(
        "list-models-17",
        "list_models",
        f"list {MODEL_COUNT} models, 17 times (limit: 16 at once)",
        _times(None, 5),
        parameters={"times": 17},
        results=17 * MODEL_COUNT,
        slow_parameters={"times": 1},
        slow_results=MODEL_COUNT,
    ),
    Workload(
        "list-models-50",
        "list_models",
        f"list {MODEL_COUNT} models",
        _times(5, 5),
        latency_ms=50,
        results=MODEL_COUNT,
        slow_iterations=2,
    ),
    _search(0),
    _search(50),
    _upload("csv", 0, _times(None, 1.5)),
    _upload("csv", 50, _times(1.2, None)),
    _upload("folder", 0, _times(None, 1.4)),
    _upload("folder", 50, _times(1.2, None)),
    _upload("boxes", 0, _times(None, 1.7)),
    _upload("boxes", 50, _times(1.3, None)),
    _upload("csv", 50, _times(1.5, None), job_ms=300),
    _upload("boxes", 50, _times(1.5, None), job_ms=300),
    _MEMORY,
    *_THROTTLED,
    _export("text", 4, 1.2),
    _export("text", 1, 1.2),
    _export("image", 4, 1.0),
    _export("image", 1, 1.0),
    _runner(1),
    _runner(4),
    _runner(10),
)

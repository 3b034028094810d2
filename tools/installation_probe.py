"""Prints what an installation can do, as JSON; it runs inside of it and needs nothing.

    python -I tools/installation_probe.py

What is asked for may be missing or broken, so each answer stands alone: a value, or the error's
class and text.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import importlib.metadata
import io
import json
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

DOORS = (
    *(f"client.{name}" for name in ("app", "dataset", "input", "model", "search", "user")),
    "client.workflow",
    "datasets.upload.features",
    "errors",
)
"""Modules below `clarifai` that both SDKs have, and that nearly all programs import."""


def doors() -> dict[str, object]:
    """What `import clarifai` gives, with what it warns of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        version = importlib.import_module("clarifai").__version__
    said = [str(one.message) for one in caught if issubclass(one.category, RuntimeWarning)]
    return {"version": version, "warnings": [text for text in said if "clarifai" in text]}


def files() -> dict[str, list[str]]:
    """How the folder of the doors differs from what is recorded of them."""
    found = list(importlib.metadata.distributions(name="clarifai"))
    recorded = {
        str(file): file
        for one in found
        for file in one.files or ()
        if file.parts[0] == "clarifai" and file.suffix == ".py"
    }
    site = Path(next(p for p in sys.path if p.endswith("site-packages")))
    present = {path.relative_to(site).as_posix() for path in (site / "clarifai").rglob("*.py")}
    changed = [name for name, file in recorded.items() if name in present and not _is_same(file)]
    return {
        "distributions": sorted(one.version for one in found),
        "missing": sorted(recorded.keys() - present),
        "changed": sorted(changed),
        "foreign": sorted(present - recorded.keys()),
        "folder": ["clarifai"] if (site / "clarifai").exists() else [],
    }


def _is_same(file: importlib.metadata.PackagePath) -> bool:
    if file.hash is None:
        return True
    digest = hashlib.new(file.hash.mode, Path(str(file.locate())).read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == file.hash.value


def documented() -> list[str]:
    """Where the documented classes come from: each is imported, as programs do it."""
    for name in DOORS:
        importlib.import_module(f"clarifai.{name}")
    user = importlib.import_module("clarifai.client.user").User
    return [user.__module__]


def fault() -> str:
    """What our core says of the doors."""
    return str(importlib.import_module("clarifai_core.installation").doors_fault())


def program() -> list[object]:
    """Exit code and last line of `python -m clarifai --version`."""
    command = [sys.executable, "-m", "clarifai", "--version"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = (done.stdout + done.stderr).strip().splitlines()
    return [done.returncode, said[-1] if said else "", len(said)]


def clarifai_datasets() -> int:
    """Rows of a CSV file, read by a loader of the room."""
    loader = importlib.import_module("clarifai_datasets.upload.loader")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.csv")
        path.write_text("input,labels\nhello,greeting\nbye,farewell\n")
        rows = loader.open_loader(path, "csv")
        rows.load_data()
        return len(rows)


def clarifai_local() -> str:
    """An app that the embedded platform makes, in this process and without any handle."""
    local = importlib.import_module("clarifai_local")
    pb = importlib.import_module("clarifai_grpc.grpc.api.service_pb2")
    request = pb.PostAppsRequest(user_app_id={"user_id": "me"}, apps=[{"id": "a"}])
    with local.Platform() as platform:
        post = platform.channel().unary_unary(
            "/clarifai.api.V2/PostApps",
            request_serializer=type(request).SerializeToString,
            response_deserializer=pb.MultiAppResponse.FromString,
        )
        return str(post(request).apps[0].id)


def clarifai_search() -> int:
    """Filters that a query of terms comes to; its clauses are those of a plugin."""
    search = importlib.import_module("clarifai_search")
    near = search.near(13.4, 52.5, km=5)
    return len(search.Query().where(search.concept("cat"), near).filters)


def upload() -> int:
    """Rows that the doors bring into a dataset of the embedded platform."""
    user = importlib.import_module("clarifai.client.user").User("me", base_url="local:")
    app = user.create_app("shop")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "rows.csv")
        path.write_text("input,labels\nhello,greeting\nbye,farewell\n")
        app.create_dataset("d").upload_from_csv(str(path), csv_type="raw", labels=True)
    return len(list(app.inputs().list_inputs()))


QUESTIONS: tuple[Callable[[], object], ...] = (
    doors,
    files,
    documented,
    fault,
    program,
    clarifai_datasets,
    clarifai_local,
    clarifai_search,
    upload,
)


def answer(question: Callable[[], object]) -> object:
    """Return the answer, or what went wrong."""
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            return question()
    except Exception as error:  # noqa: BLE001  why: what is asked is what goes wrong, and how
        return f"{type(error).__name__}: {error}"


if __name__ == "__main__":
    print(json.dumps({question.__name__: answer(question) for question in QUESTIONS}))

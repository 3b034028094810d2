"""What a plugin's target makes is looked at when it is made: one sentence says what it must be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from clarifai_core.contracts import (
    ClauseSpec,
    EndpointSpec,
    ExporterSpec,
    LoaderSpec,
    PollerSpec,
    ResourceSpec,
    Spec,
)
from clarifai_core.errors import ClarifaiError, PluginError, UserError
from clarifai_core.handles import Handle
from clarifai_core.kinds import ResourceKind
from clarifai_core.plugins import plugins
from clarifai_local import Platform
from clarifai_resources.app import App
from clarifai_resources.user import User
from clarifai_runner.handle import Runner
from clarifai_search import Query


class Nothing:
    """Is called with anything, and can do nothing."""

    def __init__(self, *arguments: object, **options: object) -> None:
        pass


@attrs.frozen
class Misnamed:
    other: str

    def apply(self, target: Any) -> None:
        """Write nothing."""


class Nameless(Handle):
    """A handle that does not say its kind."""


KIND = ResourceKind("collector")
FIVE = 5


def failing(*arguments: object) -> None:
    raise RuntimeError("no luck")


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Have a plugin register one spec."""

    def add(what: str, spec: Spec) -> None:
        owner = plugins().list()[-1]
        table = {**plugins()._table(what), spec.name: (owner, spec)}
        monkeypatch.setitem(plugins()._specs, what, table)

    return add


@pytest.fixture(scope="module")
def app() -> Iterator[App]:
    with Platform() as platform:
        yield User("me", base_url=platform.url).create_app("zoo", base_workflow="Empty")


def here(name: str) -> str:
    return f"{__name__}:{name}"


@pytest.mark.parametrize(
    ("target", "said"),
    [
        ("Nothing", "makes a Nothing without needs_credentials: it must have needs_credentials,"),
        ("FIVE", "must be a class or function, not a int"),
        ("failing", "fails: RuntimeError: no luck"),
    ],
)
def test_an_endpoint_that_opens_no_connection(register: Any, target: str, said: str):
    register("endpoints", EndpointSpec("odd", here(target)))
    with pytest.raises(UserError, match=said) as caught:
        User("me", base_url="odd:x", pat="p").list_apps().all()
    assert "which a plugin registered as 'odd'" in str(caught.value)


def test_a_poller_that_cannot_poll(register: Any, app: App):
    register("pollers", PollerSpec("odd", here("Nothing")))
    User("me", base_url=app.settings.base_url).create_runner("r", ["x"])

    class Echo(Runner):
        def run_input(self, input, output_info):  # noqa: A002  why: as documented
            return None

    runner = Echo("r", "me", base_url=app.settings.base_url, poller="odd")
    with pytest.raises(PluginError, match="makes a Nothing without poll: it must have poll, post"):
        runner.start()


def test_an_exporter_that_cannot_add(register: Any, app: App, tmp_path: Any):
    register("exporters", ExporterSpec("odd", here("Nothing")))
    dataset = app.create_dataset("d")
    with pytest.raises(PluginError, match="without add: it must have add, finish"):
        dataset.export(tmp_path / "out", format="odd")


def test_a_loader_that_is_none(register: Any, app: App):
    from clarifai_datasets.upload.loader import open_loader

    register("loaders", LoaderSpec("odd", here("Nothing")))
    with pytest.raises(UserError, match="must be a ClarifaiDataLoader"):
        app.create_dataset("e").upload_dataset(open_loader("x", "odd"))


def test_a_clause_that_cannot_be_imported_is_not_passed_over(register: Any):
    register("search_clauses", ClauseSpec("odd", "no_such_module:x"))
    with pytest.raises(PluginError, match="cannot be imported"):
        Query.read([], [{"odd": "x"}])


@pytest.mark.parametrize("target", ["Nothing", "Misnamed", "FIVE"])
def test_a_clause_that_is_no_schema(register: Any, target: str):
    register("search_clauses", ClauseSpec("odd", here(target)))
    with pytest.raises(PluginError, match="must be an attrs class with a field 'odd' and a method"):
        Query.read([], [{"odd": "x"}])


@pytest.mark.parametrize(
    ("target", "kind", "said"),
    [
        ("Nothing", "KIND", "must name a subclass of clarifai_core.handles.Handle"),
        ("Nameless", "KIND", "Nameless is the handle of no kind, not of 'odd'"),
        ("Nameless", "FIVE", "it must be a clarifai_core.kinds.ResourceKind, not a int"),
        ("Nameless", "", "'odd' is no kind of resource that has ids"),
    ],
)
def test_a_resource_that_is_none(register: Any, app: App, target: str, kind: str, said: str):
    spec = ResourceSpec("odd", here(target), kind=here(kind) if kind else "")
    register("resources", spec)
    with pytest.raises(PluginError, match=said):
        app.open("odd", "x")


def test_opening_what_nobody_brings_says_so(app: App):
    with pytest.raises(ClarifaiError, match="No installed plugin brings 'shelf'"):
        app.open("shelf", "x")
    with pytest.raises(ClarifaiError, match=r"brings 'datasset'\. Did you mean 'dataset'\?"):
        app.open("datasset", "x")


def test_what_is_opened_needs_an_id(app: App):
    with pytest.raises(UserError, match="dataset_id"):
        app.open("dataset", "")


def test_a_version_is_opened_from_what_has_it(app: App):
    class Version(Handle):
        kind = "dataset_version"

    with pytest.raises(UserError, match="is opened from a dataset, not from App"):
        app.open(Version, "v")
    dataset = app.create_dataset("versioned")
    version_id = dataset.create_version(description="first").version.id
    assert dataset.open(Version, version_id).message.description == "first"

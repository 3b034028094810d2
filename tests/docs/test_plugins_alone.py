"""A distribution for each hook, of what docs/plugins.md prints: beside what it needs, and no more.

`test_plugins_page.py` uses all hooks together, with all of the SDK and a platform over a socket.
Here each stands alone: its part of the page's plugin module, the files that part names, and an
environment with the packages that `ALONE` lists.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import attrs
import pytest

from clarifai_core.hookspecs import HookSpecs
from tests.docs.plugins_page import printed_files
from tests.fresh_environment import Fresh, install
from tools import wheels


@attrs.frozen
class Alone:
    """What stands in an environment with one hook, and what somebody does there."""

    packages: tuple[str, ...]
    """Packages of the SDK besides core."""
    program: str
    prints: str


PLATFORM = """
from clarifai_grpc.grpc.api import service_pb2 as pb
from clarifai_local import Platform
def ask(platform, rpc, request, answer):
    post = platform.channel().unary_unary(
        f"/clarifai.api.V2/{rpc}",
        request_serializer=type(request).SerializeToString,
        response_deserializer=answer.FromString,
    )
    return post(request)
"""

ALONE = {
    "clarifai_register_resources": Alone(
        (),
        """
from acme.collectors import Collector
from clarifai_core.kinds import kind_named
one = Collector("asked", app_id="a", user_id="me", pat="k", description="All that is asked.")
print(kind_named("collector").title, one.id, one.description)
""",
        "Collector asked All that is asked.",
    ),
    "clarifai_register_mixins": Alone(
        ("inputs", "views", "resources"),
        """
from clarifai_resources.inputs import Inputs
from clarifai_resources.user import User
inputs = Inputs(app_id="a", user_id="me", pat="k")
print(*("label_counts" in dir(one) for one in (inputs, User("me", pat="k"))))
""",
        "True False",
    ),
    "clarifai_register_loaders": Alone(
        ("inputs", "views", "datasets"),
        """
from pathlib import Path
from clarifai_datasets.upload.loader import open_loader
Path("notes.tsv").write_text("good\\tsunny all day\\nbad\\train and wind\\n")
loader = open_loader("notes.tsv")
loader.load_data()
print(type(loader).__name__, len(loader), loader[1].labels)
""",
        "TsvLoader 2 ['bad']",
    ),
    "clarifai_register_exporters": Alone(
        ("inputs", "views", "datasets"),
        """
from pathlib import Path
from clarifai_datasets._convert import convert
Path("rows.csv").write_text("input,labels\\nsunny all day,good\\nrain and wind,bad\\n")
convert("rows.csv", "out", "tsv")
print(sorted(next(Path("out").rglob("texts.tsv")).read_text().split("\\n")))
""",
        "['', 'bad\\train and wind', 'good\\tsunny all day']",
    ),
    "clarifai_register_search_clauses": Alone(
        ("inputs", "views", "search"),
        """
from clarifai_search import Query, clause
filters = Query().where(clause("language", "de")).message().filters
print(dict(filters[0].annotation.data.metadata))
""",
        "{'language': 'de'}",
    ),
    "clarifai_register_pollers": Alone(
        (),
        """
from acme.pollers import ITEMS
from clarifai_core.plugins import plugins
poller = plugins().find("pollers", "memory").make(None, None, having=("poll", "post"))
ITEMS.put("work")
print(poller.poll(60), poller.poll(0))
""",
        "['work'] []",
    ),
    "clarifai_register_commands": Alone(
        ("inputs", "cli"),
        """
import sys
from clarifai_cli.main import main
sys.exit(main(["acme", "hello", "Ada"]))
""",
        "words  Hello, Ada.",
    ),
    "clarifai_register_endpoints": Alone(
        (),
        """
from clarifai_core.settings import Settings
from clarifai_core.transport.session import session_for
session = session_for(Settings.resolve(base_url="unix:/no/such.sock", pat="k"))
print(type(session.connection).__name__)
""",
        "SocketConnection",
    ),
    "clarifai_register_policies": Alone(
        ("local",),
        """
from acme.policies import CALLS
from clarifai_core.heavy import service_pb2
from clarifai_core.settings import Settings
from clarifai_core.transport.session import session_for
session = session_for(Settings.resolve(base_url="local:"))
session.call("ListApps", service_pb2.ListAppsRequest(user_app_id={"user_id": "me"}))
print(dict(CALLS))
""",
        "{'ListApps': 1}",
    ),
    "clarifai_credentials": Alone(
        ("local",),
        """
import json, os
from pathlib import Path
from clarifai_core.errors import UserError
from clarifai_core.heavy import service_pb2
from clarifai_core.settings import Settings
from clarifai_core.transport.session import session_for
from clarifai_local import Platform
request = service_pb2.ListAppsRequest(user_app_id={"user_id": "me"})
with Platform(pats=["k3y"]) as platform, platform.serve() as server:
    settings = Settings.resolve(base_url=server.address)
    try:
        session_for(settings)
    except UserError as error:
        print(str(error).partition(":")[0])
    Path("vault.json").write_text(json.dumps({f"http://{server.address}": "k3y"}))
    os.environ["ACME_VAULT"] = "vault.json"
    print(session_for(settings).call("ListApps", request).status.code)
""",
        "No credentials for 127.0.0.1\n10000",
    ),
    "clarifai_register_engines": Alone(
        ("local",),
        f"""{PLATFORM}
with Platform() as platform:
    scope = {{"user_id": "me"}}
    found = ask(platform, "ListModelTypes", pb.ListModelTypesRequest(), pb.MultiModelTypeResponse)
print([one.id for one in found.model_types if one.id.startswith("majority")])
""",
        "['majority-classifier']",
    ),
    "clarifai_register_services": Alone(
        ("local",),
        f"""{PLATFORM}
with Platform() as platform:
    scope = {{"user_id": "me", "app_id": "a"}}
    apps = pb.PostAppsRequest(user_app_id={{"user_id": "me"}}, apps=[{{"id": "a"}}])
    ask(platform, "PostApps", apps, pb.MultiAppResponse)
    kept = pb.PostCollectorsRequest(user_app_id=scope, collectors=[{{"id": "c"}}])
    ask(platform, "PostCollectors", kept, pb.MultiCollectorResponse)
    listed = pb.ListCollectorsRequest(user_app_id=scope)
    found = ask(platform, "ListCollectors", listed, pb.MultiCollectorResponse)
print([one.id for one in found.collectors])
""",
        "['c']",
    ),
    "clarifai_register_views": Alone(
        (),
        """
from clarifai_core.paging import Pager
listing = Pager.of_pages([[{"id": "a&b"}]])
print(listing._repr_html_(), listing)
""",
        '<a href="https://console.acme.example/a&amp;b">a&amp;b</a> '
        "<Pager: iterate it, or call .all()>",
    ),
}


def written(folder: Path, hook: str) -> Path:
    """Write a distribution with one hook of the page's plugin, and return its folder."""
    files = printed_files()
    start, *parts = re.split(r"\n\n\n(?=@hookimpl\n)", files["acme/plugin.py"])
    (part,) = (one for one in parts if f"def {hook}(" in one)
    (folder / "acme").mkdir(parents=True)
    (folder / "acme/__init__.py").touch()
    (folder / "acme/plugin.py").write_text(f"{start}\n\n\n{part}\n", "utf-8")
    for name in set(re.findall(r"acme\.(\w+)", part)):
        (folder / f"acme/{name}.py").write_text(files[f"acme/{name}.py"], "utf-8")
    bounds = {"views": ">=0.1,<0.2"}
    names = ("core", *ALONE[hook].packages)
    needs = [f"clarifai-{name}{bounds.get(name, '>=0.2,<0.3')}" for name in names]
    pyproject = files["pyproject.toml"].replace('["clarifai-core>=0.2,<0.3"]', str(needs))
    assert str(needs) in pyproject
    (folder / "pyproject.toml").write_text(pyproject, "utf-8")
    return folder


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheels of the packages that hooks need, by name."""
    names = {"core", *(name for one in ALONE.values() for name in one.packages)}
    packages = wheels.workspace()
    chosen = {name: packages[f"clarifai-{name}"] for name in names}
    found = wheels.build(
        {package.name: package for package in chosen.values()}, tmp_path_factory.mktemp("dist")
    )
    return {name: found[f"clarifai-{name}"] for name in names}


def test_each_hook_has_a_distribution():
    assert ALONE.keys() == {name for name in vars(HookSpecs) if name.startswith("clarifai_")}


@pytest.mark.parametrize("hook", ALONE)
def test_it_is_built_and_installed_beside_what_it_needs_and_used(
    hook: str, built: dict[str, Path], tmp_path: Path
):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=written(tmp_path / "source", hook), check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    case = ALONE[hook]
    ours = [built[name] for name in ("core", *case.packages)]
    fresh: Fresh = install(tmp_path / "environment", [wheel, *ours])
    assert fresh.run(case.program).strip() == case.prints

"""The plugin of docs/plugins.md, written from the page alone, built, installed and used.

One environment has the platform and the plugin, another the client's packages and the plugin; what
the one asks of the other goes over a socket to a real server.
"""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from clarifai.client.app import App
from clarifai.client.model import Model
from clarifai.client.user import User
from tests.datasets.conftest import png
from tests.docs.plugins_page import build_distribution, printed_files
from tests.fresh_environment import Fresh, install
from tools import wheels

PAT = "k3y0f7h3t3st5"
CLIENT = (
    *("core", "inputs", "views", "resources", "datasets", "search", "runner", "cli", "compat", ""),
)
PLATFORM = ("core", "local")

SERVE = f"""
import sys
from clarifai_local import Platform
with Platform(pats=[{PAT!r}]) as platform, platform.serve() as server:
    print(server.address, flush=True)
    sys.stdin.read()
"""
START = f"""
import json, sys
from clarifai.client.app import App
from clarifai.client.user import User
BASE, PAT = sys.argv[1], {PAT!r}
user = User("me", base_url=BASE, pat=PAT)
def new_app(app_id):
    return user.create_app(app_id, base_workflow="Empty")
"""


@attrs.frozen
class World:
    """A client's environment, and the address of a platform."""

    client: Fresh
    address: str

    def ask(self, code: str, *arguments: str, **variables: str) -> Any:
        """Run a program of the client, and return what it prints as JSON."""
        printed = self.client.run(START + code, self.address, *arguments, **variables)
        return json.loads(printed.splitlines()[-1])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("plugins")
    plugin = build_distribution(folder)
    names = {name: f"clarifai-{name}".rstrip("-") for name in {*CLIENT, *PLATFORM}}
    packages = {name: one for name, one in wheels.workspace().items() if name in names.values()}
    built = wheels.build(packages, folder / "dist")
    client = install(folder / "client", [plugin, *(built[names[name]] for name in CLIENT)])
    platform = install(folder / "platform", [plugin, *(built[names[name]] for name in PLATFORM)])
    server = subprocess.Popen(
        platform.command(SERVE),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=platform.variables(),
    )
    assert server.stdin is not None
    assert server.stdout is not None
    try:
        yield World(client, server.stdout.readline().strip())
    finally:
        server.stdin.close()
        server.wait(60)
        server.stdout.close()


def test_every_printed_file_imports_as_printed(world: World):
    names = {name for name in printed_files() if name.startswith("acme/")}
    of_platform = {f"acme/{name}.py" for name in ("engines", "moderation", "services")}
    platform = Fresh(world.client.folder.with_name("platform"))
    for fresh, files in ((world.client, names - of_platform), (platform, of_platform)):
        modules = [name.removesuffix(".py").replace("/", ".") for name in sorted(files)]
        fresh.run("".join(f"import {module}\n" for module in modules))
    assert len(names) == 16


def test_it_is_listed_with_all_its_hooks(world: World):
    program = (
        "import sys; sys.argv[1:] = ['plugins', '--json']\nfrom clarifai.__main__ import main\n"
    )
    rows = json.loads(world.client.run(f"{program}sys.exit(main())"))
    (acme,) = (row for row in rows if row["name"] == "acme")
    assert (acme["distribution"], acme["state"], acme["reason"]) == ("acme-clarifai", "loaded", "")
    assert len(acme["hooks"]) == 13


def test_resources(world: World):
    found = world.ask("""
from acme.collectors import Collector
from clarifai_core.errors import NotFound
app = new_app("collected")
Collector.create(app, "asked", description="All that is asked.")
Collector.create(app, "other")
opened = app.open(Collector, "asked")
by_name = app.open("collector", "asked")
facts = [opened.description, type(by_name).__name__, by_name.app_id]
facts.append([one.id for one in Collector.list_of(app)])
Collector("other", app_id="collected", user_id="me", base_url=BASE, pat=PAT).delete()
facts.append([one.id for one in Collector.list_of(app)])
try:
    app.open("collector", "other")
except NotFound as error:
    facts.append(error.code)
print(json.dumps(facts))
""")
    assert found[:3] == ["All that is asked.", "Collector", "collected"]
    assert found[3:] == [["asked", "other"], ["asked"], 11101]


def test_a_kind_of_a_plugin_has_verbs_at_the_prompt(world: World):
    found = world.ask("""
import contextlib, io, os
from acme.collectors import Collector
from clarifai.__main__ import main
app = new_app("prompted")
for name in ("one", "two"):
    Collector.create(app, name)
os.environ.update(CLARIFAI_PAT=PAT, CLARIFAI_USER_ID="me", CLARIFAI_API_BASE=BASE)
facts = []
for line in ("list -o ids", "show one -o ids", "delete two --yes", "list -o jsonl"):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        sys.argv[1:] = ["collector", *line.split(), "--app-id", "prompted"]
        code = main()
    facts.append([code, printed.getvalue()])
print(json.dumps(facts))
""")
    assert found[0] == [0, "one\ntwo\n"]
    assert [code for code, _ in found] == [0, 0, 0, 0]
    assert found[1][1] == "one\n"
    (left,) = found[3][1].splitlines()
    assert json.loads(left)["id"] == "one"


def test_mixins(world: World):
    found = world.ask("""
inputs = new_app("labelled").inputs()
for number, label in enumerate(["cat", "dog", "cat"]):
    inputs.upload_text(f"t{number}", f"text {number}", labels=[label])
facts = [inputs.label_counts(), inputs.most_frequent_label]
facts.append(type(inputs).label_counts(inputs)["dog"])
facts.append(["label_counts" in dir(one) for one in (inputs, user)])
print(json.dumps(facts))
""")
    assert found == [{"cat": 2, "dog": 1}, "cat", 1, [True, False]]


TSV = "good\tsunny all day\nbad\train and wind\n"


def test_loaders_and_exporters(world: World, tmp_path: Path):
    (tmp_path / "notes.tsv").write_text(TSV)
    found = world.ask(
        """
from clarifai.datasets import open_loader
dataset = new_app("tables").create_dataset("notes")
report = dataset.upload_dataset(open_loader(sys.argv[2]))
dataset.export(sys.argv[3], format="tsv")
print(json.dumps([report.uploaded, sorted(one.id for one in App(
    app_id="tables", user_id="me", base_url=BASE, pat=PAT).inputs().list_inputs())]))
""",
        str(tmp_path / "notes.tsv"),
        str(tmp_path / "out"),
    )
    assert found == [2, ["notes-0", "notes-1"]]
    (written,) = (tmp_path / "out").rglob("texts.tsv")
    assert sorted(written.read_text().splitlines()) == sorted(TSV.splitlines())


def test_search_clauses(world: World):
    found = world.ask("""
from clarifai_core.errors import UserError
from clarifai_search import Query, clause
app = new_app("spoken")
for name in ("de", "en"):
    app.inputs().upload_text(name, name, metadata={"language": name})
search = app.search()
facts = [[hit.input.id for hit in search.hits(filters=[{"language": "de"}])]]
facts.append([hit.input.id for hit in search.hits(Query().where(clause("language", "en")))])
try:
    search.hits(filters=[{"language": "German"}])
except UserError as error:
    facts.append(str(error))
print(json.dumps(facts))
""")
    assert found[:2] == [["de"], ["en"]]
    assert "language" in found[2]


def test_pollers(world: World):
    found = world.ask("""
import threading
from acme.pollers import ANSWERS, ITEMS
from clarifai.client.runner import Runner
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
user.create_runner("loud", ["loud"])
class Loud(Runner):
    def run_input(self, input, output_info):
        text = input.data.text.raw.upper()
        return resources_pb2.Output(data=resources_pb2.Data(text=resources_pb2.Text(raw=text)))
runner = Loud(runner_id="loud", user_id="me", poller="memory", base_url=BASE, pat=PAT)
item = service_pb2.RunnerItem(id="one")
wanted = resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw="hello")))
item.post_model_outputs_request.inputs.append(wanted)
ITEMS.put(item)
thread = threading.Thread(target=runner.start)
thread.start()
asked, answer = ANSWERS.get(timeout=60)
runner.stop()
thread.join(60)
(output,) = answer.multi_output_response.outputs
print(json.dumps([asked.id, output.data.text.raw, thread.is_alive()]))
""")
    assert found == ["one", "HELLO", False]


def test_commands(world: World):
    program = "import sys; sys.argv[1:] = ARGUMENTS\nfrom clarifai.__main__ import main\n"
    greeted = program.replace("ARGUMENTS", "['acme', 'hello', 'Ada']") + "sys.exit(main())"
    assert world.client.run(greeted) == "words  Hello, Ada.\n"
    helped = program.replace("ARGUMENTS", "['acme', '--help']") + "sys.exit(main())"
    assert "Greet somebody." in world.client.run(helped)
    cleaned = program.replace(
        "ARGUMENTS", f"{['acme', 'clean', '--base-url', world.address, '--app-id', 'tidy', '-y']}"
    )
    found = world.ask(
        f"""
app = new_app("tidy")
app.create_dataset("tmp-1"), app.create_dataset("kept")
{cleaned}
import contextlib, io, os
os.environ.update(CLARIFAI_PAT=PAT, CLARIFAI_USER_ID="me")
with contextlib.redirect_stdout(io.StringIO()):
    main()
print(json.dumps([one.id for one in app.list_datasets()]))
""",
    )
    assert found == ["kept"]


def test_endpoints(world: World, tmp_path: Path):
    path = f"{tmp_path}/platform.sock"
    with forwarded(path, world.address):
        found = world.ask(
            """
app = App(app_id="behind", user_id="me", base_url=sys.argv[2], pat=PAT)
new_app("behind")
app.inputs().upload_text("a", "a text")
print(json.dumps([one.id for one in app.inputs().list_inputs()]))
""",
            f"unix:{path}",
        )
    assert found == ["a"]


class forwarded:  # noqa: N801  why: it reads as the function that it is
    """Has what comes to a socket file go to a TCP address, and back, for the length of a block."""

    def __init__(self, path: str, address: str) -> None:
        host, _, port = address.rpartition(":")
        self._address = (host, int(port))
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(path)
        self._listening.listen()
        self._open: list[socket.socket] = [self._listening]
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> forwarded:
        self._start(self._accept)
        return self

    def __exit__(self, *error: object) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):  # the other side was faster
                one.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(30)
        for one in self._open:
            one.close()

    def _start(self, work: Any, *arguments: Any) -> None:
        self._threads.append(threading.Thread(target=work, args=arguments))
        self._threads[-1].start()

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listening.accept()
            except OSError:  # the block is over
                return
            far = socket.create_connection(self._address)
            self._open += [near, far]
            self._start(_pump, near, far)
            self._start(_pump, far, near)


def _pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:  # one side hung up
        return


def test_policies(world: World):
    found = world.ask("""
from acme.policies import CALLS
user.list_apps().all()
try:
    user.app("no-such-app")
except Exception:
    pass
print(json.dumps(CALLS))
""")
    assert found == {"ListApps": 1}


def test_credentials(world: World, tmp_path: Path):
    vault = tmp_path / "vault.json"
    vault.write_text(json.dumps({f"http://{world.address}": PAT}))
    code = 'print(json.dumps(len(User("me", base_url=BASE).list_apps().all()) >= 0))'
    assert world.ask(code, ACME_VAULT=str(vault)) is True
    vault.write_text(json.dumps({"https://elsewhere.example.com:443": PAT}))
    with pytest.raises(AssertionError, match="No credentials"):
        world.ask(code, ACME_VAULT=str(vault))


def test_engines(world: World):
    app = User("me", base_url=world.address, pat=PAT).create_app("voting", base_workflow="Empty")
    for number, label in enumerate(["cat", "dog", "cat"]):
        app.inputs().upload_text(f"t{number}", f"text {number}", labels=[label])
    model = app.create_model("most", model_type_id="majority-classifier")
    model.get_params(save_to=None)
    model.train()
    trained = model.wait_until_trained(timeout_seconds=60)
    (output,) = trained.predict_by_bytes(b"anything", "text").outputs
    assert [(one.name, one.value) for one in output.data.concepts] == [("cat", 1)]


def test_a_model_behind_a_public_one(world: World):
    model = Model(
        model_id="moderation-recognition",
        user_id="clarifai",
        app_id="main",
        base_url=world.address,
        pat=PAT,
    )
    answers = [
        model.predict_by_bytes(png(shade, size=16), "image").outputs[0].data.concepts[0].id
        for shade in (0, 255)
    ]
    assert answers == ["suspicious", "safe"]


def test_services(world: World):
    from clarifai_core import ops
    from clarifai_core.kinds import ResourceKind

    kind = ResourceKind("collector")
    app = App(app_id="voting", user_id="me", base_url=world.address, pat=PAT)
    for number in range(5):
        ops.create(app, kind, {"id": f"c{number}"})
    listed = ops.pager(app, kind, lambda message: message.id)
    assert listed.all() == [f"c{number}" for number in range(5)]
    assert ops.pager(app, kind, None, page_no=2, per_page=2).all()[0].id == "c2"
    ops.delete(app, kind, ["c0", "c1"])
    assert len(listed.all()) == 3


def test_in_code(world: World):
    (world.client.folder / "embedded.py").write_text(printed_files()["embedded.py"])
    found = world.ask("""
import embedded
new_app("timed")
ids = embedded.app_ids(BASE, PAT)
print(json.dumps(["timed" in ids, list(embedded.SECONDS)]))
""")
    assert found == [True, ["ListApps"]]

"""A platform with something of each kind, and the program run in this process."""

from __future__ import annotations

import io
import itertools
import shlex
import sys
from pathlib import Path

import attrs
import pytest
from clarifai_grpc.grpc.api import resources_pb2
from PIL import Image

from clarifai_cli._frame import program
from clarifai_core import ops
from clarifai_core.contexts import Contexts
from clarifai_local import Platform
from clarifai_resources._kinds import MODULE_VERSION
from clarifai_resources.app import App
from clarifai_resources.module import Module
from clarifai_resources.user import User

TEXTS = {"cat": "purring on the sofa", "dog": "barking at the gate", "rat": "squeaking below"}
WORKFLOW = """
workflow:
  id: {id}
  nodes:
    - id: only
      model:
        model_id: animals
        model_version_id: {version}
"""


@attrs.frozen
class Done:
    """What a command line came to."""

    code: int
    out: str
    err: str


@attrs.define
class World:
    """Where the commands of the tests run."""

    folder: Path
    words: dict[str, str]
    numbers: itertools.count = attrs.field(factory=itertools.count)

    @property
    def base_url(self) -> str:
        return f"local:{self.folder / 'one'}"

    def new(self) -> str:
        """Return a word that nothing is called yet."""
        return f"n{next(self.numbers)}"

    def split(self, line: str, new: str) -> list[str]:
        """Return the arguments of a line, with what it leaves open filled in."""
        return [word.format(**self.words, new=new) for word in shlex.split(line, posix=False)]


def run(arguments: list[str], stdin: str = "") -> Done:
    """Run the program as its process would; nobody sits at a terminal."""
    kept = sys.stdin, sys.stdout, sys.stderr
    sys.stdin, sys.stdout, sys.stderr = io.StringIO(stdin), io.StringIO(), io.StringIO()
    try:
        code = program.run(arguments)
        return Done(code, sys.stdout.getvalue(), sys.stderr.getvalue())
    finally:
        sys.stdin, sys.stdout, sys.stderr = kept


def furnished(folder: Path) -> World:
    """Make a platform with something of each kind, and the files that commands read."""
    world = World(folder, {"folder": str(folder)})
    source = folder / "source"
    source.mkdir()
    (source / "data.jsonl").write_text('{"id": "up", "text": "uploaded", "labels": ["cat"]}\n')
    picture = folder / "red.png"
    Image.new("RGB", (64, 64), "red").save(picture)
    world.words |= {"source": str(source), "picture": str(picture)}
    app = User("me", base_url=world.base_url).create_app("zoo")
    for name in ("train", "other"):
        app.create_dataset(name)
    _upload(app)
    app.create_model("animals", model_type_id="embedding-classifier")
    version = _trained(app)
    workflow = folder / "flow.yml"
    workflow.write_text(WORKFLOW.format(id="flow", version=version))
    app.create_workflow(workflow, display=False)
    _with_version(app.create_module("panel", "Panel"))
    User("me", base_url=world.base_url).create_runner("worker", ["cpu"])
    world.words |= {"workflow": str(workflow), "version": version}
    small = folder / "small"
    with Platform(small):
        pass
    run(["local", "export", str(folder / "state.zip"), "--path", str(small)])
    world.words |= {"platform": str(small), "state": str(folder / "state.zip")}
    return world


def _upload(app: App) -> None:
    inputs = app.inputs()
    labelled = [
        inputs.get_text_input(name, text, "train", labels=[name]) for name, text in TEXTS.items()
    ]
    inputs.upload_inputs(labelled, show_log=False, raise_on_failure=True)


def _with_version(module: Module) -> None:
    ops.create(module, MODULE_VERSION, {"description": "First"}, module_id=module.id)


def _trained(app: App) -> str:
    model = app.model("animals")
    model.get_params(save_to=None)
    model.update_params(dataset_id="train")
    version = model.train()
    model.wait_until_trained(version)
    model.evaluate("train")
    app.dataset("train").create_version()
    return version


def at_home(world: World, patch: pytest.MonkeyPatch, home: Path) -> None:
    """Have commands of this process work in the world, with contexts of their own."""
    patch.setenv("CLARIFAI_API_BASE", world.base_url)
    patch.setenv("CLARIFAI_USER_ID", "me")
    patch.setenv("CLARIFAI_APP_ID", "zoo")
    patch.setenv("HOME", str(home))
    patch.setenv("CLARIFAI_CONTEXTS_FILE", str(home / "contexts.yaml"))
    patch.delenv("CLARIFAI_PAT", raising=False)
    patch.chdir(home)
    values = {"base_url": world.base_url, "user_id": "me", "app_id": "zoo"}
    nowhere = {"base_url": "nowhere:x", "user_id": "me", "app_id": "zoo"}
    Contexts(home / "contexts.yaml", {"one": values, "nowhere": nowhere}, "one").write()


def annotation(world: World, label: str) -> str:
    """Make an annotation, and return its name at the prompt."""
    inputs = App(app_id="zoo", user_id="me", base_url=world.base_url).inputs()
    made = resources_pb2.Annotation(input_id="dog")
    made.data.concepts.add(id=f"id-{label}", name=label, value=1)
    inputs.upload_annotations([made], show_log=False)
    newest = next(
        one
        for one in inputs.list_annotations([resources_pb2.Input(id="dog")])
        if one.data.concepts and one.data.concepts[0].name == label
    )
    return f"dog/{newest.id}"


def model_version(world: World) -> str:
    """Begin a training of the model, and return the id of its version."""
    line = "model train animals --dataset-id train --no-wait -o ids"
    return run([*line.split(), "--base-url", world.base_url]).out.strip()


def workflow_version(world: World) -> str:
    """Change the workflow, and return the id of the version that this makes."""
    app = App(app_id="zoo", user_id="me", base_url=world.base_url)
    app.patch_workflow("flow", "overwrite", world.words["workflow"])
    return str(app.workflow("flow").message.version.id)

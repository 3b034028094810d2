"""Every import path of the official SDK leads somewhere, or says in one sentence what to use.

The paths are facts: modules and public names of releases 10.1.1 and 12.5.0, read off their sources,
and what programs of the age of release 9 import.
"""

from __future__ import annotations

import importlib
import importlib.util
import pickle
import subprocess
import sys

import pytest

from clarifai_compat.not_here import ELSEWHERE, NOT_HERE, RULES, official_names
from clarifai_core.doors import signpost
from tests.sdk.test_import_cost import HEAVY, loaded_by
from tools import environments, import_paths

PATHS = import_paths.paths()


def test_the_page_is_as_the_tool_writes_it():
    text = import_paths.PAGE.read_text("utf-8")
    assert import_paths.render(text) == text, "run: python -m tools.import_paths"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.module)
def test_a_path_works_or_says_one_sentence(path):
    assert path.faults == ()
    for said, _ in path.said:
        assert said.strip()
        assert said.endswith(".")
        assert "\n" not in said


WORK = (
    "clarifai.auth.helper.ClarifaiAuthHelper",
    "clarifai.client.BaseClient",
    "clarifai.client.V2Stub",
    "clarifai.client.create_stub",
    "clarifai.client.auth.register.V2Stub",
    "clarifai.client.auth.stub.create_stub",
    "clarifai.client.model.Inputs",
    "clarifai.datasets.export.inputs_annotations.DatasetExportReader",
    "clarifai.datasets.upload.image.VisualClassificationDataset",
    "clarifai.listing.lister.ClarifaiResourceLister",
    "clarifai.modules.css.ClarifaiStreamlitCSS",
    "clarifai.rag.RAG",
    "clarifai.utils.evaluation.EvalResultCompare",
    "clarifai.utils.evaluation.EvalType",
    "clarifai.utils.logging.get_logger",
    "clarifai.utils.logging.logger",
    "clarifai.utils.misc.BackoffIterator",
    "clarifai.workflows.export.Exporter",
    "clarifai.workflows.validate.validate",
)


@pytest.mark.parametrize("name", WORK)
def test_what_programs_import_most_works(name):
    module, _, attribute = name.rpartition(".")
    assert attribute in next(one.works for one in PATHS if one.module == module)


def test_at_least_as_much_works_as_did():
    """A path that is lost is lost for programs: the number goes up only."""
    works = sum(one.is_there for one in PATHS) + sum(len(one.works) for one in PATHS)
    assert works >= 388


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("from clarifai.client import Nodepool", "clarifai.client.Nodepool is not part of this"),
        ("import clarifai.client.nodepool", "create_stub() returns"),
        ("from clarifai.client.nodepool import Nodepool", "clarifai.client.nodepool is not"),
        ("from clarifai.runners.models.model_class import ModelClass", "Runner, which calls your"),
        ("from clarifai.runners import ModelClass", "clarifai.runners.ModelClass is not"),
        ("from clarifai.rest import ClarifaiApp", "the old REST client is gone"),
    ],
)
def test_the_sentence_is_the_error(statement, said):
    with pytest.raises(ImportError) as caught:
        exec(statement)
    assert said in str(caught.value)


def test_packages_without_modules_of_ours_are_empty():
    for name in ("clarifai.models", "clarifai.runners", "clarifai.runners.utils"):
        module = importlib.import_module(name)
        assert not {"ModelClass", "ModelRunner", "Models"} & {*dir(module)}


def test_what_no_release_has_is_an_ordinary_error():
    with pytest.raises(ModuleNotFoundError, match=r"No module named 'clarifai\.utilz'"):
        importlib.import_module("clarifai.utilz")
    with pytest.raises(ImportError, match="cannot import name 'Usr'"):
        exec("from clarifai.client import Usr")
    assert importlib.util.find_spec("clarifai.utilz") is None
    assert not hasattr(importlib.import_module("clarifai.runners"), "unheard_of")
    assert signpost("clarifai.client.Usr") == ""


def test_names_are_looked_for_in_all_modules_without_harm():
    """pickle asks every module for a name, such as that of a function of numpy's."""
    import numpy as np

    for name in official_names():
        try:
            importlib.import_module(name)
        except ImportError:
            continue
    assert pickle.loads(pickle.dumps(np.add)) is np.add


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_rule_covers_a_path(name):
    """One that covers none is about a path that no release has."""
    assert any(one == name or one.startswith(f"{name}.") for one in NOT_HERE)


@pytest.mark.parametrize("name", sorted(ELSEWHERE))
def test_what_is_elsewhere_is_there(name):
    assert hasattr(importlib.import_module(ELSEWHERE[name]), name)


LIGHT = [
    "clarifai.modules.css",
    "clarifai.utils.misc",
    "clarifai.utils.logging",
]


@pytest.mark.parametrize("module", LIGHT)
def test_a_door_of_these_loads_nothing_heavy(module):
    assert loaded_by(f"import {module}") & {*HEAVY, "pandas", "rich"} == set()


def test_the_table_is_read_when_an_import_fails_only():
    code = (
        "import clarifai.client, clarifai.client.app, sys\n"
        "from clarifai.client.user import User\n"
        "clarifai.client.app.Inputs\n"
        "assert 'clarifai_compat.not_here' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


OFFICIAL = (
    (*environments.OFFICIAL_10, "10.1.1"),
    ("official-12.5.0", ("clarifai==12.5.0", "rich"), "12.5.0"),
)
WALK = """
import pathlib, clarifai
root = pathlib.Path(clarifai.__file__).parent
for path in root.rglob("*.py"):
    parts = path.relative_to(root.parent).with_suffix("").parts
    if all(part.isidentifier() for part in parts):
        print(".".join(parts).removesuffix(".__init__"))
"""


@pytest.mark.parametrize(("name", "requirements", "release"), OFFICIAL)
def test_the_list_has_every_module_of_a_release(name, requirements, release):
    try:
        made = environments.make(name, requirements, python=environments.old_python())
    except environments.Unavailable as error:
        pytest.skip(f"no official SDK {release} here: {error}")
    done = subprocess.run(
        [made.python, "-c", WALK], check=True, capture_output=True, text=True, timeout=60
    )
    assert set(done.stdout.split()) <= set(official_names())

"""`clarifai.utils`, `modules`, `listing`, `workflows`: each name does what it says.

Values are those that the official SDK (10.1.1, 12.5.0) gives when it is run on the same.
"""

from __future__ import annotations

import logging
import types

import pytest
from clarifai_grpc.grpc.api import resources_pb2

from clarifai.client import Inputs, create_stub
from clarifai.errors import NotFound, UserError
from clarifai.listing.lister import ClarifaiResourceLister
from clarifai.modules.css import ClarifaiStreamlitCSS
from clarifai.modules.pages import ClarifaiModulePageManager
from clarifai.urls.helper import ClarifaiUrlHelper
from clarifai.utils.logging import (
    add_file_handler,
    clear_logger_context,
    get_logger,
    get_logger_context,
    get_req_id_from_context,
    restore_logger_context,
    set_logger_context,
    table_from_dict,
)
from clarifai.utils.misc import (
    BackoffIterator,
    clean_input_id,
    concept_relations_accumulation,
    format_bytes,
    get_from_dict_env_or_config,
    get_from_dict_or_env,
    get_from_env,
    get_uuid,
    status_is_retryable,
)
from clarifai.utils.protobuf import dict_to_protobuf
from clarifai.versions import CLIENT_VERSION, OS_VER, PYTHON_VERSION
from clarifai.workflows.export import Exporter
from clarifai.workflows.validate import validate


def test_pauses_grow_to_a_limit():
    pauses = BackoffIterator(10)
    assert iter(pauses) is pauses
    assert next(pauses) == pytest.approx(0.1 * 1.3**11)
    for _ in range(2000):
        last = next(pauses)
    assert last == 10.24


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("My photos/cat 1.jpg", "my_photos_cat_1_jpg"),
        ("--a__b--c--", "a_b-c"),
        ("Größe!", "gre"),
    ],
)
def test_ids_of_inputs_are_cleaned(given, cleaned):
    assert clean_input_id(given) == cleaned


def test_sizes_and_ids():
    assert [format_bytes(size) for size in (0, 1, 1536, 5 * 1024**3)] == [
        "0 B",
        "1.0 B",
        "1.5 KB",
        "5.0 GB",
    ]
    assert (len(get_uuid(8)), get_uuid(8) != get_uuid(8)) == (8, True)
    assert (status_is_retryable(21354), status_is_retryable(10000)) == (True, False)


def test_relations_are_gathered_by_what_is_above():
    found = concept_relations_accumulation({}, "dog", "animal", "hyponym")
    concept_relations_accumulation(found, "animal", "cat", "hypernym")
    concept_relations_accumulation(found, "a", "b", "synonym")
    assert found == {"animal": ["dog", "cat"], "a": [], "b": []}


def test_values_come_from_arguments_the_environment_and_the_context(monkeypatch, state_directory):
    monkeypatch.setenv("ELSEWHERE", "there")
    assert get_from_env("thing", "ELSEWHERE") == "there"
    assert get_from_dict_or_env("thing", "ELSEWHERE", thing="here") == "here"
    with pytest.raises(UserError, match=r"thing is given nowhere.*set NOWHERE"):
        get_from_dict_or_env("thing", "NOWHERE", thing="")
    with pytest.raises(UserError, match="set CLARIFAI_PAT"):
        get_from_dict_env_or_config("pat", "CLARIFAI_PAT")
    with pytest.raises(UserError, match="set CLARIFAI_API_BASE"):
        get_from_dict_env_or_config("base", "CLARIFAI_API_BASE")
    monkeypatch.setenv("CLARIFAI_PAT", "abc")
    assert get_from_dict_env_or_config("pat", "CLARIFAI_PAT") == "abc"


def test_messages_from_dicts(caplog):
    model = resources_pb2.Model(name="kept")
    told = {
        "id": "m",
        "unheard": 1,
        "model_version": {"id": "v", "other": 2, "created_at": "2024-05-01T10:00:00Z"},
        "visibility": {"gettable": "PUBLIC"},
    }
    with caplog.at_level(logging.WARNING):
        dict_to_protobuf(model, told)
    assert (model.name, model.id, model.model_version.id) == ("kept", "m", "v")
    assert model.model_version.created_at.seconds == 1714557600
    assert ["unheard" in caplog.text, "other" in caplog.text] == [True, True]


def test_a_logger_writes_to_stderr_once(capsys):
    logger = get_logger("INFO", "a-program")
    logger = get_logger("INFO", "a-program")
    try:
        logger.info("hello")
        logger.debug("not told")
        said = capsys.readouterr().err
        assert (said.count("hello"), "not told" in said) == (1, False)
        assert get_logger(name="a-program").level == logging.NOTSET
        with pytest.raises(UserError, match="got 'LOUD'"):
            get_logger("LOUD", "a-program")
    finally:
        logger.handlers.clear()


def test_a_logger_writes_to_a_file_from_a_level_on(tmp_path):
    logger = logging.getLogger("to-a-file")
    add_file_handler(logger, tmp_path / "a.log")
    logger.warning("kept")
    logger.error("kept, too")
    logger.handlers[0].close()
    logger.handlers.clear()
    assert (tmp_path / "a.log").read_text().count("kept") == 2


def test_a_context_of_log_lines():
    set_logger_context(req_id="r1", user_id="me")
    assert (get_req_id_from_context(), get_logger_context()["user_id"]) == ("r1", "me")
    held = get_logger_context()
    clear_logger_context()
    assert get_logger_context() == {}
    restore_logger_context(held)
    assert get_req_id_from_context() == "r1"
    clear_logger_context()


def test_a_table_is_one_of_rich():
    rich = pytest.importorskip(
        "rich.table", reason="import-linter brings rich where the dev group is"
    )
    made = table_from_dict([{"id": "a", "n": 1}], ["id", "n", "none"], "T")
    assert (type(made), made.row_count, len(made.columns)) == (rich.Table, 1, 3)


class Page:
    """Stands in for Streamlit: keeps what is written."""

    def __init__(self):
        self.said = []

    def markdown(self, text, unsafe_allow_html):
        assert unsafe_allow_html
        self.said.append(text)


def test_styles_and_links_of_a_page(tmp_path):
    page = Page()
    ClarifaiStreamlitCSS.insert_default_css(page)
    (tmp_path / "own.css").write_text("b { color: red }")
    ClarifaiStreamlitCSS.insert_css_file(tmp_path / "own.css", page)
    ClarifaiStreamlitCSS.buttonlink(page, "<b>", 'https://x/?a="b"', style="color: red")
    assert page.said[0].startswith("<style>")
    assert page.said[1] == "<style>b { color: red }</style>"
    assert 'href="https://x/?a=&quot;b&quot;"' in page.said[2]
    assert 'style="color: red"' in page.said[2]
    assert "&lt;b&gt;" in page.said[2]


def test_pages_of_a_module(tmp_path, monkeypatch, capsys):
    (tmp_path / "pages").mkdir()
    for name in ("two", "one"):
        (tmp_path / f"pages/{name}.py").write_text(f"def display():\n    print('page {name}')\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    pages = ClarifaiModulePageManager()
    assert pages.get_page_names() == ["one", "two"]
    assert pages.get_page_from_query_params({}) == "one"
    assert pages.get_page_from_query_params({"page": ["two"]}) == "two"
    with pytest.raises(UserError, match=r"no page 'three'.*one, two"):
        pages.get_page_from_query_params({"page": "three"})
    pages.render_page("two")
    assert capsys.readouterr().out == "page two\n"


def test_a_lister_of_messages(app):
    app.create_dataset("d")
    inputs = app.inputs()
    inputs.upload_inputs([Inputs.get_text_input(f"t{n}", "x", "d", labels=["l"]) for n in range(5)])
    app.create_model("crop", model_type_id="image-crop").create_version()
    lister = ClarifaiResourceLister(create_stub(app.auth_helper), app.user_id, app.id, page_size=2)
    assert sorted(one.id for one in lister.list_all_inputs()) == [f"t{n}" for n in range(5)]
    assert len(lister.list_all_dataset_inputs(3, "d")) == 5
    assert [one.id for one in lister.datasets_generator()] == ["d"]
    assert [one.name for one in lister.list_all_concepts()] == ["l"]
    assert [one.id for one in lister.models_generator(only_in_app=True)] == ["crop"]
    assert [one.id for one in lister.list_all_models(page_size=1)] == ["crop"]
    with pytest.raises(UserError, match="page_size must be"):
        lister.list_all_inputs(0)
    with pytest.raises(NotFound):
        ClarifaiResourceLister(lister.stub, app.user_id, "none").list_all_inputs()


WORKFLOW = {"workflow": {"id": "w", "nodes": [{"id": "a", "model": {"model_id": "m"}}]}}


def test_workflow_files_are_checked():
    assert validate(WORKFLOW) == WORKFLOW
    node = {"id": "b", "model": {"model_id": "m"}, "node_inputs": [{"node_id": "none"}]}
    with pytest.raises(UserError, match="none"):
        validate({"workflow": {"id": "w", "nodes": [node]}})
    with pytest.raises(UserError, match=r"workflow\.id"):
        validate({"workflow": {"nodes": WORKFLOW["workflow"]["nodes"]}})


def test_workflow_files_are_written(tmp_path):
    node = resources_pb2.WorkflowNode(id="a", model=resources_pb2.Model(id="m"))
    with Exporter([resources_pb2.Workflow(id="w", nodes=[node])]) as exporter:
        assert exporter.parse() == WORKFLOW
        exporter.export(tmp_path / "w.yml")
    assert (tmp_path / "w.yml").read_text().startswith("workflow:\n  id: w\n")


def test_addresses_of_the_newer_kinds():
    urls = ClarifaiUrlHelper(types.SimpleNamespace(ui="https://ui", base="https://api.test/"))
    assert urls.openai_api_url() == "https://api.test/v2/ext/openai/v1"
    assert urls.api_url("me", "a", "models", "m", "v") == (
        "https://api.test/v2/users/me/apps/a/models/m/versions/v"
    )
    assert urls.mcp_api_url("me", "a", "m") == (
        "https://api.test/v2/ext/mcp/v1/users/me/apps/a/models/m"
    )


def test_versions():
    import platform

    import clarifai

    assert (clarifai.__version__, platform.python_version()) == (CLIENT_VERSION, PYTHON_VERSION)
    assert OS_VER

"""Workflows' YAML files: what is read of one, and every fault of one at once."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_core.wire.messages import plain
from clarifai_resources.app import App
from clarifai_resources.workflow.config import read_config
from tests.resources.workflow_platform import ok, write

PROMPTER = """\
workflow:
  id: wf-prompter-llm
  nodes:
    - id: prompter
      model:
          model_id: prompter
          model_type_id: prompter
          description: 'Prompter Model'
          output_info:
            params:
              prompt_template: 'Is {data.text.raw} good?'

    - id: llm
      model:
          user_id: mistralai
          model_id: mistral-7B-Instruct
          app_id: completion

      node_inputs:
        - node_id: prompter
"""
"""Laid out like the files in the platform's public examples."""


def node(text: str) -> str:
    """Return a file of one node, whose lines are given."""
    lines = "".join(f"      {line}\n" for line in text.splitlines())
    return f"workflow:\n  id: w\n  nodes:\n    - id: a\n{lines}"


def model(text: str) -> str:
    return node("model:\n  model_id: m\n" + "".join(f"  {line}\n" for line in text.splitlines()))


def faults_of(path: Path) -> list[str]:
    with pytest.raises(UserError) as caught:
        read_config(path)
    heading, *lines = str(caught.value).splitlines()
    assert heading == f"{path} has faults:"
    assert [line.strip() for line in lines] == list(caught.value.faults)
    return list(caught.value.faults)


def test_a_file_of_the_public_examples_is_read(tmp_path):
    found = read_config(str(write(tmp_path / "wf.YML", PROMPTER)))
    prompter, llm = found.nodes
    assert (found.id, prompter.id, llm.id) == ("wf-prompter-llm", "prompter", "llm")
    assert (prompter.model.model_type_id, prompter.model.description) == (
        "prompter",
        "Prompter Model",
    )
    assert plain(prompter.model.output_info)["params"] == {
        "prompt_template": "Is {data.text.raw} good?"
    }
    assert (llm.model.user_id, llm.model.app_id) == ("mistralai", "completion")
    assert [one.node_id for one in llm.node_inputs] == ["prompter"]


def test_parameters_reach_the_message_as_they_are(tmp_path):
    text = model(
        "output_info:\n"
        "  params: {n: 3, f: 1.5, big: 9007199254740992, yes_: true, no_: false, nothing: null,\n"
        '           day: 2024-01-02, digits: "007", eq: =, list: [1, [x, null], {}], empty: {}}\n'
        "  output_config: {min_value: 0.25, max_concepts: 20}\n"
        "  fields_map: {concepts: softmax}\n"
        "  message: hi"
    )
    found = read_config(write(tmp_path / "w.yml", text)).nodes[0].model.output_info
    assert plain(found) == {
        "params": {
            "n": 3,
            "f": 1.5,
            "big": 9007199254740992,
            "yes_": True,
            "no_": False,
            "nothing": None,
            "day": "2024-01-02",
            "digits": "007",
            "eq": "=",
            "list": [1, ["x", None], {}],
            "empty": {},
        },
        "output_config": {"min_value": 0.25, "max_concepts": 20},
        "fields_map": {"concepts": "softmax"},
        "message": "hi",
    }


def test_keys_without_a_value_say_nothing_and_anchors_repeat(tmp_path):
    text = (
        "workflow:\n  id: w\n  nodes:\n"
        "  - id: a\n    node_inputs:\n    suppress_output: true\n"
        "    model: &m {model_id: m, model_version_id: , user_id: u}\n"
        "  - id: b\n    model: {<<: *m, model_id: n}\n"
        "    output_info_override: {params: {k: 1}}\n"
    )
    a, b = read_config(write(tmp_path / "w.yaml", text)).nodes
    assert (a.node_inputs, a.suppress_output, a.model.model_version_id) == ((), True, "")
    assert (b.model.model_id, b.model.user_id) == ("n", "u")
    assert plain(b.output_info_override) == {"params": {"k": 1}}


def test_a_byte_order_mark_does_no_harm(tmp_path):
    path = tmp_path / "w.yml"
    path.write_bytes(b"\xef\xbb\xbf" + PROMPTER.encode())
    assert read_config(path).id == "wf-prompter-llm"


ID_RULE = (
    "cannot be an id: letters and digits, with single '-' or '_' between them, at most 48 "
    "characters."
)
A = "workflow.nodes[0]"


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("", ["the whole: the file is empty"]),
        ("# nothing\n", ["the whole: the file is empty"]),
        ("[]", ["the whole: [] is not a mapping"]),
        ("just words", ["the whole: 'just words' is not a mapping"]),
        ("{}", ["workflow: missing"]),
        ("workflow:", ["workflow: missing"]),
        ("workflow: 3", ["workflow: 3 is not a mapping"]),
        ("workflow: {nodes: 3}", ["workflow.id: missing", "workflow.nodes: 3 is not a list"]),
        ("workflow: {id: w, nodes: []}", ["workflow.nodes: the list is empty"]),
        ("workflow: {id: w, nodes: {}}", ["workflow.nodes: {} is not a list"]),
        ("workflow: {id: w, nodes: [x]}", [f"{A}: 'x' is not a mapping"]),
        (
            PROMPTER.replace("id: wf-prompter-llm", "id: my flow"),
            [f"workflow.id: the id 'my flow' {ID_RULE}"],
        ),
        (
            PROMPTER.replace("id: wf-prompter-llm", f"id: {'w' * 49}"),
            [f"workflow.id: the id {'w' * 49!r} {ID_RULE}"],
        ),
        (
            "name: x\n" + PROMPTER.replace("nodes:", "nods: []\n  nodes:"),
            ["workflow.nods: unknown; did you mean 'nodes'?", "name: unknown"],
        ),
        (node("modle: {}"), [f"{A}.model: missing", f"{A}.modle: unknown; did you mean 'model'?"]),
        (node("model: {user_id: u}"), [f"{A}.model.model_id: missing"]),
        (node("model: {model_id: }"), [f"{A}.model.model_id: missing"]),
        (
            node("model: {model_id: m, model_versoin_id: v}"),
            [f"{A}.model.model_versoin_id: unknown; did you mean 'model_version_id'?"],
        ),
        (
            model("user_id: a b\napp_id: a/b\nmodel_version_id: 123\ndescription: [x]"),
            [
                f"{A}.model.model_version_id: 123 is not text; put it in quotes",
                f"{A}.model.user_id: 'a b' cannot be an id: letters, digits, '-', '_' and '.'",
                f"{A}.model.app_id: 'a/b' cannot be an id: letters, digits, '-', '_' and '.'",
                f"{A}.model.description: ['x'] is not text",
            ],
        ),
        (
            node("model: {model_id: m}\nsuppress_output: 'yes'\nnode_inputs: b"),
            [
                f"{A}.node_inputs: 'b' is not a list",
                f"{A}.suppress_output: 'yes' is not true or false",
            ],
        ),
        (
            node("model: {model_id: m}\nnode_inputs: [a, {node: b}, {node_id: a}]"),
            [
                f"{A}.node_inputs[0]: 'a' is not a mapping",
                f"{A}.node_inputs[1].node_id: missing",
                f"{A}.node_inputs[1].node: unknown; did you mean 'node_id'?",
                f"{A}.node_inputs[2].node_id: node 'a' cannot be its own input",
            ],
        ),
        (
            PROMPTER.replace("- node_id: prompter", "- node_id: promter"),
            [
                "workflow.nodes[1].node_inputs[0].node_id: there is no node 'promter'; "
                "did you mean 'prompter'?"
            ],
        ),
        (
            PROMPTER + "        - node_id: prompter\n",
            ["workflow.nodes[1].node_inputs[1].node_id: node 'prompter' is an input already"],
        ),
        (
            PROMPTER.replace("- id: llm", "- id: prompter"),
            [
                "workflow.nodes[1].id: 'prompter' is the id of nodes[0] too",
                "workflow.nodes[1].node_inputs[0].node_id: node 'prompter' cannot be its own input",
            ],
        ),
        (
            PROMPTER.replace(
                "    - id: prompter\n", "    - id: prompter\n      node_inputs: [{node_id: llm}]\n"
            ),
            ["workflow.nodes: the nodes prompter -> llm -> prompter are a circle"],
        ),
        (
            "workflow:\n  id: w\n  nodes:\n"
            "  - {id: a, model: {model_id: m, model_type_id: x}}\n"
            "  - {id: b, model: {model_id: m, model_type_id: y}}\n",
            [
                "workflow.nodes[1].model.model_type_id: 'y', but nodes[0] says that model 'm' is "
                "a 'x'"
            ],
        ),
        (model("output_info: 4"), [f"{A}.model.output_info: 4 is not a mapping"]),
        (
            model("output_info: {parms: {}, params_specs: [], params: 5, output_config: x}"),
            [
                f"{A}.model.output_info.parms: unknown; did you mean 'params'?",
                f"{A}.model.output_info.params_specs: unknown; did you mean 'params'?",
                f"{A}.model.output_info.params: must be a mapping, got 5",
                f"{A}.model.output_info.output_config: must be a mapping, got 'x'",
            ],
        ),
        (
            model("output_info: {output_config: {min_value: 2, max_concept: 1}, message: 3}"),
            [
                f"{A}.model.output_info.output_config.max_concept: unknown; "
                "did you mean 'max_concepts'?",
                f"{A}.model.output_info.message: must be text, got 3",
                f"{A}.model.output_info.output_config.min_value: must be from 0 to 1, got 2",
            ],
        ),
        (
            model('output_info: {params: {a: .nan, b: [9007199254740993], c: {d: "\\ud800"}}}'),
            [
                f"{A}.model.output_info.params.a: nan is no number that JSON can hold",
                f"{A}.model.output_info.params.b[0]: 9007199254740993 has too many digits for a "
                "number; put it in quotes",
                f"{A}.model.output_info.params.c.d: '\\ud800' holds half a character (a surrogate)",
            ],
        ),
        (
            node("model: {model_id: m}\nmodel: {model_id: n}"),
            [f"{A}.model: the key stands twice, in lines 5 and 6"],
        ),
        (
            node("model: {model_id: m}\n7: x"),
            [f"{A}: line 6: a key must be text; put '7' in quotes"],
        ),
        (
            "workflow:\n  id: [w\n",
            [
                "line 3, column 1: expected ',' or ']', but got '<stream end>', while parsing a "
                "flow sequence"
            ],
        ),
        (
            "workflow:\n\tid: w\n",
            [
                "line 2, column 1: found character '\\t' that cannot start any token, while "
                "scanning for the next token"
            ],
        ),
        (
            "a: 1\n---\nb: 2\n",
            [
                "line 2, column 1: but found another document, expected a single document in the "
                "stream"
            ],
        ),
        (
            "a: !!python/name:os.system x",
            ["line 1, column 4: the tag !!python/name:os.system is not allowed"],
        ),
        ("a: !!binary aGk=", ["line 1, column 4: the tag !!binary is not allowed"]),
        ('a: "\\UFFFFFFFF"', ["line 1, column 7: the escape is no character"]),
        ("a: b\nc: \x07", ["line 2, column 4: special characters are not allowed"]),
        ("? [a]\n: b", ["line 1, column 3: found unhashable key, while constructing a mapping"]),
        ("a: 0b_", ["line 1, column 4: '0b_' is no int"]),
        ("a: &a [*a]", ["line 1, column 4: nested deeper than 50 levels"]),
        ("[" * 5000, ["line 1, column 51: nested deeper than 50 levels"]),
    ],
)  # fmt: skip
def test_every_fault_is_told_with_its_place(tmp_path, text: str, faults: list[str]):
    assert faults_of(write(tmp_path / "w.yml", text)) == faults


def test_faults_of_all_kinds_are_told_together(tmp_path):
    text = (
        "workflow:\n  id: bad id\n  nodes:\n"
        "  - id: a\n    id: b\n    model: {modelid: m}\n"
        "  - id: c\n    model: {model_id: 5}\n    node_inputs: [{node_id: d}]\n"
    )
    assert faults_of(write(tmp_path / "w.yml", text)) == [
        "workflow.nodes[0].id: the key stands twice, in lines 4 and 5",
        f"workflow.id: the id 'bad id' {ID_RULE}",
        "workflow.nodes[0].model.model_id: missing",
        "workflow.nodes[0].model.modelid: unknown; did you mean 'model_id'?",
        "workflow.nodes[1].model.model_id: 5 is not text; put it in quotes",
        "workflow.nodes[1].node_inputs[0].node_id: there is no node 'd'",
    ]


def test_aliases_that_multiply_are_refused(tmp_path):
    rows = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    found = faults_of(write(tmp_path / "w.yml", "\n".join(["a0: &a0 [x]", *rows])))
    assert len(found) == 1
    assert found[0].endswith("more than 100000 values")


def test_text_that_is_not_utf8_is_told_by_line_and_column(tmp_path):
    path = tmp_path / "w.yml"
    path.write_bytes(b"workflow:\n  id: caf\xe9\n")
    assert faults_of(path) == ["line 2, column 10: not UTF-8 text"]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("none.yml", "config_filepath 'none.yml' cannot be read: No such file or directory."),
        ("w.json", "config_filepath must end in .yml or .yaml, got 'w.json'."),
        ("w", "config_filepath must end in .yml or .yaml, got 'w'."),
        ("", "config_filepath must be the path of a YAML file, got ''."),
        ("a\0.yml", "config_filepath must be the path of a YAML file, got 'a\\x00.yml'."),
        (b"w.yml", "config_filepath must be the path of a YAML file, got b'w.yml'."),
        (None, "config_filepath must be the path of a YAML file, got None."),
        (7, "config_filepath must be the path of a YAML file, got 7."),
        ("folder.yml", "config_filepath 'folder.yml' cannot be read: Is a directory."),
        ("long.yml", "config_filepath 'long.yml' has more than 1048576 bytes."),
    ],
)
def test_what_is_no_readable_file_is_refused(tmp_path, monkeypatch, value, text: str):
    monkeypatch.chdir(tmp_path)
    Path("folder.yml").mkdir()
    Path("long.yml").write_bytes(b"#" * ((1 << 20) + 1))
    with pytest.raises(UserError) as caught:
        read_config(value)
    assert str(caught.value) == text


# --- whatever a file holds

KNOWN_KEYS = (
    "workflow id nodes model model_id node_inputs node_id output_info params output_config "
    "min_value max_concepts select_concepts hyper_params data concepts value fields_map message "
    "suppress_output model_type_id"
)
KEYS = st.sampled_from(KNOWN_KEYS.split())
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(["a", "b", "w"])
    | st.dates()
    | st.binary(max_size=4)
)
ANYTHING = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(KEYS | st.text(max_size=4) | st.integers(), inner, max_size=5)
    ),
    max_leaves=25,
)
INFOS = ANYTHING | st.dictionaries(KEYS, ANYTHING, max_size=4)
MODELS = ANYTHING | st.fixed_dictionaries(
    {"model_id": st.just("m")}, optional={"output_info": INFOS, "model_type_id": ANYTHING}
)
NODES = ANYTHING | st.fixed_dictionaries(
    {"id": st.sampled_from(["a", "b"]) | ANYTHING, "model": MODELS},
    optional={"node_inputs": ANYTHING, "output_info_override": INFOS},
)
DOCUMENTS = ANYTHING | st.fixed_dictionaries(
    {
        "workflow": ANYTHING
        | st.fixed_dictionaries(
            {"id": st.just("w") | ANYTHING, "nodes": st.lists(NODES, max_size=3)}
        )
    }
)


@pytest.fixture
def tolerant_app(scripted, scripted_app: App) -> App:
    """An app on a platform that has every model and takes every workflow."""

    def model_answer(request: Any) -> Any:
        found = resources_pb2.Model(id=request.model_id, user_id="ann", app_id="zoo")
        return ok(service_pb2.SingleModelResponse(model=found))

    def workflow_answer(request: Any) -> Any:
        return ok(service_pb2.MultiWorkflowResponse(workflows=request.workflows))

    for name in ("GetModel", "PostModelVersions"):
        scripted.queue(name, model_answer)
    scripted.queue("PostWorkflows", workflow_answer)
    return scripted_app


def create_or_refuse(app: App, scripted: Any, path: Path) -> None:
    """Only a UserError may come of a file, and of one that is refused nothing is sent."""
    scripted.asked.clear()
    try:
        made = app.create_workflow(path, display=False)
    except UserError as error:
        refused = error
    else:
        assert made.nodes
        return
    assert scripted.asked == []
    assert refused.faults
    assert all(": " in fault for fault in refused.faults)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(document=DOCUMENTS)
def test_no_document_raises_anything_else(tolerant_app, scripted, tmp_path, document):
    path = tmp_path / "garbage.yml"
    path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
    create_or_refuse(tolerant_app, scripted, path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.text(alphabet="abw:-[]{}&*!|>?%@`'\"\\#, \n\t0123.=<~eExX_") | st.text())
@example(content="%YAML 9.1\n---\na")
@example(content="!<tag> a")
@example(content="&a &b c")
@example(content="*a")
def test_no_text_raises_anything_else(tolerant_app, scripted, tmp_path, content: str):
    path = tmp_path / "garbage.yml"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    create_or_refuse(tolerant_app, scripted, path)


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary())
def test_no_bytes_raise_anything_else(tolerant_app, scripted, tmp_path, content: bytes):
    path = tmp_path / "garbage.yml"
    path.write_bytes(content)
    create_or_refuse(tolerant_app, scripted, path)

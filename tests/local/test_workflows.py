"""Workflows: graphs, versions, and running inputs through them; by RPC and through the handles."""

from __future__ import annotations

import io

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2 as codes
from PIL import Image, ImageDraw

from clarifai.client.user import User
from clarifai.client.workflow import Workflow
from clarifai.errors import MixedStatus
from clarifai_core.transport.session import close_sessions

MAIN = resources_pb2.UserAppIDSet(user_id="clarifai", app_id="main")
SKIN = (224, 172, 138)


def png(image) -> bytes:
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def faces(*boxes) -> bytes:
    """A blue picture with an ellipse in the colour of skin per box (percent)."""
    image = Image.new("RGB", (200, 200), (60, 90, 160))
    for box in boxes:
        ImageDraw.Draw(image).ellipse([2 * side for side in box], fill=SKIN)
    return png(image)


def picture(blob, input_id=""):
    return resources_pb2.Input(
        id=input_id, data=resources_pb2.Data(image=resources_pb2.Image(base64=blob))
    )


def text(raw, input_id=""):
    return resources_pb2.Input(
        id=input_id, data=resources_pb2.Data(text=resources_pb2.Text(raw=raw))
    )


def node(node_id, model_id, *inputs, **fields):
    return resources_pb2.WorkflowNode(
        id=node_id,
        model=resources_pb2.Model(id=model_id),
        node_inputs=[resources_pb2.NodeInput(node_id=given) for given in inputs],
        **fields,
    )


def make(api, app, *nodes, workflow_id="w"):
    workflow = resources_pb2.Workflow(id=workflow_id, nodes=nodes)
    return api.PostWorkflows(user_app_id=app, workflows=[workflow])


def run(api, app, inputs, workflow_id="w", **fields):
    return api.PostWorkflowResults(
        user_app_id=app, workflow_id=workflow_id, inputs=inputs, **fields
    )


def test_a_workflow_has_its_models_resolved(api, app):
    made = make(
        api,
        app,
        node("find", "face-detection"),
        node("cut", "margin-110-image-crop", "find"),
    )

    assert made.status.code == codes.SUCCESS, made.status
    for workflow in (
        made.workflows[0],
        api.GetWorkflow(user_app_id=app, workflow_id="w").workflow,
        api.ListWorkflows(user_app_id=app).workflows[0],
    ):
        assert (workflow.user_id, workflow.app_id, workflow.id) == ("alice", "zoo", "w")
        assert workflow.HasField("created_at")
        assert len(workflow.version.id) == 32
        find, cut = workflow.nodes
        assert (find.model.user_id, find.model.app_id) == ("clarifai", "main")
        assert find.model.model_type_id == "visual-detector"
        assert find.model.model_version.id == "45fb9a671625463fa646c3523a3087d5"
        assert cut.model.model_version.output_info.params["margin"] == pytest.approx(1.1)
        assert [given.node_id for given in cut.node_inputs] == ["find"]
        assert list(workflow.version.nodes) == list(workflow.nodes)


@pytest.mark.parametrize(
    ("nodes", "code", "words"),
    [
        ([], codes.WORKFLOW_INVALID_GRAPH, "1 to 128 nodes"),
        ([node("a", "none")], codes.MODEL_DOES_NOT_EXIST, "'none'"),
        ([node("a", "")], codes.WORKFLOW_INVALID_GRAPH, "names no model"),
        ([node("", "face-detection")], codes.CONN_INVALID_REQUEST, "node id ''"),
        (
            [node("a", "face-detection"), node("a", "face-detection")],
            codes.WORKFLOW_INVALID_GRAPH,
            "'a' is there twice",
        ),
        ([node("a", "face-detection", "b")], codes.WORKFLOW_INVALID_GRAPH, "'b', which is no node"),
        (
            [
                node("a", "face-detection"),
                node("b", "face-detection", "c"),
                node("c", "face-detection", "b", "a"),
            ],
            codes.WORKFLOW_INVALID_GRAPH,
            "'b', 'c' wait for each other",
        ),
        ([node("a", "own")], codes.WORKFLOW_REQUIRE_TRAINED_MODEL, "no version yet"),
        (
            [
                node(
                    "a",
                    "face-detection",
                    output_info_override={"output_config": {"min_value": 2}},
                )
            ],
            codes.CONN_INVALID_REQUEST,
            "min_value",
        ),
    ],
)
def test_what_is_no_workflow_is_refused_and_nothing_is_made(api, app, nodes, code, words):
    api.PostModels(user_app_id=app, models=[resources_pb2.Model(id="own")])
    good = resources_pb2.Workflow(id="good", nodes=[node("a", "face-detection")])
    bad = resources_pb2.Workflow(id="bad", nodes=nodes)

    reply = api.PostWorkflows(user_app_id=app, workflows=[good, bad])

    assert (reply.status.code, words in reply.status.details) == (code, True), reply.status
    assert not api.ListWorkflows(user_app_id=app).workflows


def test_an_id_is_taken_once(api, app):
    make(api, app, node("a", "face-detection"))
    again = make(api, app, node("a", "face-detection")).status
    assert (again.code, "already exists" in again.details) == (codes.WORKFLOW_DUPLICATE, True)


def test_a_workflow_without_an_id_gets_one_and_has_its_version(api, app):
    made = make(api, app, node("look", "general-image-recognition"), workflow_id="").workflows[0]
    listed = api.ListWorkflowVersions(user_app_id=app, workflow_id=made.id).workflow_versions
    assert [(v.id, v.workflow_id) for v in listed] == [(made.version.id, made.id)]


def test_every_change_makes_a_version_and_old_ones_answer_as_before(api, app):
    first = make(api, app, node("a", "general-image-recognition")).workflows[0].version.id
    patch = resources_pb2.Workflow(id="w", nodes=[node("b", "color-recognition")])
    patched = api.PatchWorkflows(user_app_id=app, workflows=[patch], action="merge").workflows[0]
    assert [n.id for n in patched.nodes] == ["a", "b"]
    patch = resources_pb2.Workflow(id="w", nodes=[node("c", "color-recognition")], description="D")
    newest = api.PatchWorkflows(user_app_id=app, workflows=[patch], action="overwrite").workflows[0]
    assert ([n.id for n in newest.nodes], newest.description) == (["c"], "D")

    listed = api.ListWorkflowVersions(user_app_id=app, workflow_id="w").workflow_versions
    assert [v.id for v in listed] == [newest.version.id, patched.version.id, first]
    assert [len(v.nodes) for v in listed] == [1, 2, 1]
    one = api.GetWorkflowVersion(
        user_app_id=app, workflow_id="w", workflow_version_id=first
    ).workflow_version
    assert one == listed[2]
    blob = faces((20, 20, 50, 60))
    colors = run(api, app, [picture(blob)]).results[0].outputs[0].data.colors
    assert colors[0].w3c.name == "darkslateblue"
    before = run(api, app, [picture(blob)], version_id=first)
    assert before.results[0].outputs[0].data.concepts

    for version in listed[:2]:
        reply = api.DeleteWorkflowVersions(
            user_app_id=app, workflow_id="w", workflow_version_ids=[version.id]
        )
        assert reply.status.code == codes.SUCCESS
    last = api.DeleteWorkflowVersions(
        user_app_id=app, workflow_id="w", workflow_version_ids=[first]
    ).status
    assert "no version left" in last.details
    assert api.GetWorkflow(user_app_id=app, workflow_id="w").workflow.version.id == first


def test_deleted_workflows_are_gone(api, app):
    for workflow_id in ("a", "b", "c"):
        make(api, app, node("n", "face-detection"), workflow_id=workflow_id)
    assert api.DeleteWorkflows(user_app_id=app).status.code == codes.CONN_INVALID_REQUEST
    assert api.DeleteWorkflows(user_app_id=app, ids=["a", "none"]).status.code == (
        codes.WORKFLOW_DOES_NOT_EXIST
    )
    assert [w.id for w in api.ListWorkflows(user_app_id=app).workflows] == ["c", "b", "a"]

    assert api.DeleteWorkflows(user_app_id=app, ids=["a", "b"]).status.code == codes.SUCCESS
    assert api.DeleteWorkflow(user_app_id=app, workflow_id="c").status.code == codes.SUCCESS

    assert not api.ListWorkflows(user_app_id=app).workflows
    gone = api.GetWorkflow(user_app_id=app, workflow_id="a").status
    assert (gone.code, gone.description) == (
        codes.WORKFLOW_DOES_NOT_EXIST,
        "Workflow does not exist",
    )


def test_results_come_per_input_with_the_outputs_in_node_order(api, app):
    make(
        api,
        app,
        node("cluster", "general-clusterering", "embed"),
        node("embed", "general-image-embedding"),
        node("concepts", "general-image-recognition"),
    )

    reply = run(
        api, app, [picture(faces(), "blue"), picture(png(Image.new("RGB", (9, 9), "red")), "red")]
    )

    assert reply.status.code == codes.SUCCESS
    assert reply.workflow.id == "w"
    assert [result.input.id for result in reply.results] == ["blue", "red"]
    for result in reply.results:
        assert result.status.code == codes.SUCCESS
        assert not result.input.data.image.base64
        cluster, embed, concepts = result.outputs
        assert [o.model.id for o in result.outputs] == [
            "general-clusterering",
            "general-image-embedding",
            "general-image-recognition",
        ]
        assert embed.data.embeddings[0].num_dimensions == 512
        assert cluster.data.clusters[0].id
        assert len(concepts.data.concepts) == 20
        assert {o.status.code for o in result.outputs} == {codes.SUCCESS}
    assert reply.results[1].outputs[2].data.concepts[0].name == "red"


def test_each_face_is_cut_out_and_answered_for(api, app):
    make(
        api,
        app,
        node("find", "face-detection"),
        node("cut", "margin-110-image-crop", "find"),
        node("feeling", "face-sentiment-recognition", "cut"),
        node("embed", "general-image-embedding", "cut"),
        node("group", "general-clusterering", "embed"),
    )

    reply = run(api, app, [picture(faces((10, 20, 40, 60), (60, 20, 80, 50))), picture(faces())])

    assert reply.status.code == codes.SUCCESS, reply.status
    two, none = reply.results
    find, cut, feeling, embed, group = two.outputs
    found = [region.region_info.bounding_box for region in find.data.regions]
    wider = [region.region_info.bounding_box for region in cut.data.regions]
    assert [round(box.left_col, 1) for box in found] == [0.1, 0.6]
    for inner, outer, region in zip(found, wider, cut.data.regions, strict=True):
        assert outer.top_row < inner.top_row < inner.bottom_row < outer.bottom_row
        with Image.open(io.BytesIO(region.data.image.base64)) as image:
            height = outer.bottom_row - outer.top_row
            assert image.height == pytest.approx(200 * height, abs=1)
    for output in (feeling, embed, group):
        assert [r.id for r in output.data.regions] == [r.id for r in find.data.regions]
        assert not output.data.concepts
    assert all(len(region.data.concepts) == 8 for region in feeling.data.regions)
    assert all(region.data.embeddings for region in embed.data.regions)
    assert all(region.data.clusters for region in group.data.regions)
    assert all(output.status.code == codes.SUCCESS for output in none.outputs)
    assert not any(output.data.regions for output in none.outputs)


def test_a_text_answer_is_the_next_nodes_text(api, app):
    model = resources_pb2.Model(id="GPT-4", user_id="openai", app_id="chat-completion")
    first = resources_pb2.WorkflowNode(id="short", model=model)
    first.output_info_override.params.update({"max_tokens": 3})
    second = node("embed", "multilingual-text-embedding", "short")
    assert make(api, app, first, second).status.code == codes.SUCCESS

    result = run(api, app, [text("Dogs bark a lot. It rains today.")]).results[0]

    said = result.outputs[0].data.text.raw
    assert said.endswith("It rains today.")
    direct = api.PostModelOutputs(
        user_app_id=MAIN, model_id="multilingual-text-embedding", inputs=[text(said)]
    )
    assert result.outputs[1].data == direct.outputs[0].data


PROMPT = "Classify sentiment of the text {data.text.raw}"


def prompter(api, app, type_id, params, model_id="p"):
    """Make a prompter, as the official SDK does with what a YAML file says."""
    model = resources_pb2.Model(id=model_id, model_type_id=type_id)
    assert api.PostModels(user_app_id=app, models=[model]).status.code == codes.SUCCESS
    version = resources_pb2.ModelVersion()
    version.output_info.params.update(params)
    return api.PostModelVersions(user_app_id=app, model_id=model_id, model_versions=[version])


def language_model(*inputs):
    made = node("llm", "mistral-7B-Instruct", *inputs)
    made.model.user_id, made.model.app_id = "mistralai", "completion"
    return made


def test_a_prompter_puts_the_text_into_its_template(api, app):
    """`prompter_llm.yml` of the public examples: a prompter, and a language model behind it."""
    prompter(api, app, "prompter", {"prompt_template": PROMPT})
    made = make(api, app, node("prompter", "p"), language_model("prompter"))
    assert made.status.code == codes.SUCCESS, made.status

    reply = run(api, app, [text("I love {data.text.raw} and {data.hits}")])

    asked, answered = reply.results[0].outputs
    # What is put in is not looked at again.
    filled = "Classify sentiment of the text I love {data.text.raw} and {data.hits}"
    assert asked.data.text.raw == filled
    assert filled in answered.data.text.raw
    alone = api.PostModelOutputs(user_app_id=app, model_id="p", inputs=[text("hello")])
    assert alone.outputs[0].data.text.raw == "Classify sentiment of the text hello"
    failed = run(api, app, [picture(faces((10, 10, 30, 30)))]).results[0].outputs[0]
    assert failed.status.code == codes.INPUT_INVALID_ARGUMENT


REPAIRS = {
    "2021": "The expenses for machinery repairs in the year 2021 totaled $550,000.",
    "2020": "The records indicate that $480,000 was disbursed for machinery repairs during 2020.",
    "cats": "Cats purr, and dogs bark at the mailman.",
}


def test_a_rag_prompter_puts_in_what_the_app_has(api, app, platform):
    """The example of the documentation's page on the RAG prompter, with other words."""
    given = [text(raw, input_id) for input_id, raw in REPAIRS.items()]
    api.PostInputs(user_app_id=app, inputs=[*given, picture(faces((1, 1, 9, 9)), "face")])
    assert platform.wait_idle(300)
    template = "Context:\n{data.hits}\nQuery: {data.text.raw}"
    params = {"prompt_template": template, "max_results": 2, "min_score": 0.1}
    made = prompter(api, app, "rag-prompter", params)
    assert made.status.code == codes.SUCCESS, made.status
    make(api, app, node("rag", "p"), language_model("rag"))
    query = "How much was spent on machinery repairs in 2020?"

    raw = run(api, app, [text(query)]).results[0].outputs[0].data.text.raw

    context, _, asked = raw.partition("\nQuery: ")
    assert asked == query
    # Ordered by similarity, one a line.
    assert context.splitlines() == ["Context:", REPAIRS["2020"], REPAIRS["2021"]]
    near = resources_pb2.WorkflowNode()
    near.CopyFrom(node("rag", "p"))
    near.output_info_override.params.update({"min_score": 0.999})
    make(api, app, near, workflow_id="near")
    nothing = run(api, app, [text(query)], "near").results[0].outputs[0].data.text.raw
    assert nothing == f"Context:\n\nQuery: {query}"


@pytest.mark.parametrize(
    ("type_id", "params", "words"),
    [
        ("prompter", {"prompt_template": "say {text}"}, "must hold {data.text.raw}"),
        ("rag-prompter", {"prompt_template": PROMPT}, "must hold {data.hits}"),
        ("rag-prompter", {"min_score": 2}, "min_score must be between 0 and 1"),
        ("rag-prompter", {"max_results": 0}, "max_results must be between"),
        ("rag-prompter", {"max_result": 3}, "did you mean 'max_results'"),
        ("prompter", {"prompt_template": 5}, "must be text, got 5"),
    ],
)
def test_a_prompter_says_what_its_template_lacks(api, app, type_id, params, words):
    status = prompter(api, app, type_id, params).status
    assert status.code == codes.MODEL_INVALID_ARGUMENT
    assert words in status.details


def test_the_types_of_prompters_tell_their_parameters(api, app):
    """Names: the operators' documentation, and what the official SDK's RAG sends."""
    listed = {
        kind.id: {field.path.rpartition(".")[2] for field in kind.model_type_fields}
        for kind in api.ListModelTypes(user_app_id=app, per_page=1000).model_types
    }
    assert listed["prompter"] == {"prompt_template"}
    assert listed["rag-prompter"] == {"prompt_template", "min_score", "max_results"}
    plain = prompter(api, app, "rag-prompter", {})
    assert plain.status.code == codes.SUCCESS
    (output,) = api.PostModelOutputs(user_app_id=app, model_id="p", inputs=[text("why?")]).outputs
    assert "why?" in output.data.text.raw


def test_a_workflow_shows_the_concepts_of_its_models(api, app):
    make(api, app, node("find", "face-detection"))
    for workflow in (
        api.GetWorkflow(user_app_id=app, workflow_id="w").workflow,
        api.GetWorkflow(user_app_id=MAIN, workflow_id="Face").workflow,
    ):
        known = workflow.nodes[0].model.model_version.output_info.data.concepts
        assert [concept.name for concept in known] == ["face"]


def test_suppressed_outputs_are_left_out_but_computed(api, app):
    make(
        api,
        app,
        node("embed", "general-image-embedding", suppress_output=True),
        node("group", "general-clusterering", "embed"),
    )
    result = run(api, app, [picture(faces())]).results[0]
    assert [output.model.id for output in result.outputs] == ["general-clusterering"]
    assert result.outputs[0].data.clusters


def test_output_configs_of_node_and_request(api, app):
    override = {"output_config": {"max_concepts": 3}}
    make(
        api,
        app,
        node("some", "general-image-recognition", output_info_override=override),
        node("all", "general-image-recognition"),
    )

    def counts(**config):
        reply = run(api, app, [picture(faces())], output_config=config)
        return [len(output.data.concepts) for output in reply.results[0].outputs]

    assert counts() == [3, 20]
    assert counts(max_concepts=5) == [5, 5]
    assert counts(select_concepts=[resources_pb2.Concept(name="dog")]) == [1, 1]
    assert counts(min_value=1) == [0, 0]
    wrong = run(api, app, [picture(faces())], output_config={"min_value": 2}).status
    assert wrong.code == codes.CONN_INVALID_REQUEST


def test_what_fails_fails_for_its_input_and_the_nodes_behind(api, app):
    make(
        api,
        app,
        node("concepts", "general-image-recognition"),
        node("embed", "multimodal-clip-embed"),
        node("group", "general-clusterering", "embed"),
        node("behind", "general-clusterering", "concepts"),
    )
    elsewhere = resources_pb2.Input(
        data=resources_pb2.Data(image=resources_pb2.Image(url="http://nowhere.test/a.png"))
    )

    reply = run(api, app, [text("hello"), elsewhere, resources_pb2.Input()])

    assert reply.status.code == codes.MIXED_STATUS
    words, missing, empty = reply.results
    assert words.status.code == codes.MIXED_STATUS
    concepts, embed, group, behind = words.outputs
    assert [embed.status.code, group.status.code] == [codes.SUCCESS, codes.SUCCESS]
    assert concepts.status.code == behind.status.code == codes.INPUT_INVALID_ARGUMENT
    assert "not for text" in concepts.status.details
    assert "node 'concepts' failed" in behind.status.details
    assert missing.status.code == codes.INPUT_DOWNLOAD_FAILED
    assert {o.status.code for o in missing.outputs} == {codes.INPUT_DOWNLOAD_FAILED}
    assert {o.status.code for o in empty.outputs} == {codes.INPUT_INVALID_ARGUMENT}
    alone = run(api, app, [elsewhere]).status
    assert alone.code == codes.INPUT_DOWNLOAD_FAILED


def test_a_model_that_is_gone_or_not_trained_says_so(api, app):
    api.PostModels(user_app_id=app, models=[resources_pb2.Model(id="m")])
    api.PostModelVersions(user_app_id=app, model_id="m")
    make(api, app, node("a", "m"), node("b", "multimodal-clip-embed"))
    untrained = run(api, app, [text("x")])
    assert untrained.status.code == codes.MIXED_STATUS
    assert untrained.results[0].outputs[0].status.code == codes.MODEL_UNTRAINED

    api.DeleteModels(user_app_id=app, ids=["m"])
    gone = run(api, app, [text("x")]).results[0].outputs
    assert gone[0].status.code == codes.MODEL_DOES_NOT_EXIST
    assert "node 'a'" in gone[0].status.details
    assert gone[1].status.code == codes.SUCCESS
    shown = api.GetWorkflow(user_app_id=app, workflow_id="w").workflow.nodes[0]
    assert (shown.model.id, len(shown.model.model_version.id)) == ("m", 32)


def test_a_node_keeps_the_version_it_was_made_with(api, app):
    make_crop = resources_pb2.Model(id="crop", model_type_id="image-crop")
    api.PostModels(user_app_id=app, models=[make_crop])
    for margin in (1.0, 2.0):
        version = resources_pb2.ModelVersion()
        version.output_info.params.update({"margin": margin})
        api.PostModelVersions(user_app_id=app, model_id="crop", model_versions=[version])
        made = make(
            api,
            app,
            node("find", "face-detection"),
            node("cut", "crop", "find"),
            workflow_id=f"w{margin:g}",
        )
        assert made.status.code == codes.SUCCESS

    def height(workflow_id):
        result = run(api, app, [picture(faces((40, 40, 60, 65)))], workflow_id).results[0]
        box = result.outputs[1].data.regions[0].region_info.bounding_box
        return box.bottom_row - box.top_row

    assert height("w2") == pytest.approx(2 * height("w1"), rel=0.01)


def test_counts_of_inputs_are_limited(api, app):
    make(api, app, node("a", "multimodal-clip-embed"))
    assert len(run(api, app, [text("x")] * 32).results) == 32
    assert run(api, app, [text("x")] * 33).status.code == codes.INPUT_INVALID_REQUEST
    assert run(api, app, []).status.code == codes.CONN_INVALID_REQUEST
    assert run(api, app, [text("x")], "none").status.code == codes.WORKFLOW_DOES_NOT_EXIST


def test_a_workflow_state_is_named_only_when_asked_for(api, app):
    make(api, app, node("a", "multimodal-clip-embed"))
    assert not run(api, app, [text("x")]).HasField("workflow_state")
    state = run(api, app, [text("x")], workflow_state={"id": "init"}).workflow_state
    assert len(state.id) == 32
    assert run(api, app, [text("x")], workflow_state=state).workflow_state == state


def test_own_workflows_come_before_public_ones_unless_asked_otherwise(api, app):
    make(api, app, node("mine", "multimodal-clip-embed"), workflow_id="Moderation")
    own = api.GetWorkflow(user_app_id=app, workflow_id="Moderation").workflow
    assert own.nodes[0].id == "mine"
    assert api.GetWorkflow(user_app_id=app, workflow_id="General").workflow.app_id == "main"
    public = run(api, app, [text("x")], "Moderation", favor_clarifai_workflows=True)
    assert public.workflow.user_id == "clarifai"
    refused = make(api, MAIN, node("a", "face-detection")).status
    assert refused.code == codes.CONN_DOES_NOT_EXIST


@pytest.fixture
def base_url(tmp_path):
    """The address of a platform of the test's own."""
    yield f"local:{tmp_path / 'platform'}"
    close_sessions()


@pytest.fixture
def zoo(base_url):
    return User("alice", base_url=base_url).create_app("zoo")


def test_handles_create_list_predict_and_delete(zoo, tmp_path):
    recipe = tmp_path / "faces.yml"
    recipe.write_text(
        """
workflow:
  id: faces
  nodes:
    - id: find
      model:
        model_id: face-detection
        model_version_id: 45fb9a671625463fa646c3523a3087d5
    - id: cut
      model:
        model_id: my-crop
        model_type_id: image-crop
        output_info:
          params:
            margin: 1.5
      node_inputs:
        - node_id: find
"""
    )
    made = zoo.create_workflow(str(recipe))
    assert made.id == "faces"
    assert [w.id for w in zoo.list_workflows()] == ["faces"]

    found = zoo.workflow("faces")
    reply = found.predict_by_bytes(faces((40, 40, 60, 65)), "image")
    boxes = [o.data.regions[0].region_info.bounding_box for o in reply.results[0].outputs]
    heights = [box.bottom_row - box.top_row for box in boxes]
    assert heights[1] == pytest.approx(1.5 * heights[0], rel=0.01)
    assert [v.version.id for v in found.list_versions()] == [found.version.id]

    zoo.delete_workflow("faces")
    assert not list(zoo.list_workflows())


def test_a_public_workflow_by_its_address(base_url):
    workflow = Workflow(
        "https://clarifai.com/clarifai/main/workflows/Face-Sentiment", base_url=base_url
    )
    reply = workflow.predict_by_bytes(faces((20, 20, 60, 70)), "image")
    assert len(reply.results[0].outputs[-1].data.regions[0].data.concepts) == 8
    with pytest.raises(MixedStatus) as caught:
        workflow.predict([picture(faces()), text("no picture")])
    good, bad = caught.value.response.results
    assert (good.status.code, bad.status.code) == (codes.SUCCESS, codes.INPUT_INVALID_ARGUMENT)

"""Apps: what is created, opened, listed and deleted in one."""

from __future__ import annotations

import copy
import inspect
import logging
import pickle

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import AlreadyExists, NotFound, PluginError, UserError
from clarifai_core.kinds import ResourceKind
from clarifai_resources.app import App
from clarifai_resources.inputs import Inputs
from clarifai_resources.model import Model
from clarifai_resources.module import Module
from clarifai_resources.user import User
from clarifai_resources.workflow import Workflow

MAIN = "https://clarifai.com/clarifai/main"


def ok(response):
    response.status.code = 10000
    return response


# --- handles


@pytest.mark.parametrize("url", [MAIN, f"{MAIN}/", MAIN.replace("https", "http")])
def test_a_url_names_an_app(url: str, platform_url: str):
    app = App(url, base_url=platform_url)
    assert (app.id, app.app_id, app.user_id) == ("main", "main", "clarifai")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (f"{MAIN}/models/general", "names a model, not a app"),
        ("https://clarifai.com/clarifai", "is not of the form"),
        ("main", "is not of the form"),
        (7, "url must be text"),
    ],
)
def test_a_url_of_something_else_is_refused(url, text: str):
    with pytest.raises(UserError, match=text):
        App(url)


def test_url_and_id_together_are_refused():
    with pytest.raises(UserError, match=r"app_id='zoo' or url=.*, not both"):
        App(url=MAIN, app_id="zoo")


def test_an_app_keeps_what_it_was_made_with(platform_url: str):
    app = App(app_id="zoo", user_id="ann", base_url=platform_url, name="Zoo", description="D")
    for same in (app, copy.copy(app), copy.deepcopy(app), pickle.loads(pickle.dumps(app))):
        assert (same.id, same.user_id, same.name, same.description) == ("zoo", "ann", "Zoo", "D")
    assert repr(app) == "App(id='zoo', user_id='ann', app_id='zoo')"


def test_a_copied_app_talks_to_the_same_platform(app: App):
    app.create_model("m", model_type_id="embedding-classifier")
    for same in (copy.copy(app), pickle.loads(pickle.dumps(app))):
        assert same.model("m").id == "m"


def test_an_unknown_field_names_the_nearest():
    with pytest.raises(UserError, match="descripton: unknown; did you mean 'description'"):
        App(app_id="zoo", descripton="D")


def test_a_call_without_app_says_what_to_give(platform_url: str):
    with pytest.raises(UserError, match="app_id"):
        App(user_id="ann", base_url=platform_url).list_models().all()


DOCUMENTED = {
    "create_dataset": ["dataset_id", "kwargs"],
    "create_model": ["model_id", "kwargs"],
    "create_module": ["module_id", "description", "kwargs"],
    "dataset": ["dataset_id", "dataset_version_id", "kwargs"],  # the version: a keyword at first
    "delete_dataset": ["dataset_id"],
    "delete_model": ["model_id"],
    "delete_module": ["module_id"],
    "delete_workflow": ["workflow_id"],
    "inputs": [],
    "list_concepts": ["page_no", "per_page"],
    "list_datasets": ["page_no", "per_page"],
    "list_installed_module_versions": ["filter_by", "page_no", "per_page"],
    "list_models": ["filter_by", "only_in_app", "page_no", "per_page"],
    "list_modules": ["filter_by", "only_in_app", "page_no", "per_page"],
    "list_trainable_model_types": [],
    "list_workflows": ["filter_by", "only_in_app", "page_no", "per_page"],
    "model": ["model_id", "model_version_id", "kwargs"],
    "module": ["module_id", "module_version_id", "kwargs"],
    "search": ["kwargs"],
    "workflow": ["workflow_id", "kwargs"],
}


@pytest.mark.parametrize(("method", "names"), DOCUMENTED.items())
def test_methods_take_what_is_documented(method: str, names: list[str]):
    parameters = inspect.signature(getattr(App, method)).parameters
    assert list(parameters)[1:] == names
    defaults = {"filter_by": {}, "only_in_app": True, "model_version_id": ""}
    for name, default in defaults.items():
        if name in parameters:
            assert parameters[name].default == default


# --- models


def test_a_model_that_was_created_is_found_again(app: App):
    made = app.create_model("m", model_type_id="embedding-classifier", description="D")
    found = app.model("m")
    assert isinstance(found, Model)
    assert (made.id, made.model_type_id) == ("m", "embedding-classifier")
    assert (found.id, found.description, found.app_id, found.user_id) == ("m", "D", "zoo", "ann")


def test_a_model_of_another_app_can_be_opened(app: App, user):
    user.create_app("farm", base_workflow="Empty").create_model("m", description="farm's")
    assert app.model("m", app_id="farm").description == "farm's"
    with pytest.raises(NotFound):
        app.model("m")


def test_a_model_version_is_asked_for_by_its_id(scripted, scripted_app: App):
    version = resources_pb2.ModelVersion(id="v1")
    model = resources_pb2.Model(id="m", user_id="ann", app_id="zoo", model_version=version)
    scripted.queue("GetModel", ok(service_pb2.SingleModelResponse(model=model)))
    found = scripted_app.model("m", model_version_id="v1")
    ((_, request),) = scripted.asked
    assert (request.model_id, request.version_id) == ("m", "v1")
    assert found.model_version.id == "v1"


def test_models_without_a_version_are_left_out(scripted, scripted_app: App):
    trained = resources_pb2.Model(id="a", app_id="zoo", user_id="ann")
    trained.model_version.id = "v1"
    bare = resources_pb2.Model(id="b", app_id="zoo", user_id="ann")
    scripted.queue("ListModels", ok(service_pb2.MultiModelResponse(models=[trained, bare])))
    assert [model.id for model in scripted_app.list_models()] == ["a"]


def models_of_two_apps() -> service_pb2.MultiModelResponse:
    models = [
        resources_pb2.Model(id=f"m-{app_id}", app_id=app_id, user_id=user_id)
        for user_id, app_id in (("ann", "zoo"), ("clarifai", "main"), ("bob", "zoo"))
    ]
    for model in models:
        model.model_version.id = "v1"
    response = service_pb2.MultiModelResponse(models=models)
    response.status.code = 10000
    return response


@pytest.mark.parametrize(
    ("only_in_app", "owners"),
    [(True, [("ann", "zoo")]), (False, [("ann", "zoo"), ("clarifai", "main"), ("bob", "zoo")])],
)
def test_models_of_other_apps_are_left_out_when_asked(
    scripted, scripted_app: App, only_in_app, owners
):
    scripted.queue("ListModels", models_of_two_apps())
    found = scripted_app.list_models(only_in_app=only_in_app)
    assert [(model.user_id, model.app_id) for model in found] == owners


def test_filters_of_models_go_to_the_platform(scripted, scripted_app: App):
    scripted.queue("ListModels", models_of_two_apps())
    scripted_app.list_models(filter_by={"model_type_id": "clusterer"}, page_no=2).all()
    ((_, request),) = scripted.asked
    assert (request.model_type_id, request.page, request.per_page) == ("clusterer", 2, 16)


def test_a_deleted_model_is_gone(app: App):
    app.create_model("m")
    app.delete_model("m")
    with pytest.raises(NotFound):
        app.model("m")


def test_a_model_id_is_taken_once(app: App):
    app.create_model("m")
    with pytest.raises(AlreadyExists):
        app.create_model("m")


def test_trainable_types_are_a_list_of_ones_own(app: App):
    types = app.list_trainable_model_types()
    assert len(types) == 8
    assert types[0] == "visual-classifier"
    types.clear()
    assert len(app.list_trainable_model_types()) == 8


# --- datasets


def test_a_dataset_that_was_created_is_found_again(app: App):
    made = app.create_dataset("birds", description="D", metadata={"from": "the zoo"})
    found = app.dataset("birds")
    assert type(made).__name__ == type(found).__name__ == "Dataset"
    assert (found.id, found.description, found.metadata["from"]) == ("birds", "D", "the zoo")
    assert [dataset.id for dataset in app.list_datasets()] == ["birds"]


def test_a_deleted_dataset_is_gone(app: App):
    app.create_dataset("birds")
    app.delete_dataset("birds")
    assert app.list_datasets().all() == []
    with pytest.raises(NotFound, match="birds"):
        app.dataset("birds")


def test_an_unknown_field_of_a_dataset_creates_nothing(app: App):
    with pytest.raises(UserError, match="note: unknown; did you mean 'notes'"):
        app.create_dataset("birds", note="N")  # type: ignore[call-arg]
    assert app.list_datasets().all() == []


# --- concepts, inputs, searches


def test_concepts_are_messages(app: App):
    concepts = [resources_pb2.Concept(id=f"id-{name}", name=name) for name in ("cat", "dog")]
    app.session.call(
        "PostConcepts",
        service_pb2.PostConceptsRequest(user_app_id=app.user_app_id, concepts=concepts),
    )
    found = app.list_concepts()
    assert {concept.name for concept in found} == {"cat", "dog"}
    assert all(isinstance(concept, resources_pb2.Concept) for concept in found)
    assert len(app.list_concepts(page_no=1, per_page=1).all()) == 1


def test_inputs_have_the_scope_of_the_app(app: App):
    inputs = app.inputs()
    assert isinstance(inputs, Inputs)
    assert (inputs.user_id, inputs.app_id) == ("ann", "zoo")
    assert inputs.session is app.session


def test_a_search_has_the_scope_and_the_session_of_the_app(app: App):
    search = app.search(top_k=12, metric="euclidean")
    assert (search.user_id, search.app_id, search.top_k, search.metric) == (
        "ann",
        "zoo",
        12,
        "euclidean",
    )
    assert search.session is app.session


def test_an_unknown_parameter_of_a_search_names_the_nearest(app: App):
    with pytest.raises(UserError, match="'topk'; did you mean 'top_k'"):
        app.search(topk=3)  # type: ignore[call-arg]


# --- workflows and modules


def test_a_workflow_is_opened_with_its_version(scripted, scripted_app: App):
    version = resources_pb2.WorkflowVersion(id="v1")
    workflow = resources_pb2.Workflow(id="w", app_id="zoo", user_id="ann", version=version)
    scripted.queue("GetWorkflow", ok(service_pb2.SingleWorkflowResponse(workflow=workflow)))
    found = scripted_app.workflow("w")
    assert isinstance(found, Workflow)
    assert (found.id, found.version.id) == ("w", "v1")


def test_workflows_of_other_apps_are_left_out_when_asked(scripted, scripted_app: App):
    workflows = [
        resources_pb2.Workflow(id="a", app_id="zoo", user_id="ann"),
        resources_pb2.Workflow(id="b", app_id="main", user_id="clarifai"),
    ]
    scripted.queue("ListWorkflows", ok(service_pb2.MultiWorkflowResponse(workflows=workflows)))
    assert [one.id for one in scripted_app.list_workflows()] == ["a"]
    assert [one.id for one in scripted_app.list_workflows(only_in_app=False)] == ["a", "b"]


def test_a_module_is_created_and_opened(scripted, scripted_app: App):
    module = resources_pb2.Module(id="m", app_id="zoo", user_id="ann", description="D")
    scripted.queue("PostModules", ok(service_pb2.MultiModuleResponse(modules=[module])))
    scripted.queue("GetModule", ok(service_pb2.SingleModuleResponse(module=module)))
    assert scripted_app.create_module("m", description="D").description == "D"
    found = scripted_app.module("m", module_version_id="2")
    assert isinstance(found, Module)
    assert (found.description, found.module_version.id) == ("D", "2")


def test_installed_modules_are_modules_in_their_version(scripted, scripted_app: App):
    version = resources_pb2.ModuleVersion(id="2", module_id="m", user_id="bob", app_id="tools")
    installed = resources_pb2.InstalledModuleVersion(id="i", module_version=version)
    answer = service_pb2.MultiInstalledModuleVersionResponse(installed_module_versions=[installed])
    scripted.queue("ListInstalledModuleVersions", ok(answer))
    (found,) = scripted_app.list_installed_module_versions()
    assert isinstance(found, Module)
    assert (found.id, found.user_id, found.app_id) == ("m", "bob", "tools")
    assert found.module_version.id == "2"


@pytest.mark.parametrize(
    ("method", "rpc", "field"),
    [
        ("delete_model", "DeleteModels", "ids"),
        ("delete_module", "DeleteModules", "ids"),
        ("delete_workflow", "DeleteWorkflows", "ids"),
    ],
)
def test_deleting_names_one_id(scripted, scripted_app: App, method: str, rpc: str, field: str):
    from clarifai_grpc.grpc.api.status.status_pb2 import BaseResponse

    scripted.queue(rpc, ok(BaseResponse()))
    getattr(scripted_app, method)("x-1")
    ((name, request),) = scripted.asked
    assert (name, list(getattr(request, field))) == (rpc, ["x-1"])


METHODS = [
    f"{verb}{kind}"
    for kind in ("dataset", "model", "module", "workflow")
    for verb in ("", "create_", "delete_")
    if (verb, kind) != ("create_", "workflow")  # it takes a file
]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("resource_id", ["", " ", None, 3])
def test_an_empty_id_is_refused_before_anything_is_sent(
    scripted, scripted_app, method, resource_id
):
    with pytest.raises(UserError, match="_id must be a text that is not empty"):
        getattr(scripted_app, method)(resource_id)
    assert scripted.asked == []


def test_without_module_messages_the_extra_is_named(monkeypatch, scripted_app: App):
    """A clarifai-grpc after 12.1.1 has no modules."""
    monkeypatch.setattr("clarifai_resources.app._kinds.MODULE", ResourceKind("gone_module"))
    with pytest.raises(PluginError, match=r'pip install "clarifai\[modules\]>=13"'):
        scripted_app.list_modules().all()


# --- what is public


@pytest.mark.parametrize("name", ["list_models", "list_workflows", "list_modules"])
def test_without_an_app_only_all_that_is_public_can_be_listed(
    name: str, app: App, platform_url: str
):
    nowhere = App(base_url=platform_url)
    with pytest.raises(UserError, match=r"of which app\?.*only_in_app=False"):
        getattr(nowhere, name)()
    public = {one.user_id for one in getattr(nowhere, name)(only_in_app=False)}
    assert "ann" not in public


def test_public_models_and_workflows_are_those_of_the_library(platform_url: str):
    """The library is that of the embedded platform's own user clarifai/main."""
    library = App(MAIN, base_url=platform_url)
    nowhere = App(base_url=platform_url)
    assert {one.id for one in library.list_models()} <= {
        one.id for one in nowhere.list_models(only_in_app=False)
    }
    assert {one.id for one in library.list_workflows()} == {
        one.id for one in nowhere.list_workflows(only_in_app=False)
    }


def test_without_an_app_those_of_all_apps_of_a_user_can_be_listed(scripted):
    model = resources_pb2.Model(id="m", user_id="ann", app_id="zoo")
    model.model_version.id = "v"
    scripted.queue("ListModels", ok(service_pb2.MultiModelResponse(models=[model])))
    listed = App(user_id="ann", base_url=scripted.url, pat="p").list_models(only_in_app=False)
    assert [(one.id, one.app_id) for one in listed] == [("m", "zoo")]
    ((_, request),) = scripted.asked
    assert request.user_app_id == resources_pb2.UserAppIDSet(user_id="ann")


def test_datasets_need_an_app(platform_url: str):
    with pytest.raises(UserError, match="ListDatasets needs user_id and app_id"):
        App(base_url=platform_url).list_datasets()


# --- what is logged


def test_what_is_done_is_logged_in_a_line_each(user: User, caplog):
    caplog.set_level(logging.INFO, "clarifai")
    app = user.create_app("pond")
    app.create_dataset("d")
    app.create_model("m", model_type_id="embedding-classifier")
    app.delete_dataset("d")
    app.delete_model("m")
    user.delete_app("pond")
    assert [record.getMessage() for record in caplog.records if record.levelname == "INFO"] == [
        "created app 'pond' in ann",
        "created dataset 'd' in ann/pond",
        "created model 'm' in ann/pond",
        "deleted dataset 'd' in ann/pond",
        "deleted model 'm' in ann/pond",
        "deleted app 'pond' in ann",
    ]


def test_many_deletions_are_one_line(app: App, caplog):
    """`Inputs` says it once, in its own log; `ops` said it for each request, beside that."""
    caplog.set_level(logging.INFO, "clarifai")
    app.inputs().upload_text("a", "one")
    for number in range(4):
        app.inputs().upload_text(f"i{number}", "one")
    caplog.clear()
    app.inputs().delete_inputs([f"i{number}" for number in range(4)])
    assert [record.getMessage() for record in caplog.records] == ["4 inputs deleted"]


# --- what is printed


def test_printing_tells_what_is_known_and_asks_nothing(user: User, scripted):
    user.create_app("pond", description="All fish\x1b", name="Fish")
    told = str(user.app("pond"))
    assert told.startswith("App: id='pond', name='Fish'")
    assert "description='All fish\\x1b'" in told
    assert repr(user.app("pond")) == "App(id='pond', user_id='ann', app_id='pond')"
    model = Model(
        model_id="m", user_id="u", app_id="a", description="D" * 999, base_url=scripted.url
    )
    assert str(model) == f"Model: id='m', app_id='a', user_id='u', description='{'D' * 199}..."
    assert str(App(base_url=scripted.url).inputs()) == "Inputs()"
    assert scripted.asked == []


# --- parameters as newer releases have them


def test_a_version_of_a_model_is_named_in_many_ways(app: App):
    model = app.create_model("m", model_type_id="image-crop")
    first = model.create_version().model_version.id
    second = model.create_version().model_version.id
    assert app.model("m").model_version.id == second
    for found in (
        app.model("m", first),
        app.model("m", {"id": first}),
        app.model("m", model_version_id=first),
        app.model("m", model_version={"id": first}),
        app.model("m", model_version=resources_pb2.ModelVersion(id=first)),
    ):
        assert found.model_version.id == first
    assert app.model("m", model_version={"id": ""}).model_version.id == second
    with pytest.raises(NotFound):
        app.model("m", model_version={"id": "gone"})
    with pytest.raises(UserError, match="model_version must be an id"):
        app.model("m", 7)  # type: ignore[arg-type]


def test_a_dataset_can_be_opened_in_a_version(app: App):
    version = app.create_dataset("d").create_version().version.id
    assert app.dataset("d", version).version.id == version
    assert app.dataset("d", dataset_version_id=version).version.id == version
    with pytest.raises(UserError, match="dataset_version_id must be a text"):
        app.dataset("d", 7)  # type: ignore[arg-type]


def test_a_user_at_the_place_of_an_address_is_told():
    """Newer releases have `user_id` third, where the document has `base_url`."""
    with pytest.raises(UserError, match="'ann' is no base_url: give user_id= by name"):
        App("", "zoo", "ann")
    assert App("", "zoo", "localhost").settings.endpoint.where == "localhost"


def test_a_handle_whose_values_json_has_not_can_be_printed():
    app = App(app_id="zoo", metadata={"k": float("nan")})
    assert str(app).startswith("App: id='zoo', metadata=")

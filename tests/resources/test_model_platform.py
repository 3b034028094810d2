"""A model's life on the embedded platform: parameters, training, predictions, evaluations."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import yaml
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import (
    ApiError,
    DeadlineExceeded,
    MixedStatus,
    NotFound,
    UserError,
)
from clarifai_inputs.png import png
from clarifai_resources.inputs import Inputs
from clarifai_resources.model import Model, _parameters, _training

TEXTS = {"cat": "the cat purrs and meows", "dog": "a dog barks at the mailman"}


@pytest.fixture
def labelled(app):
    app.create_dataset("pets")
    items = [
        Inputs.get_text_input(f"{label}{n}", f"{text} {n}", "pets", labels=[label])
        for label, text in TEXTS.items()
        for n in range(8)
    ]
    app.inputs().upload_inputs(items)
    return app


@pytest.fixture
def model(labelled) -> Model:
    return labelled.create_model("pets", model_type_id="embedding-classifier")


@pytest.fixture
def trained(model) -> Model:
    model.get_params(save_to=None)
    model.train()
    return model.wait_until_trained(timeout_seconds=60)


@pytest.fixture
def templated(app) -> Model:
    return app.create_model("seen", model_type_id="visual-classifier")


def test_train_predict_and_versions(model, trained):
    answer = trained.predict_by_bytes(b"my cat meows", "text")
    assert [concept.name for concept in answer.outputs[0].data.concepts] == ["cat", "dog"]
    many = model.predict([Inputs.get_text_input(f"i{n}", t) for n, t in enumerate(TEXTS.values())])
    assert [one.data.concepts[0].name for one in many.outputs] == ["cat", "dog"]
    (version,) = model.list_versions()
    assert version.model_version.id == trained.model_version.id
    assert model.training_status()["code"] == model.training_status().code == 21100
    model.delete_version(version.model_version.id)
    assert model.list_versions().all() == []
    with pytest.raises(NotFound):
        model.training_status(version.model_version.id)


def test_options_of_one_call_do_not_stay(trained):
    before = trained.message.SerializeToString()
    few = trained.predict_by_bytes(b"my cat", "text", output_config={"max_concepts": 1})
    all_again = trained.predict_by_bytes(b"my cat", "text", {"temperature": 1})
    assert [len(one.outputs[0].data.concepts) for one in (few, all_again)] == [1, 2]
    assert trained.message.SerializeToString() == before


def test_partial_failure_keeps_the_outputs(trained):
    inputs = [Inputs.get_text_input("good", "my cat"), Inputs.get_text_input("none", "x")]
    inputs[1].ClearField("data")
    with pytest.raises(MixedStatus) as caught:
        trained.predict(inputs)
    good, bad = caught.value.response.outputs
    assert good.data.concepts[0].name == "cat"
    assert bad.status.code != 10000


def test_predict_by_filepath(trained, tmp_path):
    (tmp_path / "a.txt").write_text("the mailman and a dog")
    answer = trained.predict_by_filepath(tmp_path / "a.txt", "text")
    assert answer.outputs[0].data.concepts[0].name == "dog"


def test_evaluations(trained):
    assert trained.get_latest_eval() is None
    (started,) = trained.evaluate("pets", eval_id="first")
    assert started.id == "first"
    done = trained.wait_until_evaluated("first", 60, confusion_matrix=True)
    assert done.summary.macro_avg_roc_auc > 0.9
    assert done.confusion_matrix.matrix
    assert not trained.get_eval_by_id("first").HasField("confusion_matrix")
    latest = trained.get_latest_eval(label_counts=True)
    assert latest is not None
    assert latest.id == "first"
    assert latest.label_counts.positive_label_counts


def test_a_failed_training_says_why(app):
    model = app.create_model("empty", model_type_id="embedding-classifier")
    model.get_params(save_to=None)
    model.train()
    with pytest.raises(ApiError) as caught:
        model.wait_until_trained(timeout_seconds=60)
    assert caught.value.rpc == "GetModelVersion"
    assert 21105 <= caught.value.code < 21200
    assert caught.value.details


def test_a_training_that_takes_too_long(scripted_app, scripted):
    from clarifai_grpc.grpc.api import service_pb2

    pending = service_pb2.SingleModelVersionResponse()
    pending.status.code, pending.model_version.status.code = 10000, 21101
    scripted.queue("GetModelVersion", pending)
    model = _at(scripted, model_version={"id": "v1"})
    with pytest.raises(DeadlineExceeded, match="'v1' of model 'm'"):
        model.wait_until_trained(timeout_seconds=0)


def test_a_training_log_that_cannot_be_written_is_one_sentence(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    version_id = trained.model_version.id
    (tmp_path / f"{version_id}.log").mkdir()
    with pytest.raises(UserError, match=rf"The log {version_id}\.log cannot be written"):
        trained.training_status(version_id, training_logs=True)
    assert len(list(tmp_path.glob("*.log*"))) == 1


def test_training_log_is_saved(trained, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    version_id = trained.model_version.id
    trained.training_status(version_id, training_logs=True)
    log = tmp_path / f"{version_id}.log"
    assert log.read_text()
    beside = tmp_path / "beside"
    beside.touch()
    assert log.stat().st_mode == beside.stat().st_mode  # the umask's, like any file of the user's
    assert not [one.name for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_parameters_to_yaml_and_back(templated, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    template = "MMClassification_AdvancedConfig"
    assert template in templated.list_training_templates()
    params = templated.get_params(template=template, yaml_file="model_params.yaml")
    assert params["train_params"]["template"] == template
    assert params["train_params"]["image_size"] == [320.0]
    assert params["train_params"]["custom_config"] == f"{template}.py"
    assert (tmp_path / f"{template}.py").read_text()
    assert yaml.safe_load((tmp_path / "model_params.yaml").read_text()) == params
    assert list(params) == [
        "dataset_id",
        "dataset_version_id",
        "concepts",
        "train_params",
        "inference_params",
    ]


@pytest.mark.parametrize("end", ["\x85", "\u2028", "\u2029"])
def test_parameters_keep_every_character(templated, tmp_path, end):
    """YAML takes these for ends of lines; here they are in the name of a folder."""
    folder = tmp_path / f"new{end}models"
    folder.mkdir()
    params = templated.get_params("MMClassification_AdvancedConfig", save_to=folder / "params.yaml")
    assert end in params["train_params"]["custom_config"]
    assert yaml.safe_load((folder / "params.yaml").read_bytes()) == params
    assert len(list(folder.iterdir())) == 2  # with the source file, and without a draft


def test_source_files_take_nobodys_place(templated, tmp_path):
    template = "MMClassification_AdvancedConfig"
    source, params = tmp_path / f"{template}.py", tmp_path / "params.yaml"
    templated.get_params(template, save_to=params)
    templated.get_params(template, save_to=params)  # the same again is nothing new
    source.write_text("mine")
    params.write_text("old")

    with pytest.raises(UserError, match="exists and is not what the template brings"):
        templated.get_params(template, save_to=params)

    assert (source.read_text(), params.read_text()) == ("mine", "old")
    source.unlink()
    (tmp_path / "nowhere").mkdir()
    source.symlink_to(tmp_path / "nowhere" / "x.py")
    with pytest.raises(UserError, match="exists and is not what the template brings"):
        templated.get_params(template, save_to=params)
    assert list((tmp_path / "nowhere").iterdir()) == []


@pytest.mark.parametrize("name", ["../../x", "/tmp/x", "nul", "a/b", "x\0"])
def test_names_of_templates_and_versions_stay_in_their_folder(name, tmp_path):
    field = resources_pb2.ModelTypeField(path="train_info.params.custom_config")
    option = resources_pb2.ModelTypeEnumOption(id=name, model_type_fields=[field])
    chosen = resources_pb2.ModelTypeField(
        path="train_info.params.template",
        model_type_enum_options=[option],
    )
    types = _parameters.TypeFields("t", (chosen,))
    with pytest.raises(UserError, match=r"cannot be the name of a file: give save_to=None\."):
        _parameters.defaults(types, name, tmp_path)
    with pytest.raises(UserError, match="cannot be the name of a file for the log"):
        _training.save_log(None, "http://192.0.2.1/log", name)


def test_inference_parameters_have_their_own_section(app):
    """As in params.yaml of the public examples."""
    model = app.create_model("t", model_type_id="text-classifier")
    params = model.get_params("HF_GPTNeo_125m_lora", save_to=None)
    assert params["inference_params"] == {"select_concepts": []}
    assert "select_concepts" not in params["train_params"]


def test_mutually_exclusive_concepts_have_a_key_of_their_own(model, tmp_path):
    """As in transfer_learn.yaml of the public examples, which 12.x wrote."""
    path = tmp_path / "transfer_learn.yaml"
    params = model.get_params(save_to=path)
    assert params["concepts_mutually_exclusive"] is False
    assert params["inference_params"] == {"min_value": 0.0}
    model.update_params(concepts_mutually_exclusive=True)
    done = model.wait_until_trained(model.train(), 60)
    assert done.model_version.output_info.output_config.concepts_mutually_exclusive
    values = [c.value for c in done.predict_by_bytes(b"meow", "text").outputs[0].data.concepts]
    assert sum(values) == pytest.approx(1, abs=1e-5)
    path.write_text(path.read_text().replace("exclusive: false", "exclusive: 1"))
    with pytest.raises(UserError, match="concepts_mutually_exclusive: must be true or false"):
        model.train(path)


def test_update_params_is_all_or_nothing(templated):
    params = templated.get_params("Clarifai_InceptionV2", save_to=None)
    templated.update_params(batch_size=8, dataset_version="v")
    assert (params["train_params"]["batch_size"], params["dataset_version_id"]) == (8, "v")
    with pytest.raises(UserError, match="did you mean 'num_epochs'"):
        templated.update_params(batch_size=4, num_epoch=1)
    assert templated.training_params["train_params"]["batch_size"] == 8


def test_param_info(templated):
    templated.get_params("Clarifai_InceptionV2", save_to=None)
    info = templated.get_param_info("batch_size")
    assert (info["param"], info["fieldType"], info["defaultValue"]) == ("batch_size", "RANGE", 64)
    assert templated.get_param_info("template")["path"] == "train_info.params.template"
    assert [templated.get_param_info(name) for name in ("dataset_id", "concepts")] == [{}, {}]
    with pytest.raises(UserError, match="did you mean 'batch_size'"):
        templated.get_param_info("batchsize")


def test_what_the_platform_says_of_the_data_is_told():
    """Hosted platforms list the dataset among the fields; the words are theirs, not ours."""
    field = resources_pb2.ModelTypeField(
        path="train_info.params.dataset_id", description="Theirs.", placeholder="p"
    )
    types = _parameters.TypeFields("t", (field,))
    assert _parameters.info(types, None, "dataset_id") == {
        "param": "dataset_id",
        "description": "Theirs.",
    }
    assert _parameters.info(types, None, "concepts") == {}


@pytest.mark.parametrize("type_id", ["clusterer", "embedding-classifier"])
def test_types_without_templates_take_none(app, scripted, type_id: str):
    known = Model(model_id="m", model_type_id=type_id, base_url=scripted.url, pat="p")
    with pytest.raises(UserError, match=f"Template should not be provided for {type_id}"):
        known.get_params(template="classification_basemodel_v1", save_to=None)
    assert scripted.asked == []
    assert "template" not in app.create_model("m", model_type_id=type_id).get_params(save_to=None)


def test_train_from_a_file_with_chosen_concepts(model, tmp_path):
    path = tmp_path / "params.yaml"
    params = model.get_params(save_to=path)
    params["dataset_id"], params["concepts"] = "pets", ["id-cat", "id-dog"]
    path.write_text(yaml.safe_dump(params))
    again = Model(model_id="pets", app_id="zoo", user_id="ann", base_url=model.settings.base_url)
    version_id = again.train(path)
    done = again.wait_until_trained(version_id, 60)
    assert done.model_version.train_info.params["dataset_id"] == "pets"
    assert again.train(path) != version_id, "parameters are not used up"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("a: [", "no valid YAML"),
        ("- 1\n", "must hold parameters"),
        ("train_param: {}\n", "did you mean 'train_params'"),
        ("train_params: 5\ndataset_id: 7\n", "must be a mapping, got 5"),
        ("concepts: cat\n", "must be a list of concept ids"),
        ("concepts: [id-cow]\n", "id-cow: unknown"),
    ],
)
def test_wrong_parameter_files(model, tmp_path, content, said):
    path = tmp_path / "params.yaml"
    path.write_text(content)
    with pytest.raises(UserError) as caught:
        model.train(path)
    assert said in str(caught.value)
    assert model.list_versions().all() == []


def test_untrainable_types_get_versions_instead(app, templated):
    model = app.create_model("crop", model_type_id="image-crop")
    made = model.create_version(description="first")
    assert made.model_version.description == "first"
    with pytest.raises(UserError, match="image-crop is not trainable"):
        model.get_params(save_to=None)
    with pytest.raises(UserError, match=r"model\.train\(\)"):
        templated.create_version(description="x")
    assert templated.list_versions().all() == []
    with pytest.raises(UserError, match="did you mean 'description'"):
        model.create_version(descripton="x")


def test_a_version_is_sent_without_a_question(scripted):
    """As the official SDK does: only what the handle knows of the type counts."""
    answer = service_pb2.SingleModelResponse()
    answer.status.code = 10000
    answer.model.model_version.id = "v1"
    scripted.queue("PostModelVersions", answer)
    unknown = Model(model_id="m", user_id="ann", app_id="zoo", base_url=scripted.url, pat="p")
    assert unknown.create_version(description="x").model_version.id == "v1"
    imported = Model(
        model_id="m",
        model_type_id="visual-classifier",
        user_id="ann",
        app_id="zoo",
        base_url=scripted.url,
        pat="p",
    )
    config = {"model_zip_url": "https://example.com/model.zip"}
    assert imported.create_version(pretrained_model_config=config).model_version.id == "v1"
    assert [name for name, _ in scripted.asked] == ["PostModelVersions"] * 2


def test_wrong_training_arguments(templated, tmp_path):
    for call, said in (
        (lambda: templated.get_params(save_to=None), "Template should be provided"),
        (lambda: templated.get_params("nonsense", None), "Clarifai_InceptionV2"),
        (lambda: templated.get_params("x", "params.txt"), r"must end in \.yaml"),
        (lambda: templated.get_params("x", tmp_path / "no" / "p.yaml"), "is missing"),
        (lambda: templated.update_params(batch_size=1), "get_params"),
        (templated.train, "yaml_file"),
        (lambda: templated.train(tmp_path / "nowhere.yaml"), r"nowhere\.yaml"),
        (lambda: templated.evaluate("pets"), "without a version"),
        (templated.get_latest_eval, "without a version"),
        (templated.training_status, "without a version"),
        (lambda: templated.wait_until_evaluated("e", 1, confusion=True), "confusion_matrix"),
    ):
        with pytest.raises(UserError, match=said):
            call()


@pytest.mark.parametrize(
    "config", [{"max_concepts": 1}, resources_pb2.OutputConfig(max_concepts=1)]
)
def test_output_config_may_be_a_dict_or_the_message(platform_url: str, config):
    url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
    model = Model(url, base_url=platform_url)
    picture = png([b"\0\0\0"], colours=3)
    assert len(model.predict_by_bytes(picture, output_config=config).outputs[0].data.concepts) == 1
    wrongs: list[tuple[Any, str]] = [
        (7, "must be a dict or an OutputConfig"),
        ({"min_value": 2}, "min_value must be from 0 to 1, got 2"),
    ]
    for wrong, text in wrongs:
        with pytest.raises(UserError, match=text):
            model.predict_by_bytes(picture, output_config=wrong)


def test_opening_by_url_id_and_version():
    url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
    by_url = Model(f"{url}/versions/aa7f35c01e0642fda5cf400f543e7c40", pat="x")
    by_id = Model(
        model_id="general-image-recognition",
        model_version={"id": "aa7f35c01e0642fda5cf400f543e7c40"},
        user_id="clarifai",
        app_id="main",
        pat="x",
    )
    assert by_url.message == by_id.message
    assert by_id.model_version.id == "aa7f35c01e0642fda5cf400f543e7c40"
    assert pickle.loads(pickle.dumps(by_id)).message == copy.copy(by_id).message
    with pytest.raises(UserError, match="one of url or model_id"):
        Model(pat="x")
    with pytest.raises(UserError, match="not both"):
        Model(url, model_id="x", pat="x")


def test_predict_requests_as_recorded(scripted):
    from clarifai_grpc.grpc.api import resources_pb2, service_pb2

    answer = service_pb2.MultiOutputResponse()
    answer.status.code = 10000
    scripted.queue("PostModelOutputs", answer)
    _at(scripted, model_version={"id": "v1"}).predict_by_url("https://example.com/x", "image")
    ((_, request),) = scripted.asked
    version = resources_pb2.ModelVersion(id="v1")
    version.output_info.output_config.SetInParent()
    version.output_info.params.SetInParent()
    one = resources_pb2.Input()
    one.data.image.url = "https://example.com/x"
    assert request == service_pb2.PostModelOutputsRequest(
        user_app_id=resources_pb2.UserAppIDSet(user_id="ann", app_id="zoo"),
        model_id="m",
        version_id="v1",
        inputs=[one],
        model=resources_pb2.Model(id="m", user_id="ann", app_id="zoo", model_version=version),
    )


def test_the_options_of_one_prediction_are_not_those_of_the_next(scripted):
    from clarifai_grpc.grpc.api import service_pb2

    answer = service_pb2.MultiOutputResponse()
    answer.status.code = 10000
    scripted.queue("PostModelOutputs", *[answer] * 4)
    model = _at(scripted)
    model.predict_by_bytes(b"x", "image")
    model.predict_by_bytes(b"x", "image", {"top": 2}, {"max_concepts": 3})
    model.predict_by_bytes(b"x", "image", {}, {})
    model.message.model_version.id = "v2"
    model.predict_by_bytes(b"x", "image")
    (_, first), (_, second), (_, third), (_, fourth) = scripted.asked
    assert second.model.model_version.output_info.output_config.max_concepts == 3
    assert second.model.model_version.output_info.params["top"] == 2
    assert first == third
    assert not third.model.model_version.output_info.output_config.ListFields()
    assert fourth.version_id == fourth.model.model_version.id == "v2"
    assert not model.message.model_version.HasField("output_info")


def test_nothing_is_sent_for_wrong_predictions(scripted):
    model = _at(scripted)
    one = Inputs.get_text_input("a", "words")
    for call, said in (
        (lambda: model.predict(one), "must be a list"),
        (lambda: model.predict([]), "inputs is empty"),
        (lambda: model.predict([one] * 129), "Max is 128"),
        (lambda: model.predict([one, "x"]), r"inputs\[1\]"),
        (lambda: model.predict([one], output_config={"max_concept": 1}), "'max_concepts'"),
        (lambda: model.predict([one], output_config=5), "output_config must be a dict"),
        (lambda: model.predict([one], inference_params="x"), "inference_params"),
        (lambda: model.predict_by_bytes(b"x", "nonsense"), "image, text, video, audio"),
        (lambda: model.predict_by_bytes(b"\xff\xfe", "text"), "UTF-8"),
        (lambda: model.predict_by_bytes("x", "text"), "input_bytes must be bytes"),
        (lambda: model.predict_by_bytes(b"", "text"), "input_bytes is empty"),
        (lambda: model.predict_by_filepath("nowhere.png", "image"), "nowhere"),
        (lambda: model.predict_by_url("", "image"), "url must be"),
    ):
        with pytest.raises(UserError, match=said):
            call()
    assert scripted.asked == []


def _at(scripted, **fields) -> Model:
    return Model(
        model_id="m", user_id="ann", app_id="zoo", base_url=scripted.url, pat="test-pat", **fields
    )


def test_training_request_as_recorded(scripted, tmp_path):
    from clarifai_grpc.grpc.api import service_pb2
    from google.protobuf.json_format import MessageToDict

    answer = service_pb2.SingleModelResponse()
    answer.status.code, answer.model.model_version.id = 10000, "5" * 32
    scripted.queue("PostModelVersions", answer)
    (tmp_path / "T.py").write_text("# config\nlr = 0.1\n")
    train = {"template": "T", "seed": None, "custom_config": str(tmp_path / "T.py")}
    params = {"dataset_id": "", "dataset_version_id": "", "concepts": [], "train_params": train}
    (tmp_path / "params.yaml").write_text(yaml.safe_dump(params))
    model = _at(scripted, model_type_id="visual-classifier")
    assert model.train(tmp_path / "params.yaml") == "5" * 32
    ((_, request),) = scripted.asked
    assert MessageToDict(request, preserving_proto_field_name=True) == {
        "user_app_id": {"user_id": "ann", "app_id": "zoo"},
        "model_id": "m",
        "model_versions": [
            {
                "output_info": {"data": {}},
                "train_info": {
                    "params": {
                        "template": "T",
                        "seed": None,
                        "custom_config": "# config\nlr = 0.1\n",
                        "dataset_id": "",
                        "dataset_version_id": "",
                    }
                },
            }
        ],
    }

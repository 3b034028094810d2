"""`Model.classify`: what people have at hand goes in, labels and scores come out."""

from __future__ import annotations

import io
import pickle
from pathlib import Path

import numpy as np
import pandas
import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_grpc.grpc.api.status import status_code_pb2, status_pb2
from PIL import Image

from clarifai_core.errors import (
    ClarifaiError,
    FileError,
    InvalidArgument,
    MissingFile,
    PluginError,
    UserError,
)
from clarifai_core.transport.session import close_sessions
from clarifai_local import _open_platforms
from clarifai_local.dispatch import rpc
from clarifai_resources.model import Model
from clarifai_resources.model._classifications import UnknownLabel, flow, head_of


class Reader:
    """A model of texts, or of pictures: what it was asked, and an answer for each."""

    def __init__(self, kinds: str) -> None:
        self.kinds = kinds
        self.asked: list[list[resources_pb2.Input]] = []
        self.asked_for_kinds = 0
        self.configs: list[resources_pb2.OutputConfig] = []
        self.refuses = ""
        self.fails = ""

    @rpc("GetModelType")
    def kind(self, request, caller):
        self.asked_for_kinds += 1
        found = service_pb2.SingleModelTypeResponse(status=status_pb2.Status(code=10000))
        found.model_type.id = request.model_type_id
        found.model_type.input_fields.extend(self.kinds.split())
        return found

    @rpc("PostModelOutputs")
    def predict(self, request, caller):
        self.asked.append(list(request.inputs))
        self.configs.append(request.model.model_version.output_info.output_config)
        words = [one.data.text.raw for one in request.inputs]
        answer = service_pb2.MultiOutputResponse()
        answer.status.code = status_code_pb2.SUCCESS
        if self.refuses and any(self.refuses in one for one in words):
            answer.status.code = status_code_pb2.INPUT_INVALID_ARGUMENT
            answer.status.details = "an input is bad"
            return answer
        for one in request.inputs:
            output = answer.outputs.add(input=one)
            output.status.code = status_code_pb2.SUCCESS
            if self.fails and self.fails in one.data.text.raw:
                output.status.code = status_code_pb2.INPUT_INVALID_ARGUMENT
                output.status.description = "no words in it"
                answer.status.code = status_code_pb2.MIXED_STATUS
                continue
            output.data.concepts.add(name="dog", value=0.25)
            output.data.concepts.add(name="cat", value=0.75)
        return answer


@pytest.fixture
def opened(tmp_path_factory):
    """Open a model of a kind, with what it is asked."""
    folder = tmp_path_factory.mktemp("platform")
    platform = _open_platforms.acquire(folder)

    def of(kinds: str) -> tuple[Model, Reader]:
        reader = Reader(kinds)
        platform.dispatcher.add(reader)
        url = "https://clarifai.com/ann/models/models/m"
        model = Model(url, base_url=f"local:{folder}", model_type_id="some-classifier")
        return model, reader

    yield of
    close_sessions()
    _open_platforms.release(platform)


def png(size=(8, 8)) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", size, "red").save(file, "PNG")
    return file.getvalue()


def test_one_text_has_labels_scores_and_a_best_one(opened):
    model, reader = opened("text")
    one = model.classify("a nice day")
    assert one.labels == ["cat"]
    assert one.scores == {"cat": 0.75, "dog": 0.25}
    assert list(one.scores) == ["cat", "dog"]
    assert (one.top.label, one.top.score, one.ok) == ("cat", 0.75, True)
    assert reader.asked[0][0].data.text.raw == "a nice day"


def test_a_list_keeps_its_order_and_goes_in_batches(opened):
    model, reader = opened("text")
    several = model.classify(f"text {n}" for n in range(300))
    assert [one.name for one in several] == [f"text {n}" for n in range(300)]
    assert [len(asked) for asked in reader.asked] == [128, 128, 44]
    assert reader.asked_for_kinds == 1
    assert several.labels == [["cat"]] * 300
    assert several.top[299] == ("cat", 0.75)
    assert len(several[:3]) == 3


@pytest.mark.parametrize(
    "content",
    [
        lambda folder: folder / "a.png",
        lambda folder: str(folder / "a.png"),
        lambda folder: (folder / "a.png").read_bytes(),
        lambda folder: io.BytesIO(png()),
        lambda folder: Image.open(folder / "a.png"),
        lambda folder: np.zeros((8, 8, 3), "uint8"),
        lambda folder: resources_pb2.Input(
            id="mine",
            data=resources_pb2.Data(
                image=resources_pb2.Image(base64=png()),
                concepts=[resources_pb2.Concept(name="secret")],
            ),
        ),
    ],
    ids=["path", "text", "bytes", "file", "PIL", "numpy", "Input"],
)
def test_a_picture_may_be_given_in_any_way(opened, tmp_path, content):
    model, reader = opened("image")
    (tmp_path / "a.png").write_bytes(png())
    assert model.classify(content(tmp_path)).top.label == "cat"
    (sent,) = reader.asked[0]
    assert Image.open(io.BytesIO(sent.data.image.base64)).size == (8, 8)
    assert not sent.data.concepts


def test_a_scheme_may_be_written_in_capitals(opened):
    model, reader = opened("image")
    model.classify("HTTPS://example.com/a.png")
    assert reader.asked[0][0].data.image.url == "HTTPS://example.com/a.png"


def test_names_are_plain_texts_where_numpy_has_its_own(opened):
    model, _ = opened("text")
    several = model.classify(np.array(["good", "bad"]))
    assert repr([one.name for one in several]) == "['good', 'bad']"


def test_answers_can_be_pickled(opened):
    model, _ = opened("text")
    said = resources_pb2.Input(id="i", data=resources_pb2.Data(text=resources_pb2.Text(raw="x")))
    several = model.classify(["good", said, io.BytesIO(b"bad"), ""], input_type="text")
    again = pickle.loads(pickle.dumps(several))
    assert again.to_records() == several.to_records()
    assert [one.content for one in again] == ["good", said, None, ""]
    assert again[0].output == several[0].output
    assert type(again[3].error) is type(several[3].error)


def test_a_model_that_names_no_concepts_says_what_it_gives():
    from clarifai_resources.model._classifications import Classification

    made = resources_pb2.Output()
    made.data.embeddings.add(vector=[1, 2])
    one = Classification("a.png", made)
    assert repr(one) == (
        "<Classification of 'a.png': no concepts, but embeddings: see .output.data>"
    )
    assert "no concepts, but embeddings" in one._repr_html_()


def test_an_address_is_fetched_by_the_platform(opened):
    model, reader = opened("image text")
    model.classify(["https://example.com/a.png", "https://example.com/a.png is nice"])
    first, second = reader.asked[0]
    assert first.data.image.url == "https://example.com/a.png"
    assert second.data.text.raw.endswith("is nice")


def test_an_array_of_pictures_and_a_column_are_several(opened):
    model, _ = opened("image text")
    assert len(model.classify(np.zeros((3, 8, 8, 3), "uint8"))) == 3
    assert len(model.classify(pandas.Series(["one", "two"]))) == 2
    assert len(model.classify(np.array(["one", "two"]))) == 2


def test_the_content_of_a_text_file_is_read_when_a_path_says_so(opened, tmp_path, monkeypatch):
    model, reader = opened("text")
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("from the file")
    assert model.classify(Path("a.txt")).ok
    with pytest.raises(UserError, match=r"give pathlib.Path\('a.txt'\) for what is in the file"):
        model.classify("a.txt")
    assert model.classify("a.txt", input_type="text").ok
    assert [one.data.text.raw for asked in reader.asked for one in asked] == [
        "from the file",
        "a.txt",
    ]


def test_one_fault_costs_the_content_that_has_it(opened):
    model, reader = opened("text")
    reader.fails = "bad"
    several = model.classify(["fine", "bad", "", 7, "good"])
    assert [one.ok for one in several] == [True, False, False, False, True]
    assert "no words in it" in str(several[1].error)
    assert isinstance(several[1].error, InvalidArgument)
    assert "empty text" in str(several[2].error)
    assert "content[3] must be" in str(several[3].error)
    assert [one.name for one in several.failed] == ["bad", "content[2]", "content[3]"]
    assert repr(several) == "<Classifications of 5 contents, 3 failed>"


def test_a_request_that_is_refused_for_one_content_costs_that_one(opened):
    model, reader = opened("text")
    reader.refuses = "poison"
    several = model.classify([*(f"text {n}" for n in range(40)), "poison"])
    assert [one.name for one in several.failed] == ["poison"]
    assert "an input is bad" in str(several.failed[0].error)


def test_one_content_without_an_answer_is_an_error(opened):
    model, reader = opened("text")
    reader.fails = "bad"
    with pytest.raises(InvalidArgument, match="no words in it"):
        model.classify("bad")
    with pytest.raises(InvalidArgument, match="no words in it"):
        model.classify(["bad", "bad too"])


def test_how_many_labels_and_from_which_score_can_be_said(opened):
    model, reader = opened("text")
    model.classify("x", max_labels=2, min_score=0.25)
    assert (reader.configs[0].max_concepts, reader.configs[0].min_value) == (2, 0.25)


def test_rows_are_what_pandas_makes_of_them(opened):
    model, _ = opened("text")
    frame = model.classify(["a", "b"]).to_pandas()
    assert frame.columns.tolist() == ["content", "label", "score", "labels", "error"]
    assert frame.label.tolist() == ["cat", "cat"]
    wide = pandas.DataFrame(model.classify(["a", "b"]).scores)
    assert wide.cat.sum() == 1.5
    one = model.classify("a").to_pandas()
    assert one.label.tolist() == ["cat", "dog"]
    assert one.is_present.tolist() == [True, False]


def test_what_is_shown_is_escaped_and_drawn_as_bars(opened):
    model, _ = opened("text")
    page = model.classify(["<script>alert(1)</script>", ""])._repr_html_()
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "width:75.0%" in page
    assert "is an empty text" in page


def test_a_detector_says_what_it_saw():
    made = resources_pb2.Output()
    for value in (0.3, 0.8):
        made.data.regions.add().data.concepts.add(name="face", value=value)
    from clarifai_resources.model._classifications import Classification

    assert Classification("a.png", made).scores == {"face": pytest.approx(0.8)}


def test_the_flow_reads_and_sends_apart(opened, tmp_path):
    """Another driver, as one for an event loop would be: nothing is read or sent but by it."""
    model, _ = opened("image")
    (tmp_path / "a.png").write_bytes(png())
    head = head_of(model, None, None, None, None)
    steps, done = flow(model, [tmp_path / "a.png", tmp_path / "b.png"], "", head), []
    answer = None
    while True:
        try:
            step = steps.send(answer)
        except StopIteration as end:
            found = end.value
            break
        done.append(type(step).__name__)
        if done[-1] == "AskKinds":
            answer = ("image",)
        elif done[-1] == "LoadContents":
            answer = [resources_pb2.Input(), MissingFile("not there")]
        else:
            answer = service_pb2.MultiOutputResponse(outputs=[{}])
    assert done == ["AskKinds", "LoadContents", "AskModel"]
    assert [one.ok for one in found] == [True, False]


TAKES = "a text, the path of a file, a URL, bytes"

MISTAKES = {
    "a wrong path": (
        "image",
        "cat.pn",
        MissingFile,
        "'cat.pn' is no file here.*did you mean 'cat.png'",
    ),
    "words for pictures": ("image", "a nice day", MissingFile, "model 'm' takes no texts"),
    "no such folder": ("image", "none/cat.png", MissingFile, "there is no folder 'none'"),
    "a missing Path": ("text", Path("gone.txt"), MissingFile, "'gone.txt' is no file here"),
    "a folder": ("image", ".", FileError, "is a folder: give its files"),
    "a folder as Path": ("image", Path(), FileError, r"sorted\(pathlib.Path\('.'\).glob"),
    "a name of a text": ("text", "notes.txt", UserError, "give pathlib.Path"),
    "an empty text": ("text", " ", UserError, "content is an empty text"),
    "nothing": ("text", None, UserError, f"{TAKES}.*not None"),
    "a number": ("text", 5, UserError, "not 5"),
    "a dict": ("text", {"text": "x"}, UserError, "or a list of these, not {'text'"),
    "a set": ("text", {"x"}, UserError, "or a list of these"),
    "an empty list": ("text", [], UserError, "The list is empty.*Does a pattern fit no file"),
    "an empty generator": ("text", iter(()), UserError, "The list is empty"),
    "empty bytes": ("image", b"", UserError, "bytes is empty"),
    "a list of nothing": ("text", [None], UserError, r"content must be a text"),
    "lists in a list": ("text", [["x"], ["y"]], UserError, r"content\[0\] must be a text"),
    "a table": ("text", pandas.DataFrame({"text": ["x"]}), UserError, r"such as frame\['text'\]"),
    "an array of floats": ("image", np.zeros((4, 4)), UserError, "give uint8, 0 to 255"),
    "channels first": ("image", np.zeros((3, 9, 9), "uint8"), UserError, "channels first"),
    "a picture for words": ("text", Image.new("L", (2, 2)), UserError, "model 'm' takes text"),
    "an array for words": ("text", np.zeros((4, 4), "uint8"), UserError, "a picture, is an image"),
    "a file open for text": ("image", io.StringIO("x"), UserError, "open it with mode 'rb'"),
    "an Input of nothing": ("image", resources_pb2.Input(id="i"), UserError, "'i' has no content"),
    "an Input of words": (
        "image",
        resources_pb2.Input(id="i", data=resources_pb2.Data(text=resources_pb2.Text(raw="x"))),
        UserError,
        "input 'i' is a text, and model 'm' takes image",
    ),
    "a number in the name": ("image", "a\0b.png", UserError, "is no path"),
    "a class": ("text", str, UserError, "or a list of these"),
    "bytes of nothing known": ("image video", b"\1\2\3", UserError, "give input_type"),
    "a long path": ("image", "x" * 5000, UserError, "cannot be read: File name too long"),
    "a home": ("image", "~/cat.png", MissingFile, r"give os.path.expanduser\('~/cat.png'\)"),
    "a URL of a file": ("image", "file:///tmp/a.png", MissingFile, "give its path, '/tmp/a.png'"),
    "a bucket": ("image", "s3://b/a.png", MissingFile, "http and https are fetched, not 's3'"),
    "a blank address": ("image", " https://e.com/a", MissingFile, "an address has no blanks"),
    "a data URL": ("image", "data:image/png;base64,iVBO", UserError, "a data URL.*base64.b64dec"),
    "a data URL for words": ("image text", "data:image/png;base64,iV", UserError, "a data URL"),
    "half a letter": ("text", "a\ud800", UserError, "character 1 is half of a pair"),
    "an array of no size": ("image", np.array(5), UserError, r"of shape \(\) is no picture"),
    "an array of numbers": ("image", np.zeros(9, "uint8"), UserError, r"of shape \(9,\) is no pic"),
    "a picture of nothing": ("image", Image.new("RGB", (0, 0)), UserError, "of 0 x 0 pixels"),
    "a picture of floats": ("image", Image.new("F", (2, 2)), UserError, "convert it to 'RGB'"),
    "an address of nothing known": ("image video", "https://e.com/a", UserError, "give input_type"),
}


@pytest.mark.parametrize(
    ("kinds", "content", "error", "said"), MISTAKES.values(), ids=MISTAKES.keys()
)
def test_mistakes_are_named_before_anything_is_sent(
    opened, tmp_path, monkeypatch, kinds, content, error, said
):
    model, reader = opened(kinds)
    monkeypatch.chdir(tmp_path)
    Path("cat.png").write_bytes(png())
    Path("notes.txt").write_text("words")
    with pytest.raises(error, match=f"(?s){said}") as raised:
        model.classify(content)
    assert isinstance(raised.value, UserError)
    assert reader.asked == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"input_type": "picture"}, "image, text, video, audio"),
        ({"max_labels": 0}, "max_labels must be a whole number from 1, got 0"),
        ({"max_labels": True}, "max_labels must be a whole number"),
        ({"min_score": 2}, "min_score must be from 0 to 1, got 2"),
        ({"min_score": "0.5"}, "min_score must be a number"),
        ({"output_config": {"max_concept": 3}}, "did you mean 'max_concepts'"),
        ({"inference_params": 3}, "inference_params must be a dict"),
    ],
)
def test_wrong_options_are_named(opened, options, said):
    model, reader = opened("text")
    with pytest.raises(UserError, match=said):
        model.classify("x", **options)
    assert reader.asked == []


def test_an_unknown_label_is_named_with_the_nearest(opened):
    model, _ = opened("text")
    one = model.classify("x")
    with pytest.raises(UnknownLabel, match=r"No concept .kat. .*; did you mean .cat."):
        one.scores["kat"]
    assert one.scores.get("kat") is None
    assert isinstance(UnknownLabel("x"), (KeyError, ClarifaiError))


def test_without_pandas_the_line_to_install_it_is_named(opened, monkeypatch):
    model, _ = opened("text")
    found = model.classify(["x"])
    monkeypatch.setitem(__import__("sys").modules, "pandas", None)
    with pytest.raises(PluginError, match=r'pip install "clarifai\[pandas\]>=13"'):
        found.to_pandas()
    assert found.to_records()[0]["label"] == "cat"


def test_the_guides_lines_run_as_printed():
    # --8<-- [start:classify]
    import numpy

    from clarifai.client import Model

    url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
    model = Model(url, base_url="local:")
    picture = numpy.zeros((64, 64, 3), "uint8")

    one = model.classify(picture, max_labels=3)
    label, score = one.top
    all_scores = dict(one.scores)

    several = model.classify([picture, "https://samples.clarifai.com/metro-north.jpg"])
    table = several.to_pandas()
    # --8<-- [end:classify]
    assert all_scores[label] == score == max(all_scores.values())
    assert len(all_scores) == 3
    assert table.label.tolist()[0] == one.top.label

"""The original of an input: `download_inputs` and `export` take every form of a message.

Forms are those that the platform was recorded with (tests/wire/examples.json), those of the
embedded platform, and each source of a medium, alone and beside one that is dead.
"""

from __future__ import annotations

import io
import json
from contextlib import closing
from pathlib import Path

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from google.protobuf.json_format import ParseDict
from PIL import Image

from clarifai_core.errors import ApiError, UserError
from clarifai_core.transport.session import session_for
from clarifai_datasets.handle import Dataset
from clarifai_inputs.originals import KINDS, Original, originals_of
from clarifai_resources.inputs import Inputs
from clarifai_resources.user import User
from tests.datasets.archives import members, write_archive
from tests.datasets.media_site import MediaSite

RECORDED = Path(__file__).parents[1] / "wire" / "examples.json"
BYTES = b"the original, byte for byte"


@pytest.fixture
def site():
    with closing(MediaSite()) as made:
        yield made


class Both:
    """Gets the original of an input in both ways."""

    def __init__(self, base_url, folder, **credentials):
        there = {"base_url": base_url, "timeout_seconds": 10, **credentials}
        self.inputs = Inputs("me", "demo", **there)
        self.dataset = Dataset(dataset_id="d", user_id="me", app_id="demo", **there)
        self.folder = folder

    def downloaded(self, one):
        (content,) = self.inputs.download_inputs([one])
        return content

    def exported(self, one):
        """Return what an export writes of an input, in the order of its media."""
        archive = write_archive(self.folder / "in.zip", {"s": [one]})
        target = self.folder / "out.zip"
        target.unlink(missing_ok=True)
        report = self.dataset.export(str(target), local_archive_path=archive)
        assert (report.exported, report.failed) == (1, [])
        return [body for name, body in members(target).items() if "/inputs/" in name]


@pytest.fixture
def both(site, tmp_path):
    made = Both(site.url, tmp_path, pat="the-key")
    yield made
    session_for(made.dataset.settings).close()


HOSTED = {"prefix": "SITE/hosted", "suffix": "a/b", "sizes": ["orig", "small"]}
FORMS = {
    "hosted": {"hosted": HOSTED},
    "hosted, no sizes": {"hosted": {**HOSTED, "sizes": []}},
    "hosted, a slash at the end": {"hosted": {**HOSTED, "prefix": "SITE/hosted/"}},
    "hosted, slashes everywhere": {"hosted": {"prefix": "SITE/hosted//", "suffix": "/a/b"}},
    "hosted, for those with a key": {"hosted": {**HOSTED, "crossorigin": "use-credentials"}},
    "an address": {"url": "SITE/there"},
    "an address, and a prefix alone": {"url": "SITE/there", "hosted": {"prefix": "SITE/hosted"}},
    "content": {"content": BYTES},
    "hosted, and an address that is dead": {"hosted": HOSTED, "url": "SITE/gone"},
    "hosted, and an address of a bucket": {"hosted": HOSTED, "url": "s3://bucket/a.png"},
    "an address, and a copy that is gone": {
        "hosted": {**HOSTED, "suffix": "gone"},
        "url": "SITE/there",
    },
    "content, and both addresses dead": {
        "content": BYTES,
        "hosted": {**HOSTED, "suffix": "gone"},
        "url": "SITE/gone",
    },
    "the same address twice": {"hosted": HOSTED, "url": "SITE/hosted/orig/a/b"},
}


def message(kind, form, site):
    """Return an input with a medium of this form."""
    made = resources_pb2.Input(id="one")
    part = getattr(made.data, kind)
    at_site = json.dumps({key: value for key, value in form.items() if key != "content"})
    ParseDict(json.loads(at_site.replace("SITE", site.url)), part)
    if "content" in form and kind == "text":
        part.raw = form["content"].decode()
    elif "content" in form:
        part.base64 = form["content"]
    return made


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_taken_in_both_ways(kind, name, site, both):
    site.pages = {"/hosted/orig/a/b": BYTES, "/there": BYTES}
    one = message(kind, FORMS[name], site)
    assert both.downloaded(one) == BYTES
    assert both.exported(one) == [BYTES]


@pytest.mark.parametrize("use", ["inputs.list_inputs.page", "inputs.list_inputs.dataset"])
def test_what_the_platform_was_recorded_with_is_taken_in_both_ways(use, site, both):
    listed = json.loads(RECORDED.read_text("utf-8"))[use]["result"]
    assert len({kind for one in listed for kind in KINDS if kind in one["data"]}) >= 3
    for one in listed:
        text = json.dumps(one).replace("http://{HTTP}", site.url)
        made = ParseDict(json.loads(text), resources_pb2.Input())
        (original,) = originals_of(made)
        name = original.hosted.removeprefix(site.url)
        site.pages = {name: BYTES, original.url.removeprefix(site.url): BYTES}
        assert name.startswith("/hosted/orig/")
        assert both.downloaded(made) == BYTES
        assert both.exported(made) == [BYTES]


def test_the_copy_is_exported_and_the_address_downloaded_where_both_answer(site, both):
    """An export is the upload, byte for byte; a download asks as the official SDK was recorded."""
    site.pages = {"/hosted/orig/a/b": b"the copy", "/there": b"what is there now"}
    one = message("image", {"hosted": HOSTED, "url": "SITE/there"}, site)
    assert both.exported(one) == [b"the copy"]
    assert both.downloaded(one) == b"what is there now"


def test_other_bytes_are_not_exported_for_a_copy_that_comes_another_time(site, both):
    site.pages = {"/hosted/orig/a/b": 503, "/there": b"what is there now"}
    one = message("image", {"hosted": HOSTED, "url": "SITE/there"}, site)
    other = resources_pb2.Input(id="two")
    other.data.text.raw = "words"
    archive = write_archive(both.folder / "in.zip", {"s": [one, other]})
    report = both.dataset.export(str(both.folder / "out.zip"), local_archive_path=archive)
    (failed,) = report.failed
    assert (failed.may_heal, failed.url) == (True, f"{site.url}/hosted/orig/a/b")
    assert "/there" not in [path for _, path, _ in site.asked]


def test_the_first_failure_is_told_when_nothing_comes(site, both):
    one = message("image", {"hosted": {**HOSTED, "suffix": "gone"}, "url": "SITE/lost"}, site)
    with pytest.raises(Exception, match=r"/lost.*404") as caught:
        both.downloaded(one)
    assert isinstance(caught.value.errors[0], ApiError)
    archive = write_archive(both.folder / "in.zip", {"s": [one]})
    with pytest.raises(Exception, match=r"orig/gone.*404"):
        both.dataset.export(str(both.folder / "out.zip"), local_archive_path=archive)


@pytest.mark.parametrize("parts", [{}, {"image": {}}, {"image": {"hosted": {"prefix": "x"}}}])
def test_an_input_without_anything_is_refused_in_both_ways(parts, both):
    one = resources_pb2.Input(id="one")
    ParseDict(parts, one.data)
    assert originals_of(one) == []
    with pytest.raises(UserError, match="has neither a URL nor content to download"):
        both.downloaded(one)
    archive = write_archive(both.folder / "in.zip", {"s": [one]})
    with pytest.raises(Exception, match="it has neither an address nor content"):
        both.dataset.export(str(both.folder / "out.zip"), local_archive_path=archive)


def test_an_empty_medium_hides_no_other(both):
    one = resources_pb2.Input(id="one")
    one.data.image.SetInParent()
    one.data.text.raw = "words"
    assert both.downloaded(one) == b"words"
    assert both.exported(one) == [b"words"]


def test_both_ways_begin_with_the_same_medium(both):
    one = resources_pb2.Input(id="one")
    one.data.text.raw = "words"
    one.data.image.base64 = b"GIF89a"
    assert both.exported(one) == [b"GIF89a", b"words"]
    assert both.downloaded(one) == b"GIF89a"


def test_a_medium_knows_how_large_it_may_be():
    assert Original("video").max_bytes > Original("video").max_unsized_bytes
    assert Original("image").max_bytes == Original("image").max_unsized_bytes


@pytest.fixture
def platform(tmp_path):
    made = Both(f"local:{tmp_path / 'platform'}", tmp_path)
    app = User("me", base_url=made.inputs.settings.base_url).create_app("demo")
    app.create_dataset("d")
    yield made
    session_for(made.dataset.settings).close()


def picture(shade):
    file = io.BytesIO()
    Image.new("RGB", (8, 4), (shade, 0, 0)).save(file, "PNG")
    return file.getvalue()


def test_inputs_of_the_embedded_platform_come_in_both_ways(platform, site):
    """Also with an address, as of an input that was given by URL, that leads nowhere by now."""
    expected = {"picture": picture(2), "text": b"words"}
    platform.inputs.upload_from_bytes("picture", image_bytes=picture(2), dataset_id="d")
    platform.inputs.upload_from_bytes("text", text_bytes=b"words", dataset_id="d")
    listed = {one.id: one for one in platform.inputs.list_inputs()}
    for address in ("", f"{site.url}/gone", "gs://bucket/gone"):
        for one in listed.values():
            (original,) = originals_of(one)
            assert original.hosted
            if address:
                getattr(one.data, original.kind).url = address
        assert {name: platform.downloaded(one) for name, one in listed.items()} == expected
        assert {name: platform.exported(one) for name, one in listed.items()} == {
            name: [content] for name, content in expected.items()
        }
    out = platform.folder / "all.zip"
    assert platform.dataset.export(str(out)).exported == 2
    found = {Path(name).stem: body for name, body in members(out).items() if "/inputs/" in name}
    assert found == expected

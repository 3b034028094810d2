"""Whether an input that is there is the one that is to be sent."""

from __future__ import annotations

import hashlib
from collections import Counter

import pytest
from clarifai_grpc.grpc.api import resources_pb2
from hypothesis import given
from hypothesis import strategies as st

from clarifai_core.errors import UserError
from clarifai_inputs.identity import Occurrences, content_id, with_prefix
from clarifai_inputs.same_input import Unsure, content_of, difference

BYTES = b"the bytes of a picture"


def image(**fields):
    return resources_pb2.Input(data=resources_pb2.Data(image=resources_pb2.Image(**fields)))


def text(raw):
    return resources_pb2.Input(data=resources_pb2.Data(text=resources_pb2.Text(raw=raw)))


def hosted(suffix):
    return image(hosted=resources_pb2.HostedURL(prefix="https://h", suffix=suffix))


def never(_):
    raise AssertionError("nothing has to be fetched to tell")


def test_a_text_is_compared_by_its_words():
    assert difference(content_of(text("a")), text("a"), never) == ""
    assert difference(content_of(text("a")), text("a "), never) == "another text is there"


def test_another_kind_is_another_input():
    mine = content_of(image(base64=BYTES))
    assert difference(mine, text("a"), never) == "a text is there, this is an image"
    empty = resources_pb2.Input()
    assert difference(mine, empty, never) == "an input without content is there, this is an image"


@pytest.mark.parametrize("name", ["sha256", "md5"])
def test_a_copy_that_is_called_by_its_checksum_is_not_fetched(name):
    digest = hashlib.new(name, BYTES).hexdigest()
    for suffix in (f"users/me/inputs/image/{digest}", f"image/{digest}.png"):
        assert difference(content_of(image(base64=BYTES)), hosted(suffix), never) == ""


def test_a_copy_of_another_name_is_fetched():
    mine = content_of(image(base64=BYTES))
    assert difference(mine, hosted("image/7"), lambda _: BYTES) == ""
    assert difference(mine, hosted("image/7"), lambda _: b"other") == "another image is there"
    assert difference(mine, image(base64=b"other"), never) == "another image is there"


def test_what_nobody_can_tell_is_said():
    mine = content_of(image(base64=BYTES))

    def refuse(_):
        raise UserError("no way there")

    with pytest.raises(Unsure, match="cannot be fetched: no way there"):
        difference(mine, hosted("image/7"), refuse)
    with pytest.raises(Unsure, match="does not say where it keeps the image"):
        difference(mine, image(url="https://x/a.png"), never)
    with pytest.raises(Unsure, match="does not say which address"):
        difference(content_of(image(url="https://x/a.png")), hosted("image/7"), never)


@pytest.mark.parametrize(
    ("there", "mine", "same"),
    [
        ("https://x/a.png", "https://x/a.png", True),
        ("https://x/a.png?id=1", "https://x/a.png?id=2", False),
        ("https://x/a.png?X-Amz-Date=1&id=1", "https://x/a.png?X-Amz-Date=2&id=1", True),
        ("https://x/a?sv=1&se=2&sig=3", "https://x/a?sv=1&se=4&sig=5", True),
        ("https://x/a?se=2", "https://x/a?se=4", False),
        ("https://x/a.png", "https://y/a.png", False),
    ],
)
def test_addresses_are_compared_without_their_signatures(there, mine, same):
    """The parameters are those of presigned URLs of S3, and of Azure's shared access signatures."""
    found = difference(content_of(image(url=mine)), image(url=there), never)
    assert (found == "") is same


@given(st.lists(st.binary(max_size=2), max_size=300))
def test_occurrences_are_counted(contents):
    seen, wanted = Occurrences(), Counter()
    for content in contents:
        assert seen.add(content_id(content)) == wanted[content]
        wanted[content] += 1


def test_occurrences_are_counted_when_there_are_many():
    seen = Occurrences()
    keys = [content_id(b"%d" % n) for n in range(20_000)]
    assert {seen.add(key) for key in keys} == {0}
    assert {seen.add(key) for key in keys} == {1}


def test_a_prefix_is_put_before_an_id_once():
    assert with_prefix("train-", "train-a", 0) == with_prefix("train-", "a", 0) == "train-a"
    assert with_prefix("train-", "train-", 0) == "train-train-"
    assert with_prefix("train-", "training", 0) == "train-training"
    assert with_prefix("", "a", 0) == "a"

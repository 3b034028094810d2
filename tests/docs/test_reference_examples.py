"""No example of the reference document is left out, and none is another than it prints."""

from __future__ import annotations

import ast
import re

import pytest

from tests.docs import reference

COPIES = {example.name: example for example in reference.copies()}
INDEXES = {"index": reference.read_index()}
if reference.DOCUMENT.is_file():
    INDEXES["document"] = reference.index_of(reference.DOCUMENT.read_text("utf-8"))


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_our_copies_are_the_printed_examples(index: dict[str, str]):
    copied = {name: example.digest for name, example in COPIES.items()}
    assert sorted(copied) == sorted(index)
    assert [name for name in index if copied[name] != index[name]] == []


@pytest.mark.parametrize("index", INDEXES.values(), ids=INDEXES)
def test_no_printed_example_is_overlooked(index: dict[str, str]):
    assert len(index) == 71
    assert reference.CORRECTED.keys() <= index.keys()


def test_every_copy_is_run():
    tests = "".join(path.read_text("utf-8") for path in reference.COPIES.glob("test_*.py"))
    assert sorted(re.findall(r'\brun\("([^"]+)"', tests)) == sorted(COPIES)


def test_only_what_is_printed_can_be_replaced():
    nodes = (node for example in COPIES.values() for node in ast.walk(example.tree))
    assert {getattr(node, "value", None) for node in nodes} >= reference.REPLACEABLE


DOCUMENT = """\
User.app()

app(app_id)

Example

from clarifai.client.user import User
app = User("user_id").app("app_id")

Note: no more

  • inputs - a list
from clarifai.client.user import User
User()
"""


def test_examples_are_found_with_their_headings():
    first, second = reference.printed(DOCUMENT)
    assert (first.name, first.code.count("\n")) == ("User.app()", 2)
    assert (second.name, second.code) == (
        "User.app() 2",
        "from clarifai.client.user import User\nUser()\n",
    )


def test_an_example_of_another_shape_is_no_silent_loss():
    with pytest.raises(ValueError, match="import clarifai"):
        reference.index_of(DOCUMENT + "\nExample\n\nimport clarifai\n")


def test_blanks_and_comments_make_no_difference_but_a_literal_does():
    one, same, other = (
        reference.Example("e", code) for code in ("f(a = 'b')\n", 'f( a="b") # c\n', "f(a='c')\n")
    )
    assert one.digest == same.digest != other.digest

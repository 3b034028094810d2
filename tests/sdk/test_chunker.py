"""`clarifai.utils.misc.Chunker`."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clarifai.errors import UserError
from clarifai.utils.misc import Chunker


@given(st.lists(st.integers()), st.integers(1, 10))
def test_chunks_joined_are_the_sequence(seq, size):
    chunks = Chunker(seq, size).chunk()
    assert [item for chunk in chunks for item in chunk] == seq
    assert all(len(chunk) == size for chunk in chunks[:-1])
    assert all(0 < len(chunk) <= size for chunk in chunks)


def test_chunks_have_the_type_of_the_sequence():
    assert Chunker("abcde", 2).chunk() == ["ab", "cd", "e"]
    assert Chunker((1, 2, 3), 2).chunk() == [(1, 2), (3,)]


@pytest.mark.parametrize("size", [0, -1, 1.5, "2", True, None])
def test_a_size_that_cannot_be_is_refused(size):
    with pytest.raises(UserError, match="size must be a whole number above 0"):
        Chunker([1], size)


def test_something_without_slices_is_refused():
    with pytest.raises(UserError, match="seq must be a sequence"):
        Chunker(7, 2)

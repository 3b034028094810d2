"""What is made once a process, in processes that fork."""

from __future__ import annotations

import os

import numpy as np
import pytest

from clarifai_models import _text_vectors


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork on this system")
@pytest.mark.filterwarnings("ignore:.*multi-threaded, use of fork:DeprecationWarning")
def test_a_forked_child_makes_its_own():
    """The runtime's threads stay with the parent: to end them, a child waited for ever."""
    here = _text_vectors.embed_texts(["a dog"])
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        os.write(writing, _text_vectors.embed_texts(["a dog"]).tobytes())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as file:
        found = np.frombuffer(file.read(), np.float32)
    assert os.waitpid(child, 0)[1] == 0
    assert np.allclose(found, here[0], atol=1e-5)

"""Small documents that mean much: refused soon, in little memory, and never quoted."""

from __future__ import annotations

import subprocess
import sys
import time
import traceback

import pytest

from clarifai_core.documents import MAX_YAML_BYTES, DocumentError, read_json
from clarifai_core.yaml_text import read_yaml

KEY = "SECRETPAT0123456789abcdef"

ALIASES = "\n".join(
    f"a{n}: &a{n} [{','.join([KEY if not n else f'*a{n - 1}'] * 9)}]" for n in range(12)
)
MERGES = "a0: &a0 {x: 1}\n" + "\n".join(
    f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)
)

YAML = {
    "aliases of aliases": ALIASES,
    "merges of merges": MERGES,
    "depth in brackets": "[" * 5000 + "]" * 5000,
    "depth in blocks": "\n".join(" " * n + "a:" for n in range(500)),
    "an alias to what it is in": "&a [*a]",
    "a number of many digits": "a: " + "1" * 100_000,
    "a number to the base of 16": "a: 0x" + "f" * 1_000_000,
    "a number to the base of 60": "a: 1" + ":10" * 100_000,
    "a fraction to the base of 60": "a: 1" + ":10" * 100_000 + ".5",
    "too many bytes": "a: " + "x" * MAX_YAML_BYTES,
    "a control character": f"pat: {KEY}\x07",
    "bytes that are no text": f"pat: {KEY}".encode() + b"\xff",
    "a date that is none": "a: 2001-99-99",
    "an unhashable key": f"? [{KEY}]\n: x",
    "an open quote": f"pat: '{KEY}",
    "an unknown alias": f"pat: *{KEY}",
    "an unknown tag": f"pat: !{KEY} x",
    "a Python tag": "!!python/object/apply:os.system ['true']",
    "two documents": f"a: {KEY}\n---\nb: 2",
}

JSON = {
    "depth": "[" * 100_000 + "]" * 100_000,
    "depth of objects": '{"a":' * 100 + "1" + "}" * 100,
    "digits": "1" * 100_000,
    "no JSON": f'{{"pat": {KEY}}}',
    "half of it": f'{{"pat": "{KEY}',
    "no text": b'"\xff\xfe\xfa"',
}


def chain_of(error):
    """Yield an error and whatever hangs on it, shown or not."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.parametrize("text", YAML.values(), ids=YAML)
def test_yaml_that_means_too_much_is_refused_soon(text):
    started = time.monotonic()
    with pytest.raises(DocumentError) as caught:
        read_yaml(text)
    assert time.monotonic() - started < 30
    assert len(str(caught.value)) < 200
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert [KEY in repr(one.args) for one in chain_of(caught.value)] == [False]


@pytest.mark.parametrize("text", JSON.values(), ids=JSON)
def test_json_that_means_too_much_is_refused(text):
    with pytest.raises(DocumentError) as caught:
        read_json(text)
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert [KEY in repr(vars(one)) for one in chain_of(caught.value)] == [False]


MEASURED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30,) * 2)
from clarifai_core.documents import DocumentError
from clarifai_core.yaml_text import read_yaml
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_yaml(sys.stdin.read())
except DocumentError as error:
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(grown)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no RLIMIT_AS")
@pytest.mark.parametrize("what", ["aliases of aliases", "merges of merges", "depth in brackets"])
def test_a_bomb_takes_little_memory(what):
    done = subprocess.run(
        [sys.executable, "-c", MEASURED],
        input=YAML[what],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert int(done.stdout) < 50_000, "KB"


def test_what_is_usual_is_read():
    assert read_yaml("a: &x {b: [1, 2.5, 0x1F]}\nc: *x\nd: {<<: *x}") == {
        "a": {"b": [1, 2.5, 31]},
        "c": {"b": [1, 2.5, 31]},
        "d": {"b": [1, 2.5, 31]},
    }

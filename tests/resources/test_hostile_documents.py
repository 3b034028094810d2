"""Parameters, workflows and CSV files that mean too much: one sentence, soon."""

from __future__ import annotations

import subprocess
import sys
import textwrap

import pytest

from clarifai_core.errors import UserError
from clarifai_core.wire.messages import struct
from clarifai_resources.inputs._csv import CsvOptions, inputs_of_csv
from clarifai_resources.model import _parameters
from clarifai_resources.workflow import _document

KEY = "SECRETPAT0123456789abcdef"
BOMBS = {
    "aliases": "\n".join(
        f"a{n}: &a{n} [{','.join([KEY if not n else f'*a{n - 1}'] * 9)}]" for n in range(12)
    ),
    "merges": "a0: &a0 {x: 1}\n"
    + "\n".join(f"a{n}: &a{n} {{<<: [{','.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 12)),
    "depth": "a: " + "[" * 3000 + "]" * 3000,
    "digits": "a: " + "1" * 100_000,
    "base 60": "a: 1" + ":10" * 100_000,
    "base 16": "a: 0x" + "f" * 500_000,
    "an open quote": f"a: '{KEY}",
    "no text": b"a: \xff",
    "much of it": b"a: " + b"x" * (5 << 20),
}


@pytest.mark.parametrize("content", BOMBS.values(), ids=BOMBS)
def test_parameters_and_workflows_are_read_within_limits(tmp_path, content):
    file = tmp_path / "made.yml"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(UserError) as caught:
        _parameters.load(file)
    assert KEY not in str(caught.value)
    with pytest.raises(UserError) as caught:
        _document.read(file, "config_filepath")
    assert len(str(caught.value)) < 1000


MEASURED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_AS, (1 << 30,) * 2)
from pathlib import Path
from clarifai_core.errors import UserError
from clarifai_resources.model import _parameters
from clarifai_resources.workflow import _document
for read in (_parameters.load, lambda path: _document.read(path, "config_filepath")):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    try:
        read(Path(sys.argv[1]))
    except UserError:
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no RLIMIT_AS")
@pytest.mark.parametrize("what", ["aliases", "merges", "depth", "base 16"])
def test_a_bomb_takes_little_memory(tmp_path, what):
    file = tmp_path / "made.yml"
    file.write_text(BOMBS[what])
    command = [sys.executable, "-c", textwrap.dedent(MEASURED), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    grown = [int(line) for line in done.stdout.split()]
    assert len(grown) == 2
    assert max(grown) < 100_000, "KB"


CELLS = {
    "depth": '{""a"":' * 5000 + "1" + "}" * 5000,
    "depth of brackets": '{""a"":' + "[" * 100_000 + "]" * 100_000 + "}",
    "depth in Python's quotes": "{'a':" * 5000 + "1" + "}" * 5000,
    "digits": '{""a"": ' + "1" * 5000 + "}",
    "an exponent": '{""a"": 1e999999}',
    "no number": '{""a"": NaN}',
    "a large number": '{""a"": ' + "1" * 400 + "}",
    "no end": '{""a"": ""' + "x" * (2 << 20) + '""}',
    "a list": "[1]",
}


@pytest.mark.parametrize("cell", CELLS.values(), ids=CELLS)
def test_a_cell_of_metadata_is_read_within_limits(tmp_path, cell):
    file = tmp_path / "made.csv"
    file.write_text(f'input,metadata\nfine,"{{""k"": 1}}"\ntext,"{cell}"\n')
    with pytest.raises(UserError, match="row 3, column metadata: must") as caught:
        inputs_of_csv(file, CsvOptions("text", "raw", None, labels=True))
    assert len(str(caught.value)) < 1000


def test_a_long_text_in_a_cell_is_a_text(tmp_path):
    file = tmp_path / "made.csv"
    file.write_text("input\n" + "x" * 300_000 + "\n")
    (made,) = inputs_of_csv(file, CsvOptions("text", "raw", None, labels=True))
    assert len(made.data.text.raw) == 300_000


@pytest.mark.parametrize("value", [10**400, [10**400]], ids=["alone", "in a list"])
def test_a_number_that_json_has_not_is_refused(value):
    with pytest.raises(UserError, match="too large for JSON"):
        struct({"a": value})


def test_depth_beyond_the_stack_is_refused():
    deep: dict[str, object] = {}
    for _ in range(5000):
        deep = {"a": deep}
    with pytest.raises(UserError, match="nested too deeply"):
        struct(deep)

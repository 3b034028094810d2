"""Every block of code on every page of the documentation does what the page prints."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from clarifai_core.transport.session import close_sessions
from tests.docs import blocks
from tests.docs.blocks import Block
from tests.docs.conftest import BLOCKS
from tools.wheels import ROOT

PAGES = [page for page in blocks.pages() if blocks.blocks_of(page)]
ALL = [block for page in PAGES for block in blocks.blocks_of(page)]
VARIABLES = (
    "CLARIFAI_API_BASE",
    "CLARIFAI_APP_ID",
    "CLARIFAI_CONTEXT",
    "CLARIFAI_PAT",
    "CLARIFAI_ROOT_CERTIFICATES_PATH",
    "CLARIFAI_SESSION_TOKEN",
    "CLARIFAI_TIMEOUT_SECONDS",
    "CLARIFAI_USER_ID",
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A new working directory, and nothing in the environment, as a reader has it."""
    for name in VARIABLES:
        monkeypatch.setenv(name, "")  # so that what a page exports is forgotten after it
        monkeypatch.delenv(name)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.chdir(tmp_path)
    close_sessions()  # `local:./platform` is another one in each folder
    with _logging_as_it_was():
        yield tmp_path
    close_sessions()


@contextmanager
def _logging_as_it_was() -> Iterator[None]:
    """Take back what pages tell loggers to do."""
    known = [logging.getLogger(), *map(logging.getLogger, list(logging.root.manager.loggerDict))]
    before = [(one, one.level, one.propagate, one.handlers[:]) for one in known]
    yield
    for one, level, propagate, handlers in before:
        one.setLevel(level)
        one.propagate, one.handlers[:] = propagate, handlers
    for name in set(logging.root.manager.loggerDict) - {one.name for one in known}:
        logging.getLogger(name).setLevel(logging.NOTSET)
        logging.getLogger(name).handlers.clear()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_block_does_what_the_page_prints(page: Path, folder: Path, record_property):
    for block in blocks.blocks_of(page):
        if block.runs_here:
            blocks.run(block)
        kind = "run" if block.runs_here else "not run" if block.run_by is None else "run by others"
        record_property(BLOCKS, kind)


@pytest.mark.parametrize("block", [one for one in ALL if not one.runs_here], ids=str)
def test_what_is_not_run_here_says_why(block: Block):
    if block.run_by is None:
        assert len((block.not_run or "").split()) >= 3, "say why it is not run"
    else:
        assert (ROOT / block.run_by).is_file(), "no such test"


def block(code: str, printed: str = "", language: str = "python", *marks: str) -> Block:
    return Block(ROOT / "README.md", 1, language, code, printed, marks)


def test_a_block_that_prints_something_else_is_found(folder: Path):
    blocks.run(block("print('a', 1)", "a ...\n"))
    with pytest.raises(blocks.Wrong, match="prints\na\n"):
        blocks.run(block("print('a')", "b\n"))
    with pytest.raises(blocks.Wrong, match="prints\na\n"):
        blocks.run(block("print('a')"))


def test_names_of_one_block_are_not_there_in_the_next(folder: Path):
    blocks.run(block("here = 1"))
    with pytest.raises(NameError):
        blocks.run(block("here"))


def test_a_command_that_fails_or_cannot_be_run_is_found(folder: Path):
    with pytest.raises(blocks.Wrong, match="ended with 2"):
        blocks.run(block("$ clarifai no-such-command\n", "", "console"))
    with pytest.raises(blocks.Wrong, match="'pip' cannot be run here"):
        blocks.run(block("$ pip install x\n", "", "console"))
    with pytest.raises(blocks.Wrong, match="does not end by itself"):
        blocks.run(block("$ clarifai local up\n", "", "console"))
    with pytest.raises(blocks.Wrong, match="no line that begins"):
        blocks.run(block("clarifai plugins\n", "", "sh"))


def test_a_page_shows_the_data_of_a_command_or_all_that_is_seen(folder: Path, monkeypatch):
    monkeypatch.setattr("clarifai_cli.main.main", write_to_both)
    for shown in ("data\n", "data\nremark\n"):
        blocks.run(block(f"$ clarifai some\n{shown}", "", "console"))
    with pytest.raises(blocks.Wrong, match="data\nremark"):
        blocks.run(block("$ clarifai some\nremark\n", "", "console"))


def write_to_both(words: list[str]) -> int:
    sys.stdout.write("data\n")
    sys.stderr.write("remark\n")
    return 0


def test_a_program_of_its_own_that_fails_is_found(folder: Path):
    with pytest.raises(blocks.Wrong, match="ended with 3"):
        blocks.run(block("raise SystemExit(3)", "", "python", blocks.OWN_PROCESS))


PAGE = """\
<!-- not run: it is
an example -->
```python
a
```

Text.

<!-- another comment -->
<!-- in a process of its own -->

- An item:

  ```python
  b
  ```

  ```text
  1
  ```

```text
no output of a block
```

```console
$ clarifai one \\
    two
out
$ clarifai three
```
"""


def test_blocks_are_found_with_their_marks_and_what_they_print(tmp_path: Path):
    page = tmp_path / "page.md"
    page.write_text(PAGE)
    first, second, third = blocks.blocks_of(page)
    assert (first.code, first.not_run, first.line) == ("a\n", "it is an example", 4)
    assert (second.code, second.printed, second.marks) == ("b\n", "1\n", ())
    assert list(blocks.commands(third.code)) == [
        ("clarifai one     two", "out\n"),
        ("clarifai three", ""),
    ]

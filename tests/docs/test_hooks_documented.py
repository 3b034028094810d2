"""docs/plugins.md names every hook, and what it prints is code that runs here."""

from __future__ import annotations

import re

import attrs
import pytest

import clarifai_core.contracts as contracts  # the module itself: `from` gives a stand-in
from clarifai_core.hookspecs import HookSpecs
from tools import snippets

PAGE = snippets.ROOT / "docs" / "plugins.md"
TEXT = PAGE.read_text("utf-8")
HOOKS = sorted(name for name in vars(HookSpecs) if name.startswith("clarifai_"))
SPECS = sorted(kind.__name__ for kind in vars(contracts).values() if str(kind).endswith("Spec'>"))


def section(hook: str) -> str:
    """The text between the heading of a hook and the next one."""
    heading = f"\n### `{hook}`\n"
    assert heading in TEXT, f"docs/plugins.md needs the heading: {heading.strip()}"
    return re.split(r"\n##+ ", TEXT.split(heading)[1])[0]


@pytest.mark.parametrize("hook", HOOKS)
def test_a_hook_has_a_heading_with_a_snippet_of_it(hook: str):
    found = section(hook)
    assert snippets.snippets(found)
    assert f"def {hook}(" in found


def test_no_heading_names_a_hook_that_is_not_there():
    assert sorted(re.findall(r"^### `(clarifai_\w+)`$", TEXT, re.MULTILINE)) == HOOKS


@pytest.mark.parametrize("name", SPECS)
def test_every_spec_and_each_field_of_its_own_is_named(name: str):
    kind = getattr(contracts, name)
    inherited = {
        field.name for base in kind.__mro__[1:] if attrs.has(base) for field in attrs.fields(base)
    }
    own = {field.name for field in attrs.fields(kind)} - inherited
    assert f"`{name}" in TEXT
    assert [field for field in sorted(own) if f"`{field}`" not in TEXT] == []


def test_there_are_specs_to_look_for():
    assert {"Spec", "LoaderSpec", "PolicySpec"} <= set(SPECS)


@pytest.mark.parametrize("path", snippets.documents(), ids=lambda path: path.name)
def test_the_snippets_of_a_document_are_the_code(path):
    text = path.read_text("utf-8")
    assert snippets.render(text) == text, "run: python tools/snippets.py"


def test_every_marked_snippet_is_printed_somewhere():
    printed = {
        place
        for path in snippets.documents()
        for place in snippets.snippets(path.read_text("utf-8"))
    }
    marked = {
        (path.relative_to(snippets.ROOT).as_posix(), name)
        for path in sorted((snippets.ROOT / "tests").rglob("*.py"))
        for name in re.findall(
            r"^\s*# --8<-- \[start:(\w+)\]$", path.read_text("utf-8"), re.MULTILINE
        )
    }
    assert marked - printed == set()


def test_a_snippet_loses_its_indentation():
    source = "if True:\n    # --8<-- [start:x]\n    a = 1\n    # --8<-- [end:x]\n"
    assert snippets.cut(source, "x") == "a = 1\n"


@pytest.mark.parametrize("source", ["", "# --8<-- [start:x]\na = 1\n"])
def test_a_snippet_without_both_marks_is_refused(source: str):
    with pytest.raises(ValueError, match="'x' stand there 0 times"):
        snippets.cut(source, "x")


def test_a_document_that_lags_behind_is_rendered_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(snippets, "ROOT", tmp_path)
    (tmp_path / "code.py").write_text("# --8<-- [start:x]\nnew = 1\n# --8<-- [end:x]\n")
    page = tmp_path / "README.md"
    page.write_text("Text\n\n<!-- snippet: code.py x -->\n```python\nold = 1\n```\n\nMore\n")
    snippets.main()
    assert page.read_text() == (
        "Text\n\n<!-- snippet: code.py x -->\n```python\nnew = 1\n```\n\nMore\n"
    )

"""Writes the API reference out of signatures and docstrings, without importing what it describes.

    python -m tools.api_pages FOLDER     # a page for each public module, in FOLDER/api

What is public stands in `tools.surface`. A class that several modules offer has its methods on the
page of the first one of `tools.surface` that is its own; the others lead there.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import griffe

from tools.surface import MODULES

ROOT = Path(__file__).resolve().parent.parent
LAST = ("clarifai.client", "clarifai.errors")
"""Doors to what other modules offer: these are described first."""


def write(pages: Path) -> list[Any]:
    """Write the pages, and return their entries in the menu.

    Args:
        pages: The folder of the site's pages; they go into its folder `api`.
    """
    (pages / "api").mkdir(parents=True, exist_ok=True)
    entries: list[Any] = []
    for name, text in reference().items():
        (pages / "api" / f"{name}.md").write_text(text, "utf-8")
        entries.append({name: f"api/{name}.md"})
    return sorted(entries, key=lambda entry: next(iter(entry)))


def reference() -> dict[str, str]:
    """Return public module -> its page."""
    collection = _load()
    described: dict[str, tuple[str, str]] = {}
    made = {}
    for name in sorted(MODULES, key=lambda one: one in LAST):
        made[name] = "\n\n".join(_module(collection[name], name, described)) + "\n"
    return made


def _load() -> Any:
    sources = sorted(ROOT.glob("packages/*/src"))
    loader = griffe.GriffeLoader(search_paths=sources, docstring_parser="google")
    for source in sources:
        for package in sorted(source.iterdir()):
            if (package / "__init__.py").is_file():
                loader.load(package.name)
    loader.resolve_aliases(implicit=True, external=False)
    return loader.modules_collection


def _module(module: Any, name: str, described: dict[str, tuple[str, str]]) -> Iterator[str]:
    yield f"# {name}"
    if module.docstring:
        yield from _docstring(module.docstring)
    for public in _public(module):
        member = module.members.get(public)
        if member is None:
            continue
        try:
            target = member.final_target if member.is_alias else member
        except griffe.AliasResolutionError:  # of a library that is not ours
            continue
        home, called = described.setdefault(target.path, (name, public))
        if (home, called) != (name, public):
            yield f"## {public}"
            yield f"See [{home}.{called}]({home}.md#{_anchor(called)})."
        else:
            yield from _thing(target, public)


def _public(module: Any) -> Sequence[str]:
    if module.exports is not None:
        return [str(getattr(name, "name", name)) for name in module.exports]
    own = [name for name, one in module.members.items() if not one.is_alias and not one.is_module]
    return [name for name in own if not name.startswith("_")]


def _thing(target: Any, name: str) -> Iterator[str]:
    if target.is_class:
        yield from _class(target, name)
    elif target.is_function:
        yield from _function(target, "##", name)
    else:
        yield f"## {name} {{#{_anchor(name)}}}"
        if target.docstring:
            yield from _docstring(target.docstring)


def _class(cls: Any, name: str) -> Iterator[str]:
    yield f"## {name} {{#{_anchor(name)}}}"
    init = cls.all_members.get("__init__")
    if init is not None and init.is_function:
        yield _signature(init, name)
    if cls.docstring:
        yield from _docstring(cls.docstring)
    if init is not None and init.docstring:
        yield from _docstring(init.docstring)
    members = [one for one in cls.all_members.values() if not one.name.startswith("_")]
    for method in sorted((one for one in members if one.is_function), key=lambda one: one.name):
        yield from _function(method, "###", method.name, owner=name)
    attributes = [one for one in members if one.is_attribute and one.docstring]
    if attributes:
        yield f"### Attributes of {name}"
        lines = (f"- `{one.name}`: {_one_line(one.docstring.value)}" for one in attributes)
        yield "\n".join(lines)


def _function(function: Any, heading: str, name: str, owner: str = "") -> Iterator[str]:
    anchor = _anchor(f"{owner}.{name}" if owner else name)
    yield f"{heading} {name} {{#{anchor}}}"
    yield _signature(function, name)
    if function.docstring:
        yield from _docstring(function.docstring)


def _signature(function: Any, name: str) -> str:
    """Return the signature as code, a parameter a line where one line does not hold them.

    Args:
        function: What is called.
        name: What it is called by.
    """
    parts, bare = [], False
    for one in function.parameters:
        if one.name in ("self", "cls"):
            continue
        kind = one.kind.value if one.kind else ""
        if kind == "keyword-only" and not bare:
            parts.append("*")
        bare = bare or kind in ("keyword-only", "variadic positional")
        stars = {"variadic positional": "*", "variadic keyword": "**"}.get(kind, "")
        type_ = f": {one.annotation}" if one.annotation else ""
        default = "" if one.default is None or stars else f" = {one.default}"
        parts.append(f"{stars}{one.name}{type_}{default}")
    answer = f" -> {function.returns}" if function.returns and function.name != "__init__" else ""
    line = f"{name}({', '.join(parts)}){answer}"
    if len(line) > 90:
        line = "\n".join([f"{name}(", *(f"    {part}," for part in parts), f"){answer}"])
    return f"```text\n{line}\n```"


def _docstring(docstring: Any) -> Iterator[str]:
    for section in docstring.parsed:
        kind = section.kind.value
        if kind == "text":
            yield _text(section.value)
        elif kind in ("parameters", "other parameters", "attributes"):
            heading = "Arguments" if kind == "parameters" else kind.capitalize()
            yield _listed(heading, [(f"`{one.name}`", one.description) for one in section.value])
        elif kind in ("returns", "yields"):
            yield _listed(kind.capitalize(), [("", one.description) for one in section.value])
        elif kind in ("raises", "warns"):
            rows = [(f"`{one.annotation}`", one.description) for one in section.value]
            yield _listed(kind.capitalize(), rows)
        elif kind == "examples":
            yield from (_text(str(value)) for _, value in section.value)
        elif kind == "admonition":
            yield f"**{section.title or section.value.kind.capitalize()}**"
            yield _text(section.value.contents)


def _listed(heading: str, rows: Sequence[tuple[str, str]]) -> str:
    lines = [f"- {name}{': ' if name else ''}{_one_line(text)}" for name, text in rows]
    return "\n".join([f"**{heading}**", "", *lines])


def _text(text: str) -> str:
    """Return text of a docstring as Markdown: examples and indented parts become code.

    Args:
        text: One part of a docstring.
    """
    done = []
    for part in re.split(r"\n\s*\n", text.strip("\n")):
        if part.lstrip().startswith(">>>"):
            done.append(f"```pycon\n{textwrap.dedent(part)}\n```")
        elif part.startswith("    "):
            done.append(f"```text\n{part}\n```")
        else:
            done.append(_fit(part))
    return "\n\n".join(done)


def _one_line(text: str) -> str:
    return _fit(" ".join(text.split()))


def _fit(text: str) -> str:
    """Return it with what Markdown would take for tags or links told apart, outside of code.

    Args:
        text: A line of prose.
    """
    parts = text.split("`")
    parts[::2] = [re.sub(r"([<\[\]])", r"\\\1", one).replace("\\<", "&lt;") for one in parts[::2]]
    return "`".join(parts)


def _anchor(name: str) -> str:
    return name.lower()


if __name__ == "__main__":
    print(len(write(Path(sys.argv[1]))), "pages")

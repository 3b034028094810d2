"""Puts code that the tests run into the documents.

    python tools/snippets.py     # rewrite the snippets in docs/*.md and the READMEs

In a document, a comment before a code block says where the block comes from:

    <!-- snippet: tests/docs/plugin_snippets/acme/plugin.py loaders -->

and in that file the comments `# --8<-- [start:loaders]` and `# --8<-- [end:loaders]` enclose it.
A test fails when a document and the code have come apart.
"""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_BLOCK = re.compile(
    r"(?P<head><!-- snippet: (?P<path>\S+) (?P<name>\S+) -->\n```\w+\n)(?P<code>.*?)```\n",
    re.DOTALL,
)


def documents() -> list[Path]:
    """Return every document that may hold snippets."""
    return [*sorted(ROOT.glob("*.md")), *sorted(ROOT.glob("docs/**/*.md"))]


def cut(source: str, name: str) -> str:
    r"""Return the code between the marks `name` of a source text, without its indentation.

    Raises:
        ValueError: The marks are missing or stand there more than once.

    Example:
        >>> cut("a = 1\n# --8<-- [start:b]\nb = 2\n# --8<-- [end:b]\n", "b")
        'b = 2\n'
    """
    mark = re.escape(name)
    pattern = rf"^[ ]*# --8<-- \[start:{mark}\]\n(.*?)^[ ]*# --8<-- \[end:{mark}\]$"
    found = re.findall(pattern, source, re.DOTALL | re.MULTILINE)
    if len(found) != 1:
        raise ValueError(f"the marks of snippet {name!r} stand there {len(found)} times")
    return textwrap.dedent(found[0]).strip("\n") + "\n"


def render(document: str) -> str:
    """Return a document with each of its snippets as the code has it today."""
    return _BLOCK.sub(_fresh, document)


def _fresh(block: re.Match[str]) -> str:
    source = (ROOT / block["path"]).read_text("utf-8")
    return f"{block['head']}{cut(source, block['name'])}```\n"


def snippets(document: str) -> list[tuple[str, str]]:
    """Return the (path, name) of each snippet in a document."""
    return [(block["path"], block["name"]) for block in _BLOCK.finditer(document)]


def main() -> None:
    """Rewrite the documents that need it, and name them."""
    for path in documents():
        text = path.read_text("utf-8")
        fresh = render(text)
        if fresh != text:
            path.write_text(fresh, "utf-8")
            print(path.relative_to(ROOT))


if __name__ == "__main__":
    main()

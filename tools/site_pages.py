"""Lays out the pages of the documentation's site: those of docs/, and what they link to elsewhere.

In the repository a page links to files of the repository, and every link leads to a file
(tests/docs/test_links.py). On the site there are the pages of `docs/` under their own names, those
of `ELSEWHERE` under the names given there, and what `tools.api_pages` and `tools.notebook_pages`
make; a link to any other file becomes its bare text.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"

ELSEWHERE = {
    "README.md": "readme.md",
    "SECURITY.md": "security.md",
    "CONTRIBUTING.md": "contributing.md",
    "benchmarks/README.md": "benchmarks.md",
}
"""File of the repository -> its page on the site, besides the READMEs of the packages."""

_LINK = re.compile(r"(?<!!)\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")
_FENCE = re.compile(r"^(?P<indent> *)```.*?^(?P=indent)``` *$", re.DOTALL | re.MULTILINE)


def pages() -> dict[str, str]:
    """Return file of the repository -> page of the site, for every page that is written by hand.

    Example:
        >>> pages()["docs/howto/export.md"], pages()["packages/local/README.md"]
        ('howto/export.md', 'packages/local.md')
    """
    found = dict(ELSEWHERE)
    for readme in sorted(ROOT.glob("packages/*/README.md")):
        found[_name(readme)] = f"packages/{readme.parent.name}.md"
    for page in sorted(DOCS.rglob("*.md")):
        found[_name(page)] = page.relative_to(DOCS).as_posix()
    return found


def assemble(target: Path) -> None:
    """Write every page that is written by hand, and what else lies in docs/, into a new folder.

    Args:
        target: The folder; what it holds is deleted.
    """
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(DOCS, target, ignore=shutil.ignore_patterns("*.md", "*.ipynb"))
    known = pages()
    for source, page in known.items():
        text = (ROOT / source).read_text("utf-8")
        (target / page).parent.mkdir(parents=True, exist_ok=True)
        (target / page).write_text(relinked(text, source, known), "utf-8")


def relinked(text: str, source: str, known: dict[str, str]) -> str:
    """Return a page with its links as the site has them.

    Args:
        text: The page.
        source: Its file, from the root of the repository.
        known: File of the repository -> page of the site.

    Example:
        >>> known = {"docs/a.md": "a.md", "docs/how/b.md": "how/b.md"}
        >>> relinked("[b](how/b.md#c), [code](../tools/x.py)", "docs/a.md", known)
        '[b](how/b.md#c), code'
    """
    done, out = 0, []
    for fence in _FENCE.finditer(text):
        out.append(_relinked(text[done : fence.start()], source, known))
        out.append(fence[0])
        done = fence.end()
    return "".join([*out, _relinked(text[done:], source, known)])


def _relinked(text: str, source: str, known: dict[str, str]) -> str:
    def replaced(link: re.Match[str]) -> str:
        path, _, anchor = link["target"].partition("#")
        if not path or re.match(r"\w+:", path):
            return link[0]
        file = os.path.normpath(PurePosixPath(source).parent / path)
        page = known.get(file) or known.get(f"{file}/README.md")
        if page is None:
            return link["text"]
        there = os.path.relpath(page, PurePosixPath(known[source]).parent)
        return f"[{link['text']}]({there}{'#' * bool(anchor)}{anchor})"

    return _LINK.sub(replaced, text)


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()

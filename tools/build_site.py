"""Builds the documentation as a site, and asks its search index for what readers look for.

    UV_PROJECT_ENVIRONMENT=.venv-docs uv run --only-group docs python tools/build_site.py

The site lies in `site/` and needs no network and no server: open `site/index.html`. A link that
leads nowhere, a page that is in no menu and a word that is not found end the build.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "build" / "site-pages"
SITE = ROOT / "site"

QUESTIONS: Mapping[str, str] = {
    "resume a broken upload": "howto/resume.html",
    "upload a folder": "howto/upload-folder.html",
    "annotate with boxes": "howto/annotate.html",
    "train a model": "howto/train.html",
    "evaluate": "howto/evaluate.html",
    "search by text": "howto/search-text.html",
    "SSL_CERT_FILE": "embedding.html",
    "OpenTelemetry": "embedding.html",
    "No credentials": "troubleshooting.html",
    "UploadReport": "datasets.html",
    "predict_by_filepath": "api/clarifai.client.model.html",
    "clarifai_register_loaders": "plugins.html",
    "Throttled": "errors.html",
    "asyncio cancel": "asyncio.html",
    "notebook to_pandas": "notebooks.html",
    "clarifai model evaluate": "commands.html",
    "LoaderContract": "testing-plugins.html",
}
"""What a reader types -> the page that must be among those that have all of its words."""

_ELSEWHERE = re.compile(r"""<(?:script|link|img|iframe)\b[^>]*(?:src|href)=["']?(https?:)?//""")


def main() -> None:
    """Build the site; the exit code is 1 when something is wrong with it."""
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    sys.path.insert(0, str(ROOT))
    from tools import api_pages, notebook_pages, site_pages

    logging.basicConfig(level=logging.WARNING, format="%(levelname)s: %(message)s")
    site_pages.assemble(PAGES)
    config = load_config(str(ROOT / "mkdocs.yml"), docs_dir=str(PAGES), site_dir=str(SITE))
    for heading, names in (
        ("API reference", api_pages.write(PAGES)),
        (
            "Packages",
            [page for page in site_pages.pages().values() if page.startswith("packages/")],
        ),
        ("Notebooks", notebook_pages.write(PAGES)),
    ):
        _section(config["nav"], heading).extend(names)
    build(config)
    index = json.loads((SITE / "search" / "search_index.json").read_text("utf-8"))
    faults = [*unanswered(index, QUESTIONS), *foreign(SITE)]
    print(
        f"{len(list(SITE.rglob('*.html')))} pages, {len(index['docs'])} places in the search index"
    )
    print(*faults, sep="\n", end="\n" * bool(faults))
    sys.exit(1 if faults else 0)


def _section(nav: list[Any], heading: str) -> list[Any]:
    """Return the list below a heading of the menu, wherever it stands.

    Args:
        nav: The menu, or a part of it.
        heading: Which one; it must be there once.
    """
    (found,) = _sections(nav, heading)
    return found


def _sections(nav: list[Any], heading: str) -> Iterator[list[Any]]:
    for entry in nav:
        for name, below in entry.items() if isinstance(entry, dict) else ():
            if isinstance(below, list):
                if name == heading:
                    yield below
                yield from _sections(below, heading)


def unanswered(index: Mapping[str, Any], questions: Mapping[str, str]) -> Iterator[str]:
    """Yield a sentence for each question whose page the index does not find.

    Args:
        index: The index of the search, as mkdocs writes it.
        questions: What is typed -> the page that should have all of its words.

    Example:
        >>> index = {"docs": [{"location": "a.html#b", "title": "To b", "text": "<p>or not</p>"}]}
        >>> list(unanswered(index, {"not b": "a.html", "question": "a.html"}))
        ["'question' does not find a.html"]
    """
    pages: dict[str, set[str]] = {}
    for place in index["docs"]:
        page = place["location"].partition("#")[0]
        text = re.sub(r"<[^>]+>", " ", f"{place['title']} {place['text']}")
        pages.setdefault(page, set()).update(_words(text))
    for question, page in questions.items():
        if not set(_words(question)) <= pages.get(page, set()):
            yield f"{question!r} does not find {page}"


def _words(text: str) -> Sequence[str]:
    return re.findall(r"\w+", text.lower())


def foreign(site: Path) -> Iterator[str]:
    """Yield a sentence for each page that loads something of another host.

    Args:
        site: The built site.
    """
    for page in sorted(site.rglob("*.html")):
        if _ELSEWHERE.search(page.read_text("utf-8")):
            yield f"{page.relative_to(site)} loads something of another host"


if __name__ == "__main__":
    main()

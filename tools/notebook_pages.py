"""Makes a page of the site out of each notebook in docs/notebooks, with its outputs.

No notebook is run here. `tools.run_notebooks` runs them, in an environment that has the SDK; what
it kept in `EXECUTED` is shown, and without it the cells alone.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
NOTEBOOKS = ROOT / "docs" / "notebooks"
EXECUTED = ROOT / "build" / "notebooks"
_WIDGET = "application/vnd.jupyter.widget-view+json"
_CONTROL = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


def write(pages: Path) -> list[dict[str, str]]:
    """Write a page for each notebook, and return their entries in the menu.

    Args:
        pages: The folder of the site's pages.
    """
    entries = []
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        executed = EXECUTED / path.name
        shown = executed if executed.is_file() else path
        notebook = json.loads(shown.read_text("utf-8"))
        folder = pages / "notebooks"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / path.name).write_bytes(path.read_bytes())
        text = "\n\n".join(markdown(notebook, path.stem, folder))
        (folder / f"{path.stem}.md").write_text(
            f"{text}\n\n[The notebook itself]({path.name})\n", "utf-8"
        )
        entries.append({title_of(text, path.stem): f"notebooks/{path.stem}.md"})
    return entries


def title_of(text: str, otherwise: str) -> str:
    r"""Return the first heading of a page.

    Example:
        >>> title_of("# See it\n\ntext", "a"), title_of("text", "a")
        ('See it', 'a')
    """
    found = re.search(r"^# (.+)$", text, re.MULTILINE)
    return found[1] if found else otherwise


def markdown(notebook: Mapping[str, Any], stem: str, folder: Path) -> Iterator[str]:
    """Yield the cells of a notebook and their outputs as Markdown.

    Args:
        notebook: What its file holds.
        stem: How files of its pictures begin.
        folder: Where these are written.
    """
    for number, cell in enumerate(notebook["cells"]):
        source = _text(cell["source"])
        if cell["cell_type"] == "markdown":
            yield source
        elif cell["cell_type"] == "code" and source.strip():
            yield f"```python\n{source.rstrip()}\n```"
            for place, output in enumerate(cell.get("outputs", ())):
                yield from _output(output, f"{stem}-{number}-{place}.png", folder)


def _output(output: Mapping[str, Any], picture: str, folder: Path) -> Iterator[str]:
    data = output.get("data", {})
    if _WIDGET in data:  # a bar of progress: what is kept of it is how it began
        return
    if "text" in output or "traceback" in output:
        yield _preformatted(_text(output.get("text") or "\n".join(output["traceback"])))
    elif "image/png" in data:
        (folder / picture).write_bytes(base64.b64decode(_text(data["image/png"])))
        yield f"![output]({picture})"
    elif "text/html" in data:
        # A blank line would end the HTML, as Markdown reads it.
        html = re.sub(r"\n\s*\n", "\n", _text(data["text/html"]))
        yield f'<div class="notebook-output">\n{html}\n</div>'
    elif "text/plain" in data:
        yield _preformatted(_text(data["text/plain"]))


def _preformatted(text: str) -> str:
    return f"```text\n{_CONTROL.sub('', text).rstrip()}\n```"


def _text(source: str | list[str]) -> str:
    return source if isinstance(source, str) else "".join(source)

"""The examples of the reference document: those that it prints, and our copies of them.

The copies are the cells (`# %% User.app()`) of the files in `reference_examples`: what the document
prints, but for comments to mypy and what is in `CORRECTED`. The tests beside them run each on an
embedded platform, with names of their own for the placeholders in `REPLACEABLE`. The document
itself is not in this repository: `index.txt` holds a digest of each of its examples. To write that
anew: `python -m tests.docs.reference`.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import attrs

from tools.wheels import ROOT

DOCUMENT = ROOT.parent / "shared" / "reference" / "sdk-api-reference.txt"
"""Beside the repository, where it is there at all."""

COPIES = Path(__file__).with_name("reference_examples")
INDEX = COPIES / "index.txt"
"""Lines `<digest>  <name>`, in the order of the document."""

REPLACEABLE = frozenset(
    (
        "/path/to/image.jpg",
        "/path/to/text.txt",
        "csv_path",
        "filepath",
        "model_url",
        "model_version_id",
        "module_version_id",
        "param",
        "template",
        "url",
        "version_id",
        "workflow_url",
    )
)
"""Ids, file names and URLs that a test may replace; all other literals run as they are printed."""


@attrs.frozen
class Correction:
    """What stands in our copy for a fragment that no program can run."""

    printed: str
    ours: str
    reason: str


CORRECTED: Mapping[str, Correction] = {
    "Inputs.get_mask_proto()": Correction(
        "[[[x,y],...,[x,y]],...]",
        "[[[x,y],[x,1],[1,y]],[[0,0],[0,y],[x,0]]]",
        "the dots stand for points and polygons that are not printed",
    ),
    "Dataset.delete_version()": Correction(
        "user_id='user_id', dataset.delete_version(",
        "user_id='user_id', app_id='app_id')\ndataset.delete_version(",
        "two lines are printed as one, without what was between them",
    ),
}
"""Name of an example -> what is corrected in it."""


@attrs.frozen
class Example:
    """One example."""

    name: str
    """The heading it is printed under, with a number from the second one on."""
    code: str
    line: int = 1
    """Where the code starts in its file."""
    path: Path | None = None

    @property
    def tree(self) -> ast.Module:
        """Return the code, parsed; its lines are those of the file."""
        return ast.increment_lineno(ast.parse(self.code), self.line - 1)

    @property
    def digest(self) -> str:
        """Return what is the same for the same program, whatever its blanks and comments."""
        return hashlib.sha256(ast.unparse(ast.parse(self.code)).encode()).hexdigest()

    def corrected(self) -> Example:
        """Return the example that our copy of this printed one should be."""
        if self.name not in CORRECTED:
            return self
        correction = CORRECTED[self.name]
        assert self.code.count(correction.printed) == 1, f"{self.name} needs no such correction"
        return attrs.evolve(self, code=self.code.replace(correction.printed, correction.ours))


def printed(document: str) -> Iterator[Example]:
    """Yield the examples of a document: from an import to a blank line, below a heading."""
    heading, seen = "", set[str]()
    for found in _HEADING_OR_CODE.finditer(document):
        if found[1]:
            heading = found[1]
            continue
        name, number = heading, 1
        while name in seen:
            number += 1
            name = f"{heading} {number}"
        seen.add(name)
        yield Example(name, found[0].rstrip("\n") + "\n")


def copies() -> Iterator[Example]:
    """Yield our copies, file by file."""
    for path in sorted(COPIES.glob("[a-z]*.py")):
        text = path.read_text("utf-8")
        for cell in re.finditer(r"^# %% (.+)\n((?:.+\n)+)", text, re.MULTILINE):
            yield Example(cell[1], cell[2], text.count("\n", 0, cell.start(2)) + 1, path)


def read_index() -> dict[str, str]:
    """Return the name and digest of every example, in the order of the document."""
    lines = INDEX.read_text("utf-8").splitlines()
    return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}


def index_of(document: str) -> dict[str, str]:
    """Return what the index of a document should be.

    Raises:
        ValueError: What stands under a line `Example` is not found as one.
    """
    if lost := _EXAMPLE_WITHOUT_CODE.search(document):
        raise ValueError(f"no example is found in {lost[0]!r}")
    return {example.name: example.corrected().digest for example in printed(document)}


def main() -> None:
    """Write the index of the document."""
    entries = index_of(DOCUMENT.read_text("utf-8"))
    INDEX.write_text("".join(f"{digest}  {name}\n" for name, digest in entries.items()), "utf-8")


_HEADING_OR_CODE = re.compile(r"^([A-Z]\w+\.\w+\(\))$|^from clarifai.*\n(?:.+\n?)*", re.MULTILINE)
_EXAMPLE_WITHOUT_CODE = re.compile(
    r"^(?:Example|Exmaple)\n\n(?!(?:#.*\n)*from clarifai).*", re.MULTILINE
)

if __name__ == "__main__":
    main()

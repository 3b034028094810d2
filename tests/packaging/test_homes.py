"""Each rule of the trade has one home: nobody else reads a CSV cell, a mark, a signature, a status.

Two readers of one thing drift apart: that is how `["a,b"]` became two labels in one place and one
in another. What is looked for are the words by which a second home would be known. The platform is
a program of its own, as a server that shares the client's tables confirms its mistakes; and
`clarifai_aio` is made of the other packages' sources.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

import attrs
import pytest
from clarifai_grpc.grpc.api.status import status_code_pb2

from tools.wheels import workspace

SERVERS = ("clarifai_local", "clarifai_models")
STATUSES = {number for number in status_code_pb2.StatusCode.values() if number >= 10000}


@attrs.frozen
class Rule:
    """One rule, and where it may stand."""

    is_a_copy: Callable[[ast.AST, str], bool]
    """Whether a piece of code, with its text, applies the rule by itself."""
    homes: dict[str, str]
    """File -> what it has of the rule."""


def _text(node: ast.AST) -> str:
    """Return a literal as ASCII; `""`: it is none, or only explains."""
    is_literal = isinstance(node, ast.Constant) and isinstance(node.value, (str, bytes))
    return ascii(node.value) if is_literal and isinstance(node, ast.Constant) else ""


def _literal(pattern: str) -> Callable[[ast.AST, str], bool]:
    return lambda node, _: bool(re.search(pattern, _text(node)))


def _call(pattern: str) -> Callable[[ast.AST, str], bool]:
    def called(node: ast.AST, _: str) -> bool:
        return isinstance(node, ast.Call) and bool(re.search(pattern, ast.unparse(node.func)))

    return called


def _is_status(node: ast.AST, written: str) -> bool:
    """A number of a status; sizes are written with underscores: `10_000`."""
    is_number = isinstance(node, ast.Constant) and type(node.value) is int
    return is_number and "_" not in written and ast.literal_eval(written) in STATUSES


_MARKS = re.compile(r"utf[-_]8[-_]sig|\\ufeff|\\xef\\xbb\\xbf|\\xff\\xfe")


def _is_mark(node: ast.AST, _: str) -> bool:
    is_named = isinstance(node, ast.Attribute) and node.attr.startswith("BOM_")
    return is_named or bool(_MARKS.search(_text(node)))


RULES = {
    "a row of CSV": Rule(
        _call(r"^csv\.(reader|writer|DictReader|DictWriter|Sniffer)$"),
        {
            "clarifai_inputs/csv_dialect.py": "the dialect",
            "clarifai_core/installation.py": "RECORD, the list of files that wheels have",
        },
    ),
    "a byte order mark": Rule(
        _is_mark,
        {
            "clarifai_inputs/texts.py": "texts in files",
            "clarifai_inputs/file_names.py": "characters that no name of a file may have",
            "clarifai_core/contexts.py": "the contexts file, which core reads without inputs",
        },
    ),
    "a signature of media": Rule(
        _literal(r"^b.*(x89PNG|GIF8|RIFF|xff\\xd8|ftyp|OggS|fLaC|%PDF|PK\\x03)"),
        {
            "clarifai_inputs/signatures.py": "the table",
            "clarifai_views/thumbnails.py": "what browsers show, which is told without inputs",
            "clarifai_datasets/_export/zip_parts.py": "the record that it writes before a member",
        },
    ),
    "the meaning of a status": Rule(
        _is_status,
        {
            "clarifai_core/status.py": "of a call",
            "clarifai_core/jobs.py": "of a job",
            "clarifai_inputs/item_statuses.py": "of an item of a call",
        },
    ),
    "a box in a message": Rule(_call(r"\bBoundingBox$"), {"clarifai_inputs/boxes.py": "the shape"}),
    "a file that is there whole or not at all": Rule(
        _call(r"^(os\.(replace|rename)|tempfile\.(mkstemp|NamedTemporaryFile)|draft\.replace)$"),
        {
            "clarifai_core/files.py": "replacing",
            "clarifai_datasets/_export/own_folder.py": "a name that is kept for what it is",
            "clarifai_datasets/upload/loaders/_spool.py": "a file without a name, of this process",
        },
    ),
    "who sends PostInputs": Rule(
        lambda node, _: isinstance(node, ast.Constant) and node.value == "PostInputs",
        {
            "clarifai_inputs/sender.py": "the sender",
            "clarifai_core/transport/catalogue.py": "its deadline",
            "clarifai_resources/inputs/_uploads.py": "the name in its error",
        },
    ),
}


def _code(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield what runs: all but docstrings, and texts that stand where one would."""
    for node in ast.walk(tree):
        for child in ast.iter_child_nodes(node):
            if not (isinstance(node, ast.Expr) and isinstance(child, ast.Constant)):
                yield child


@pytest.fixture(scope="module")
def applied() -> dict[str, set[str]]:
    """The files that apply each rule by themselves."""
    found: dict[str, set[str]] = {name: set() for name in RULES}
    for package in workspace().values():
        if package.room in (*SERVERS, "clarifai_aio"):
            continue
        for path in package.source.rglob("*.py"):
            text = path.read_text("utf-8")
            name = path.relative_to(package.source.parent).as_posix()
            for node in _code(ast.parse(text)):
                for rule in _rules_of(node, text):
                    found[rule].add(name)
    return found


def _rules_of(node: ast.AST, text: str) -> Iterator[str]:
    if not isinstance(node, (ast.Constant, ast.Call, ast.Attribute)):
        return
    is_number = isinstance(node, ast.Constant) and type(node.value) is int
    written = (ast.get_source_segment(text, node) or "") if is_number else ""
    yield from (name for name, rule in RULES.items() if rule.is_a_copy(node, written))


@pytest.mark.parametrize("rule", RULES)
def test_it_has_one_home(applied: dict[str, set[str]], rule: str):
    assert applied[rule] == RULES[rule].homes.keys()


COPIES = {
    "a row of CSV": "rows = csv.reader(file)",
    "a byte order mark": "text = content.decode('utf-8-sig')",
    "a signature of media": r"is_png = head.startswith(b'\x89PNG')",
    "the meaning of a status": "is_ready = status.code == 30000",
    "a box in a message": "made = resources_pb2.BoundingBox(left_col=0.1)",
    "a file that is there whole or not at all": "os.replace(draft, path)",
    "who sends PostInputs": "session.call('PostInputs', request)",
}


@pytest.mark.parametrize("rule", RULES)
def test_a_second_home_would_be_found(rule: str):
    nodes = _code(ast.parse(COPIES[rule]))
    assert rule in {name for node in nodes for name in _rules_of(node, COPIES[rule])}


def test_sizes_and_docstrings_are_no_second_homes():
    for text in ("LIMIT = 30_000", 'def f():\n    """Status 30000, and utf-8-sig."""'):
        nodes = _code(ast.parse(text))
        assert [name for node in nodes for name in _rules_of(node, text)] == []

"""How results are shown: as a table for people, or in a form that programs read.

What a row is, and which columns it has, is said in `clarifai_core.records`, for this and for
everything else that shows rows.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Mapping
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

import attrs

from clarifai_cli._tables import lines_of, text_of
from clarifai_core.safe_text import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

FORMS = ("table", "json", "jsonl", "yaml", "csv", "ids")
"""What `--output` may say."""


@attrs.frozen
class Output:
    """Where the results of one command go: `clarifai_core.command_context.CommandOutput`.

    Data goes to stdout and remarks to stderr. jsonl, csv and ids are printed as items come; json
    and yaml are exactly one document.
    """

    form: str = "table"
    limit: int | None = None
    is_quiet: bool = False
    stream: TextIO | None = None
    """None: the standard output of the moment."""

    @property
    def as_json(self) -> bool:
        """Return whether one JSON document is wanted."""
        return self.form == "json"

    def remark(self, text: str, /) -> None:
        """Say something that is not the result; nothing when it is to be quiet."""
        if text and not self.is_quiet:
            say(text, to=sys.stderr)

    def record(self, item: object, /) -> None:
        """Show one thing: its properties, a line each."""
        values = row_of(item)
        if self.form == "table":
            width = max(map(len, values), default=0)
            for name, value in values.items():
                say(f"{name:<{width}}  {text_of(value)}".rstrip(), to=self._stream)
        elif self.form in ("json", "yaml"):
            self.document(values)
        else:
            self._stream_rows(iter([values]), [item], None)

    def table(
        self,
        items: Iterable[object],
        *,
        empty: str = "",
        id_of: Callable[[Any], str] | None = None,
    ) -> int:
        """Show many things of one kind, at most `limit`, and return how many."""
        found = islice(iter(items), self.limit)
        if self.form in ("json", "yaml"):
            rows = [row_of(item) for item in found]
            self.document(rows)
            count = len(rows)
        elif self.form == "table":
            count = 0
            for count, line in enumerate(  # noqa: B007  why: the last one is wanted
                lines_of(map(row_of, found), self._stream)
            ):
                say(line, to=self._stream, is_fit=True)
        else:
            count = self._stream_rows(None, found, id_of)
        if not count:
            self.remark(empty)
        return count

    def done(self, item: object, sentence: str, /) -> None:
        """Tell people the sentence, and programs the item."""
        if self.form != "table":
            if isinstance(item, (list, tuple)):
                attrs.evolve(self, limit=None).table(item)
            else:
                self.record(item)
        self.remark(sentence)

    def document(self, content: object, /) -> None:
        """Print one document: YAML if that is wanted, else JSON."""
        if self.form == "yaml":
            from clarifai_core.yaml_text import dump

            print(dump(_plain(content)).rstrip("\n"), file=self._stream)
        else:
            indent = None if self.form == "jsonl" else 2
            print(json.dumps(content, indent=indent, default=str), file=self._stream)

    def _stream_rows(
        self,
        rows: Iterator[Mapping[str, Any]] | None,
        items: Iterable[Any],
        id_of: Callable[[Any], str] | None,
    ) -> int:
        """Print a line for each item as it comes, and return how many."""
        if self.form == "ids" and id_of is not None:
            return self._print(map(id_of, items))
        rows = map(row_of, items) if rows is None else rows
        if self.form == "ids":
            return self._print(map(_id_of, rows))
        if self.form == "csv":
            return self._csv(rows)
        return self._print(json.dumps(row, default=str) for row in rows)

    def _print(self, lines: Iterable[str]) -> int:
        count = 0
        for count, line in enumerate(lines, 1):  # noqa: B007  why: the last one is wanted
            print(fit(line) if self._stream.isatty() else line, file=self._stream, flush=True)
        return count

    def _csv(self, rows: Iterator[Mapping[str, Any]]) -> int:
        first = next(rows, None)
        if first is None:
            return 0
        writer = csv.DictWriter(self._stream, list(first), extrasaction="ignore", restval="")
        writer.writeheader()
        count = 0
        for count, row in enumerate(chain([first], rows), 1):  # noqa: B007
            writer.writerow({name: _cell(value) for name, value in row.items()})
            self._stream.flush()
        return count

    @property
    def _stream(self) -> TextIO:
        return self.stream or sys.stdout


def say(text: str, to: TextIO | None = None, *, is_fit: bool = False) -> None:
    """Print a text as a terminal may have it: with escaped control characters, whose ever it is.

    Args:
        text: One line, or several.
        to: Where; None: the standard output of the moment.
        is_fit: Whether that was done already.
    """
    print(text if is_fit else fit(text), file=to or sys.stdout)


def row_of(item: object) -> Mapping[str, Any]:
    """Return a row of plain values: of a mapping, a handle, a message or what has `to_record`."""
    if isinstance(item, Mapping):
        return item
    from clarifai_core.records import record

    return record(item)


def _id_of(row: Mapping[str, Any]) -> str:
    for name in ("id", "name"):
        if name in row:
            return str(row[name])
    return str(next(iter(row.values()), ""))


def _cell(value: object) -> object:
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, default=str)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else value


def _plain(content: object) -> Any:
    """Return content as JSON has it, so that YAML needs no types of its own."""
    return json.loads(json.dumps(content, default=str))

"""How results are shown: as a table for people, or in a form that programs read.

What a row is, and which columns it has, is said in `clarifai_core.records`, for this and for
everything else that shows rows.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import datetime
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, TextIO

import attrs

from clarifai_cli._tables import block_of, lines_of
from clarifai_core.safe_text import fit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator


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
            for line in block_of(values):
                say(line, to=self._stream, is_fit=True)
        elif self.form in ("json", "yaml"):
            self.document(values)
        elif self.form == "ids":
            self._print([_id_of(item)])
        else:
            self._rows([values])

    def table(
        self,
        items: Iterable[object],
        *,
        empty: str = "",
        id_of: Callable[[Any], str] | None = None,
    ) -> int:
        """Show many things of one kind, at most `limit`, and return how many."""
        if self.form == "ids":
            ids = id_of or _id_of
            count = self._print(map(ids, islice(items, self.limit)))
        else:
            count = self._rows(islice(rows_of(items), self.limit))
        if not count:
            self.remark(empty)
        return count

    def _rows(self, rows: Iterable[Mapping[str, Any]]) -> int:
        if self.form == "csv":
            return self._csv(iter(rows))
        if self.form == "jsonl":
            return self._print(json.dumps(row, default=_as_text) for row in rows)
        if self.form in ("json", "yaml"):
            listed = list(rows)
            self.document(listed)
            return len(listed)
        count = 0

        def counted() -> Iterator[Mapping[str, Any]]:
            nonlocal count
            for row in rows:
                count += 1
                yield row

        for line in lines_of(counted(), self._stream, self.remark):
            say(line, to=self._stream, is_fit=True)
        return count

    def done(self, item: object, sentence: str, /) -> None:
        """Tell people the sentence, and programs the item."""
        if self.form != "table":
            if isinstance(item, (list, tuple)):
                attrs.evolve(self, limit=None).table(item)
            else:
                self.record(item)
        self.remark(sentence)

    def streamed(self, items: Iterable[object], show: Callable[[int], None], /) -> int:
        """Do what makes items, and show them to programs as they come; returns how many."""
        count = 0

        def counted() -> Iterator[object]:
            nonlocal count
            for item in items:
                count += 1
                show(count)
                yield item

        if self.form == "table":
            for _ in counted():
                pass
        else:
            attrs.evolve(self, limit=None).table(counted())
        return count

    def report(self, summary: Mapping[str, Any], text: str, /) -> None:
        """Show people the text, and programs the summary."""
        if self.form == "table":
            say(text, to=self._stream)
        else:
            self.record(summary)

    def document(self, content: object, /) -> None:
        """Print one document: YAML if that is wanted, else JSON."""
        if self.form == "yaml":
            from clarifai_core.yaml_text import dump

            print(dump(_plain(content)).rstrip("\n"), file=self._stream)
        else:
            indent = None if self.form == "jsonl" else 2
            print(json.dumps(content, indent=indent, default=_as_text), file=self._stream)

    def _print(self, lines: Iterable[str]) -> int:
        count = 0
        for count, line in enumerate(lines, 1):  # noqa: B007  why: the last one is wanted
            print(fit(line) if self._stream.isatty() else line, file=self._stream, flush=True)
        return count

    def _csv(self, rows: Iterator[Mapping[str, Any]]) -> int:
        first = next(rows, None)
        if first is None:
            return 0
        from clarifai_inputs import csv_dialect  # here: few want it

        writer = csv_dialect.writer(self._stream)
        writer.writerow(first)
        count = 0
        for count, row in enumerate(chain([first], rows), 1):  # noqa: B007
            writer.writerow(_cell(row.get(name)) for name in first)
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


def rows_of(items: Iterable[object]) -> Iterator[Mapping[str, Any]]:
    """Yield the rows of things as they come; some are several, such as a workflow's results."""
    for item in items:
        if isinstance(item, Mapping):
            yield item
        else:
            from clarifai_core.records import rows

            yield from rows(item)


def _id_of(item: object) -> str:
    if not isinstance(item, Mapping):
        from clarifai_core.records import id_of

        return id_of(item)
    named = (str(item[name]) for name in ("id", "name") if name in item)
    return next(named, "") or str(next(iter(item.values()), ""))


def _as_text(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _cell(value: object) -> object:
    if isinstance(value, (dict, list, tuple)):
        return json.dumps(value, default=_as_text)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return "" if value is None else value


def _plain(content: object) -> object:
    """Return content as JSON has it, so that YAML needs no types of its own."""
    return json.loads(json.dumps(content, default=_as_text))

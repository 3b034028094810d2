"""Says how many examples of the reference document ran, and how many blocks of the pages."""

from __future__ import annotations

from collections import Counter

import pytest

DOCUMENT_EXAMPLE = "document example"
"""Name of the property that a test of an example records, with the example's name."""

BLOCKS = "block of a page"
"""Name of the property that the test of a page records for each of its blocks."""


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    names = {
        value
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        for key, value in report.user_properties
        if key == DOCUMENT_EXAMPLE
    }
    if names:
        terminalreporter.write_line(f"{len(names)} document examples")
    _count_blocks(terminalreporter)


def _count_blocks(terminalreporter: pytest.TerminalReporter) -> None:
    reports = [one for one in terminalreporter.getreports("passed") if one.when == "call"]
    pages = [[kind for key, kind in one.user_properties if key == BLOCKS] for one in reports]
    kinds = Counter(kind for page in pages for kind in page)
    if kinds:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items()))
        count = sum(bool(page) for page in pages)
        terminalreporter.write_line(f"{count} pages, {sum(kinds.values())} blocks: {counts}")

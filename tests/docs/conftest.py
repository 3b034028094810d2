"""Says how many examples of the reference document ran."""

from __future__ import annotations

import pytest

DOCUMENT_EXAMPLE = "document example"
"""Name of the property that a test of an example records, with the example's name."""


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

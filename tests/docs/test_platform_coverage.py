"""`docs/platform-coverage.md` is what the services say, and what must be answered is."""

from __future__ import annotations

from tools.platform_coverage import MUST, NATURAL, PAGE, implemented, page


def test_the_page_is_as_the_tool_writes_it():
    assert PAGE.read_text("utf-8") == page(), "run: uv run python -m tools.platform_coverage"


def test_every_rpc_of_the_documented_methods_is_answered():
    assert len(set(MUST)) == 55
    assert set(MUST) - implemented() == set()


def test_what_clients_expect_besides_is_answered():
    assert len(set(NATURAL)) == 40
    assert set(NATURAL) - implemented() == set()

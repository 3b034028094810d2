"""The search key of examples/, as a wheel beside core and search only, and on the platform."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.example_wheels import clean_environment, run_alone, unpacked

ROOMS = ("core", "inputs", "views", "search")
ALONE = """
import json
from clarifai_core.errors import UserError
from clarifai_core.plugins import plugins
from clarifai_search import Query, clause
# The copies of our own environment come behind, and do not count.
states = {info.name: info.state for info in reversed(plugins().list())}
since, until = "2026-05-01", "2026-05-02T12:30:00+02:00"
read = Query.read([], [{"updated": {"since": since, "until": until}}])
span = read.message().filters[0].last_updated_time_range
faults = []
for role, value in [
    ("filters", {"since": "yesterday"}),
    ("filters", {}),
    ("filters", {"since": until, "until": since}),
    ("filters", {"from": since}),
    ("ranks", {"since": since}),
]:
    try:
        Query.read(**{"ranks": [], "filters": [], role: [{"updated": value}]})
    except UserError as error:
        faults += error.faults
print(json.dumps([
    states,
    [span.start_time.ToJsonString(), span.end_time.ToJsonString()],
    read == Query().where(clause("updated", {"since": since, "until": until})),
    str(read),
    faults,
]))
"""
SEARCHED = """
import json, sys
from datetime import datetime, timezone
from clarifai.client.user import User
from clarifai.client.search import Search
from clarifai_search import Query, clause
app = User("me", base_url=sys.argv[1]).create_app("demo", base_workflow="Empty")
inputs = app.inputs()
inputs.upload_text("old", "an old text")
between = datetime.now(timezone.utc).isoformat()
inputs.upload_text("new", "a new text")
search = Search(user_id="me", app_id="demo", base_url=sys.argv[1])
def ids(hits):
    return [hit.input.id for hit in hits]
since, until = clause("updated", {"since": between}), clause("updated", {"until": between})
print(json.dumps([
    ids(search.hits(filters=[{"updated": {"since": between}}])),
    ids(search.hits(Query().where(until))),
    ids(search.hits(Query().exclude(until).over_inputs())),
    ids(search.hits(Query().where(since, until))),
]))
"""


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folders = tmp_path_factory.mktemp("dist"), tmp_path_factory.mktemp("site")
    return unpacked("search-clause-plugin", ROOMS, *folders)


def test_it_is_used_beside_core_and_search_only(site: Path):
    states, span, same, shown, faults = json.loads(run_alone(site, ROOMS, ALONE))
    assert (states["recent_inputs"], states["search"]) == ("loaded", "loaded")
    assert span == ["2026-05-01T00:00:00Z", "2026-05-02T10:30:00Z"]
    assert same
    assert shown == (
        "where {'updated': {'since': '2026-05-01', 'until': '2026-05-02T12:30:00+02:00'}}"
    )
    assert faults == [
        "filters[0].updated: since 'yesterday' is no date such as '2026-05-01'",
        "filters[0].updated: needs since, until, or both",
        "filters[0].updated: since '2026-05-02T12:30:00+02:00' is after until '2026-05-01'",
        "filters[0].updated.from: unknown",
        "ranks[0].updated: may stand in filters only",
    ]


def test_the_platform_answers_it(site: Path, tmp_path: Path):
    plugin = tmp_path / "plugin"
    plugin.mkdir()
    for found in site.glob("recent_inputs*"):
        (plugin / found.name).symlink_to(found)
    done = subprocess.run(
        [sys.executable, "-c", SEARCHED, f"local:{tmp_path / 'platform'}"],
        env={
            **clean_environment(),
            "CLARIFAI_BLOCK_PLUGINS": "clarifai-models",
            "PYTHONPATH": os.fspath(plugin),
        },
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [["new"], ["old"], ["new"], []]

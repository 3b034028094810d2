"""A key that an installed plugin brings works in dicts and in the builder."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "docs/plugin_snippets"
PROGRAM = """
from clarifai_grpc.grpc.api import resources_pb2, service_pb2
from clarifai_core.errors import UserError
from clarifai_search import Query, clause
from clarifai_search.handle import Search

search = Search(user_id="alice", app_id="zoo", base_url="local:")
owner = resources_pb2.UserAppIDSet(user_id="alice")
app = resources_pb2.App(id="zoo")
search.session.call("PostApps", service_pb2.PostAppsRequest(user_app_id=owner, apps=[app]))
inputs = []
for number, language in enumerate(["de", "en", "de"]):
    one = resources_pb2.Input(id=f"{language}-{number}")
    one.data.text.raw = f"text {number}"
    one.data.metadata.update({"language": language})
    inputs.append(one)
request = service_pb2.PostInputsRequest(user_app_id=search.user_app_id, inputs=inputs)
search.session.call("PostInputs", request)

built = Query().where(clause("language", "de"))
print(sorted(hit.input.id for hit in search.hits(built)))
print([hit.input.id for hit in search.hits(Query().exclude(clause("language", "de")))])
print(built == Query.read([], [{"language": "de"}]))
print(built)
for wrong in (
    lambda: clause("language", "German"),
    lambda: search.hits(ranks=[{"language": "de"}], filters=[{"language": "German"}]),
    lambda: Query().rank(clause("language", "de")),
):
    try:
        wrong()
    except UserError as error:
        print(" | ".join(error.faults))
"""


def test_a_key_of_a_plugin_works_in_dicts_and_in_the_builder(tmp_path: Path):
    """The plugin of docs/plugins.md, announced by an entry point as an installed one is."""
    metadata = tmp_path / "acme-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[clarifai.plugins]\nacme = acme.plugin\n")
    ours = {name: value for name, value in os.environ.items() if not name.startswith("CLARIFAI_")}
    paths = os.pathsep.join([str(tmp_path), str(FOLDER)])
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**ours, "PYTHONPATH": paths},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert lines[:4] == [
        "['de-0', 'de-2']",
        "['en-1']",
        "True",
        "where {'language': 'de'}",
    ], done.stderr
    refused = "language: 'language' must match regex '[a-z]{2}' ('German' doesn't)"
    assert lines[4] == refused
    assert lines[5] == f"ranks[0].language: may stand in filters only | filters[0].{refused}"
    assert lines[6] == "rank[0]: language may stand in filters only"

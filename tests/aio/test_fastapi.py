"""The service of examples/fastapi, asked in process: no port, no network."""

from __future__ import annotations

import asyncio
import importlib.util
import sys

import httpx
import pytest

from tools.wheels import ROOT


@pytest.fixture
def service(monkeypatch):
    path = ROOT / "examples" / "fastapi" / "service.py"
    spec = importlib.util.spec_from_file_location("fastapi_example_service", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
async def client(service, clarifai_platform):
    transport = httpx.ASGITransport(app=service.api)
    async with (
        service.api.router.lifespan_context(service.api),
        httpx.AsyncClient(transport=transport, base_url="http://test") as client,
    ):
        yield client


async def test_notes_are_kept_listed_and_found(client, clarifai_platform):
    notes = [{"id": f"n{n}", "text": text} for n, text in enumerate(("cows eat", "it rains"))]
    for note in notes:
        answer = await client.post("/notes", json=note)
        assert (answer.status_code, answer.json()) == (201, note)

    listed = (await client.get("/notes")).json()
    assert sorted(listed, key=lambda one: one["id"]) == notes
    assert (await client.get("/notes", params={"limit": 1})).json()[0] in notes
    assert (await client.get("/notes/n1")).json() == notes[1]
    assert await asyncio.to_thread(clarifai_platform.wait_idle)  # to be found by rank
    found = (await client.get("/search", params={"words": "it rains", "limit": 1})).json()
    assert [one["id"] for one in found] == ["n1"]


async def test_what_is_refused_is_told(client):
    assert (await client.get("/notes/none")).status_code == 404
    await client.post("/notes", json={"id": "twice", "text": "a"})
    assert (await client.post("/notes", json={"id": "twice", "text": "b"})).status_code == 409
    assert (await client.post("/notes", json={"id": "", "text": ""})).status_code == 422


async def test_fifty_requests_at_once_share_the_connection(client, clarifai_platform):
    answers = await asyncio.gather(
        *(client.post("/notes", json={"id": f"m{n}", "text": f"note {n}"}) for n in range(50))
    )
    assert {one.status_code for one in answers} == {201}
    assert len((await client.get("/notes")).json()) == 50


async def test_the_connection_is_closed_when_the_service_ends(service, clarifai_platform):
    async with service.api.router.lifespan_context(service.api):
        channel = await service.api.state.app.session.shared._loops.get()
        assert not channel.closed
    assert channel.closed

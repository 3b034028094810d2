"""A web service that keeps notes in a Clarifai app, and finds them: `uvicorn service:api`.

One handle serves all requests: it is opened when the service starts, and closed when it ends. Its
connection is shared by all of them, and a request whose client goes away cancels its own call only.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

from fastapi import Depends, FastAPI, HTTPException, Request
from pydantic import BaseModel

from clarifai.aio import App, User
from clarifai.errors import ApiError, NotFound, UserError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

APP_ID = "notes"


class Note(BaseModel):
    """A text with an id."""

    id: str
    text: str


@asynccontextmanager
async def lifespan(api: FastAPI) -> AsyncIterator[None]:
    """Open the app, made when there is none, and close the connection at the end."""
    async with User("me") as user:
        try:
            api.state.app = await user.app(APP_ID)
        except NotFound:
            api.state.app = await user.create_app(APP_ID, base_workflow="Universal")
        yield


api = FastAPI(lifespan=lifespan)


def opened(request: Request) -> App:
    """Return the app that `lifespan` opened."""
    app: App = request.app.state.app
    return app


Notes = Annotated[App, Depends(opened)]


@api.post("/notes", status_code=201)
async def add(note: Note, app: Notes) -> Note:
    """Keep a note."""
    try:
        await app.inputs().upload_text(note.id, note.text, raise_on_failure=True)
    except UserError as error:
        raise HTTPException(422, str(error)) from error
    except ApiError as error:
        raise HTTPException(409, error.description) from error
    return note


@api.get("/notes")
async def all_notes(app: Notes, limit: int = 100) -> list[Note]:
    """Return notes, the newest first; no more pages are fetched than that takes."""
    found: list[Note] = []
    async for one in app.inputs().list_inputs():
        found.append(Note(id=one.id, text=one.data.text.raw))
        if len(found) >= limit:
            break
    return found


@api.get("/notes/{note_id}")
async def one_note(note_id: str, app: Notes) -> Note:
    """Return one note."""
    try:
        one = await app.inputs().get_input(note_id)
    except NotFound as error:
        raise HTTPException(404, error.description) from error
    return Note(id=one.id, text=one.data.text.raw)


@api.get("/search")
async def search(words: str, app: Notes, limit: int = 3) -> list[Note]:
    """Return the notes that are most like some words."""
    hits = app.search(top_k=limit).hits(ranks=[{"text_raw": words}])
    return [Note(id=hit.input.id, text=hit.input.data.text.raw) async for hit in hits]

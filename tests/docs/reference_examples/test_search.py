"""The examples on searches."""

from __future__ import annotations

from tests.docs.reference_examples.conftest import picture


def hits_of(pages) -> list[str]:
    return [hit.input.id for page in pages for hit in page.hits]


def test_query_by_type_and_status(run, inputs, processed):
    inputs.upload_from_bytes("image", image_bytes=picture())
    inputs.upload_text("text", "words")
    inputs.upload_from_bytes("broken", image_bytes=b"no picture")
    inputs.upload_from_bytes("audio", audio_bytes=b"ID3\x04" + bytes(100))
    processed()
    assert sorted(hits_of(run("Search.query()").res)) == ["image", "text"]


def test_query_by_picture(run, user, internet, processed):
    inputs = user.create_app("app_id", base_workflow="Universal").inputs()
    inputs.upload_from_bytes("blue", image_bytes=picture("blue"))
    inputs.upload_from_bytes("red", image_bytes=picture("red"))
    processed()
    internet("samples.clarifai.com/dog.tiff", picture("red", "TIFF"))
    assert hits_of(run("Search.query() 2").res) == ["red"]

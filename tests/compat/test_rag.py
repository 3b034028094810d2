"""Chats about documents."""

from __future__ import annotations

import io
import zipfile

import pytest

from clarifai.client import User
from clarifai.errors import NotFound, UserError
from clarifai.rag import RAG
from clarifai.rag.utils import (
    convert_messages_to_str,
    format_assistant_message,
    load_documents,
    split_document,
)
from tests.compat.conftest import PAT

ONE_NODE = """
workflow:
  id: alone
  nodes:
    - id: llm
      model: {model_id: mistral-7B-Instruct, user_id: mistralai, app_id: completion}
"""


def test_a_text_is_cut_at_the_ends_of_sentences():
    text = "One two three. Four five! Six?\n\nSeven eight nine ten."
    assert split_document(text, chunk_size=5, chunk_overlap=0) == [
        "One two three. Four five!",
        "Six? Seven eight nine ten.",
    ]
    assert split_document(text, chunk_size=6, chunk_overlap=3) == [
        "One two three. Four five! Six?",
        "Six? Seven eight nine ten.",
    ]


def test_a_sentence_longer_than_a_chunk_is_cut_in_it():
    chunks = split_document(" ".join(map(str, range(10))), chunk_size=4, chunk_overlap=1)
    assert " ".join(chunks).split() == [str(n) for n in range(10)]
    assert all(len(chunk.split()) <= 4 for chunk in chunks)
    assert split_document("  \n ") == []


@pytest.mark.parametrize(
    ("size", "overlap", "fault"),
    [(10, 10, "must be below"), (0, 0, "below"), ("x", 1, "whole number"), (5, -1, "whole number")],
)
def test_sizes_that_cannot_be_are_refused(size, overlap, fault):
    with pytest.raises(UserError, match=fault):
        split_document("a", size, overlap)


def word_file(path, *paragraphs):
    """Write what Word writes, as far as a reader of its text looks (ECMA-376, part 1, 17.3)."""
    name = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    told = "".join(f"<w:p><w:r><w:t>{one}</w:t></w:r></w:p>" for one in paragraphs)
    with zipfile.ZipFile(path, "w") as packed:
        text = f'<w:document xmlns:w="{name}"><w:body>{told}</w:body></w:document>'
        packed.writestr("word/document.xml", text)


def test_documents_of_a_folder(tmp_path):
    (tmp_path / "b.txt").write_text("A text.", "utf-8")
    (tmp_path / "a.md").write_text("# Markdown", "utf-16")
    (tmp_path / "c.png").write_bytes(b"\x89PNG")
    word_file(tmp_path / "d.docx", "First &amp; second.", "Third.")
    found = load_documents(folder_path=tmp_path)
    assert [(one.metadata["file_name"], one.text) for one in found] == [
        ("a.md", "# Markdown"),
        ("b.txt", "A text."),
        ("d.docx", "First & second.\n\nThird."),
    ]


def test_a_document_at_an_address():
    (one,) = load_documents(url="https://x/notes.txt?y", get=lambda url: b"Notes.")
    assert (one.text, one.metadata["file_name"]) == ("Notes.", "notes.txt")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({}, "Give one of"),
        ({"file_path": "a.txt", "url": "https://x"}, "Give one of"),
        ({"file_path": "no-such.txt"}, "There is no file"),
        ({"folder_path": "no-such"}, "There is no folder"),
        ({"file_path": __file__}, r"is no document: \.txt, \.md, \.docx, \.pdf are"),
    ],
)
def test_what_is_no_document_is_refused(given, fault):
    with pytest.raises(UserError, match=fault):
        load_documents(**given)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.docx", b"PK\x03\x04 torn"), ("a.txt", b"\xff\xfe\xff"), ("b.txt", b"\xfa")],
)
def test_a_broken_document_is_named(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UserError, match=name):
        load_documents(file_path=tmp_path / name)


def test_a_word_document_with_entities_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as packed:
        packed.writestr("word/document.xml", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')
    with pytest.raises(UserError, match=r"a\.docx"):
        load_documents(file_path=tmp_path / "a.docx")


def test_a_pdf_says_what_it_takes(tmp_path, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pypdf", None)
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    with pytest.raises(ImportError, match=r"^'a\.pdf' is a PDF, which takes pypdf: pip install"):
        load_documents(file_path=tmp_path / "a.pdf")


def test_messages():
    messages = [{"role": "user", "content": "Hi"}, {"content": "?"}, {"role": "a", "content": "Yo"}]
    assert convert_messages_to_str(messages) == "\n\nuser: Hi\n\na: Yo"
    assert format_assistant_message("x") == {"role": "assistant", "content": "x"}


@pytest.fixture
def rag(user: User, address: str, tmp_path) -> RAG:
    return RAG.setup(
        user_id="me",
        workflow_yaml_filename=tmp_path / "wf.yaml",
        workflow_id="chat",
        base_url=address,
        pat=PAT,
        max_results=2,
        min_score=0.1,
    )


def test_setup_makes_app_prompter_and_workflow(rag, user, tmp_path):
    workflow = rag._prompt_workflow
    assert (workflow.id, workflow.app_id.startswith("rag_app_")) == ("chat", True)
    prompter, llm = workflow.message.nodes
    assert (llm.model.id, llm.node_inputs[0].node_id) == ("mistral-7B-Instruct", "rag-prompter")
    app = user.app(workflow.app_id)
    params = app.model(prompter.model.id).model_version.output_info.params
    assert (params["max_results"], params["min_score"]) == (2, pytest.approx(0.1))
    assert "{data.hits}" in params["prompt_template"]
    assert (tmp_path / "wf.yaml").read_text().startswith("workflow:")


def test_documents_are_uploaded_in_parts_that_are_found(rag, platform, tmp_path):
    (tmp_path / "oil.txt").write_text("Change the oil. " * 30, "utf-8")
    rag._app.create_dataset("manuals")
    rag.upload(
        file_path=tmp_path / "oil.txt",
        chunk_size=20,
        chunk_overlap=5,
        dataset_id="manuals",
        batch_size=3,
        metadata={"maker": "acme"},
    )
    found = rag._app.inputs().list_inputs(dataset_id="manuals").all()
    assert len(found) > 4
    told = [dict(one.data.metadata) for one in found]
    assert {(one["file_name"], one["maker"]) for one in told} == {("oil.txt", "acme")}
    assert sorted(one["doc_chunk_no"] for one in told) == list(range(len(found)))
    assert platform.wait_idle()
    hits = rag._app.search(top_k=1).hits(ranks=[{"text_raw": "oil"}]).all()
    assert len(hits) == 1


@pytest.fixture
def talk(app, tmp_path) -> RAG:
    """A chat whose workflow is a language model alone: what is said reaches it as it is."""
    (tmp_path / "alone.yml").write_text(ONE_NODE)
    return RAG(workflow=app.create_workflow(tmp_path / "alone.yml", display=False))


def test_a_chat_is_answered_and_remembered(talk):
    (answer,) = talk.chat([{"role": "user", "content": "Hello there"}])
    assert answer["role"] == "assistant"
    assert answer["content"]
    assert talk.chat_state_id
    state = talk.chat_state_id
    talk.chat([{"role": "user", "content": "And now?"}])
    assert talk.chat_state_id == state


def test_a_chat_that_the_program_remembers(talk):
    messages = [{"role": "user", "content": "Hello"}]
    assert talk.chat(messages, client_manage_state=True) is messages
    assert [one["role"] for one in messages] == ["user", "assistant"]
    assert talk.chat_state_id is None


def test_an_existing_workflow_is_opened_by_its_address(talk, address):
    workflow = talk._prompt_workflow
    url = f"https://clarifai.com/{workflow.user_id}/{workflow.app_id}/workflows/alone"
    again = RAG(workflow_url=url, base_url=address, pat=PAT)
    assert again.chat([{"role": "user", "content": "Hi"}])[0]["content"]


@pytest.mark.parametrize(
    ("arguments", "fault"),
    [
        ({}, "user_id or app_url must be provided"),
        ({"user_id": "me", "app_url": "https://clarifai.com/me/zoo"}, "one of user_id or app_url"),
        ({"user_id": "me", "min_scor": 1}, "did you mean 'min_score'"),
        ({"user_id": "me", "prompt_template": "{data.hits}"}, r"must have {data\.text\.raw}"),
    ],
)
def test_a_setup_that_cannot_be_is_refused(arguments, fault, address, tmp_path):
    with pytest.raises(UserError, match=fault):
        RAG.setup(
            base_url=address, pat=PAT, workflow_yaml_filename=tmp_path / "w.yaml", **arguments
        )


def test_a_setup_with_a_model_that_is_not_there_names_it(address, app, tmp_path):
    with pytest.raises(NotFound, match="no-such"):
        RAG.setup(
            app_url=f"https://clarifai.com/{app.user_id}/{app.id}",
            llm_url="https://clarifai.com/nobody/nothing/models/no-such",
            base_url=address,
            pat=PAT,
            workflow_yaml_filename=tmp_path / "w.yaml",
        )


@pytest.mark.parametrize("messages", [[], [{"role": "user", "content": ""}]])
def test_nothing_said_is_refused(talk, messages):
    with pytest.raises(UserError, match="Empty message"):
        talk.chat(messages)


def test_of_two_ways_to_a_workflow_one_is_given(talk):
    with pytest.raises(UserError, match="Give one of workflow_url and workflow"):
        RAG()
    with pytest.raises(UserError, match="Give one of workflow_url and workflow"):
        RAG("https://clarifai.com/a/b/workflows/c", workflow=talk._prompt_workflow)


def test_a_pdf_is_read_by_its_pages():
    pypdf = pytest.importorskip("pypdf", reason="an extra: the dev group does without it")
    made = pypdf.PdfWriter()
    made.add_blank_page(100, 100)
    held = io.BytesIO()
    made.write(held)
    assert load_documents(url="https://x/a.pdf", get=lambda url: held.getvalue()) == []

"""Chats about documents: an app that holds them, and a workflow that asks a language model.

The workflow has two nodes: a `rag-prompter` searches the app for what was said and fills the hits
into a prompt, which the language model answers.
"""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_compat import rag_documents
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import BadReply, UserError
from clarifai_core.existing import owner_of
from clarifai_core.handles import open_class
from clarifai_core.heavy import yaml
from clarifai_core.loggers import logger_for
from clarifai_core.scope import ResourceUrl
from clarifai_core.settings import Settings
from clarifai_core.wire.messages import nearest
from clarifai_inputs.batching import MAX_BATCH_ITEMS

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    from clarifai_grpc.grpc.api import service_pb2
    from typing_extensions import Self

    from clarifai_core.handles import Handle

__all__ = ["DEFAULT_RAG_PROMPT_TEMPLATE", "RAG"]

DEFAULT_RAG_PROMPT_TEMPLATE = (
    "These passages were found:\n{data.hits}\n"
    "Answer the question from these passages alone.\n"
    "Question: {data.text.raw}\nAnswer: "
)
"""`{data.hits}`: what the search found; `{data.text.raw}`: what was asked."""

DEFAULT_LLM_URL = "https://clarifai.com/mistralai/completion/models/mistral-7B-Instruct"
"""The language model unless another is named."""

_FIRST_STATE = "init"


class RAG:
    """Answers questions from the documents of an app (retrieval-augmented generation).

    Args:
        workflow_url: The workflow that `setup` made; or
        workflow: its handle.
        base_url: Address of the platform.
        pat: A personal access token.

    Raises:
        UserError: Not exactly one of the two is given.

    Example:
        >>> rag = RAG.setup(user_id="me", base_url="local:")  # doctest: +SKIP
        >>> rag.upload(folder_path="manuals")  # doctest: +SKIP
        >>> rag.chat([{"role": "user", "content": "How do I change the oil?"}])  # doctest: +SKIP
        [{'role': 'assistant', 'content': '...'}]
    """

    chat_state_id: str | None = None
    """Under which the platform keeps the chat; None: it has not begun."""

    def __init__(
        self,
        workflow_url: str | None = None,
        workflow: Handle | None = None,
        base_url: str = DEFAULT_BASE_URL,
        pat: str | None = None,
    ) -> None:
        if (workflow_url is None) == (workflow is None):
            raise UserError("Give one of workflow_url and workflow.")
        found: Any = workflow
        if found is None:
            found = open_class("workflow")(workflow_url, base_url=base_url, pat=pat or "")
        self.logger = logger_for(__name__)
        self._prompt_workflow = found
        self._app: Any = found.child("app")
        self._app.app_id = found.app_id

    @classmethod
    def setup(
        cls,
        user_id: str | None = None,
        app_url: str | None = None,
        llm_url: str = DEFAULT_LLM_URL,
        base_workflow: str = "Text",
        workflow_yaml_filename: str | os.PathLike[str] = "prompter_wf.yaml",
        workflow_id: str | None = None,
        base_url: str = DEFAULT_BASE_URL,
        pat: str | None = None,
        **kwargs: Any,
    ) -> Self:
        """Make what a chat needs: a prompter, a workflow and, unless there is one, an app.

        Args:
            user_id: Whose app to make; else that of CLARIFAI_USER_ID; or
            app_url: the app that holds the documents.
            llm_url: The language model.
            base_workflow: Of the app that is made; it must index texts.
            workflow_yaml_filename: Where the file of the workflow is written.
            workflow_id: Id of the workflow; None: a new one.
            base_url: Address of the platform.
            pat: A personal access token.
            **kwargs: `min_score`: least score of a hit, 0..1 (0.95); `max_results`: most hits (5);
                `prompt_template`: with `{data.hits}` and `{data.text.raw}`.

        Raises:
            UserError: Both user_id and app_url are given, or neither; or an argument is wrong.
            NotFound: There is no such language model.
        """
        params = _prompter_params(kwargs)
        if user_id and app_url:
            raise UserError("Must provide one of user_id or app_url, not both.")
        connection = {"base_url": base_url, "pat": pat or ""}
        number = uuid.uuid4().hex[:10]
        llm = _model(llm_url, connection)  # before anything is made
        app = _app(user_id, app_url, base_workflow, number, connection)
        workflow_id = workflow_id or f"rag-wf-{number}"
        prompter = app.create_model(f"prompter-{workflow_id}", model_type_id="rag-prompter")
        prompter = prompter.create_version(output_info={"params": params})
        nodes = [
            {
                "id": "rag-prompter",
                "model": {
                    "model_id": prompter.id,
                    "model_version_id": prompter.model_version.id,
                },
            },
            {
                "id": "llm",
                "model": {"model_id": llm.id, "user_id": owner_of(llm), "app_id": llm.app_id},
                "node_inputs": [{"node_id": "rag-prompter"}],
            },
        ]
        content = {"workflow": {"id": workflow_id, "nodes": nodes}}
        path = Path(workflow_yaml_filename)
        path.write_text(yaml.safe_dump(content, sort_keys=False), "utf-8")
        return cls(workflow=app.create_workflow(path, display=False))

    def upload(
        self,
        file_path: str | os.PathLike[str] | None = None,
        folder_path: str | os.PathLike[str] | None = None,
        url: str | None = None,
        batch_size: int = MAX_BATCH_ITEMS,
        chunk_size: int = 1024,
        chunk_overlap: int = 200,
        dataset_id: str | None = None,
        metadata: Mapping[str, Any] | None = None,
    ) -> None:
        """Put documents into the app, in parts that a search can find.

        Args:
            file_path: A file: text, Markdown, Word, and with pypdf installed PDF; or
            folder_path: a folder of such; or
            url: an address of one.
            batch_size: Parts of one request, at most 128.
            chunk_size: Most words of a part.
            chunk_overlap: Most words that a part shares with the one before.
            dataset_id: The dataset they go to.
            metadata: Of all parts, besides `file_name`, `page_label` (of a PDF) and `doc_chunk_no`.

        Raises:
            UserError: An argument is wrong, or the documents cannot be read; nothing was sent.
            ApiError: The platform refused.
        """
        if isinstance(batch_size, bool) or not 1 <= batch_size <= MAX_BATCH_ITEMS:
            raise UserError(f"batch_size must be from 1 to {MAX_BATCH_ITEMS}, got {batch_size!r}.")
        inputs = self._app.inputs()
        sent = [
            inputs.get_text_input(
                uuid.uuid4().hex,
                chunk,
                dataset_id,
                metadata={**one.metadata, "doc_chunk_no": number, **(metadata or {})},
            )
            for one in rag_documents.load_documents(file_path, folder_path, url, get=self._get)
            for number, chunk in enumerate(
                rag_documents.split_document(one.text, chunk_size, chunk_overlap)
            )
        ]
        for start in range(0, len(sent), batch_size):
            inputs.upload_inputs(sent[start : start + batch_size], show_log=False)
        self.logger.info("%d parts of documents are uploaded.", len(sent))

    def chat(
        self, messages: list[dict[str, str]], client_manage_state: bool = False
    ) -> list[dict[str, str]]:
        """Return the answer to the last message.

        Args:
            messages: `[{"role": "user", "content": "..."}]`.
            client_manage_state: Whether all messages are sent, and the answer is added to them;
                else the platform remembers what was said before.

        Returns:
            The answer alone, as a list of one message; with `client_manage_state`, all messages.

        Raises:
            UserError: There is no message, or the last one is empty.
            ApiError: The platform refused.
        """
        if not messages or not messages[-1].get("content"):
            raise UserError("Empty message supplied.")
        if client_manage_state:
            text = rag_documents.convert_messages_to_str(messages)
            messages.append(self._answer(self._asked(text, None)))
            return messages
        answer = self._asked(messages[-1]["content"], self.chat_state_id or _FIRST_STATE)
        self.chat_state_id = answer.workflow_state.id or None
        return [self._answer(answer)]

    def _get(self, url: str) -> bytes:
        most = rag_documents.MAX_DOCUMENT_BYTES
        content: bytes = self._app.session.downloads.read(url, max_bytes=most)
        return content

    def _asked(self, text: str, state: str | None) -> service_pb2.PostWorkflowResultsResponse:
        one = self._app.inputs().get_text_input("", text)
        answer: service_pb2.PostWorkflowResultsResponse = self._prompt_workflow.predict(
            [one], workflow_state_id=state
        )
        return answer

    def _answer(self, answer: service_pb2.PostWorkflowResultsResponse) -> dict[str, str]:
        outputs: Sequence[Any] = answer.results[0].outputs if answer.results else ()
        if not outputs:
            raise BadReply(f"Workflow {self._prompt_workflow.id!r} answered without outputs.")
        return rag_documents.format_assistant_message(outputs[-1].data.text.raw)


_DEFAULTS: Mapping[str, Any] = {
    "min_score": 0.95,
    "max_results": 5,
    "prompt_template": DEFAULT_RAG_PROMPT_TEMPLATE,
}


def _prompter_params(given: Mapping[str, Any]) -> dict[str, Any]:
    for name in given:
        if name not in _DEFAULTS:
            raise UserError(f"RAG.setup has no argument {name!r}{nearest(name, _DEFAULTS)}.")
    params = {**_DEFAULTS, **given}
    for place in ("{data.hits}", "{data.text.raw}"):
        if place not in params["prompt_template"]:
            raise UserError(
                f"prompt_template must have {place}, got {params['prompt_template']!r}."
            )
    return params


def _model(url: str, connection: Mapping[str, Any]) -> Any:
    address = ResourceUrl.parse(url, "model")
    owner = open_class("app")(app_id=address.app_id, user_id=address.user_id, **connection)
    return owner.model(address.id, model_version_id=address.version_id)


def _app(
    user_id: str | None,
    app_url: str | None,
    base_workflow: str,
    number: str,
    connection: Mapping[str, Any],
) -> Any:
    if app_url:
        return open_class("app")(app_url, **connection)
    user_id = user_id or Settings.resolve(**connection).user_id
    if not user_id:
        raise UserError("user_id or app_url must be provided.")
    user = open_class("user")(user_id, **connection)
    return user.create_app(f"rag_app_{number}", base_workflow=base_workflow)

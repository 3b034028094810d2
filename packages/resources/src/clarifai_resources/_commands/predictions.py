"""`clarifai model predict` and `clarifai workflow predict`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs

from clarifai_core.command_arguments import APP, Argument, Option, command
from clarifai_core.errors import ApiClientError, MixedStatus
from clarifai_core.safe_text import shown
from clarifai_core.status import SUCCESS
from clarifai_resources._commands.given import SOURCES, TEXT, TYPE, chunks, is_url, sources_of
from clarifai_resources._commands.training import MODEL, VERSION, at_version
from clarifai_resources.model import predictions as of_model
from clarifai_resources.workflow import predictions as of_workflow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from clarifai_grpc.grpc.api import resources_pb2

    from clarifai_core.command_context import CommandContext

BATCH = 16


@command(
    MODEL,
    SOURCES,
    TEXT,
    TYPE,
    VERSION,
    Option("--min-value", "The least score of what is told, 0..1.", "SCORE", kind="number",
           least=0, most=1),
    Option("--max-concepts", "How many concepts are told of each.", "N", kind="integer", least=1),
    *APP,
)  # fmt: skip
def predict(
    context: CommandContext,
    model_id: str,
    sources: tuple[str, ...],
    texts: tuple[str, ...],
    input_type: str | None,
    version_id: str,
    min_value: float | None,
    max_concepts: int | None,
    **where: str,
) -> None:
    """Predict files, addresses or texts; - reads paths or URLs from stdin, one a line.

    MODEL is an id, or a web address such as https://clarifai.com/clarifai/main/models/ID.

    Args:
        context: The command's.
        model_id: Which.
        sources: Paths and addresses.
        texts: Texts.
        input_type: What they are.
        version_id: Which version.
        min_value: The least score.
        max_concepts: How many.
        **where: The app.
    """
    model: Any = context.open("model", model_id, **where)
    at_version(model, version_id)
    config = {"min_value": min_value, "max_concepts": max_concepts}
    told = {name: value for name, value in config.items() if value is not None} or None
    failures = _Failures()

    def outputs() -> Iterator[Any]:
        words = _asked(context, sources, texts)
        for some in chunks(words, BATCH):
            inputs = [_input(of_model, *one, input_type, model._kinds) for one in some]
            answer = _answer(partial(model.predict, inputs, output_config=told))
            for (word, _), output in zip(some, answer.outputs, strict=True):
                output.input.id = word
                failures.note(word, output.status)
                yield output

    context.output.table(outputs())
    failures.tell()


@command(Argument("workflow_id", "WORKFLOW"), SOURCES, TEXT, TYPE, *APP)
def by_workflow(
    context: CommandContext,
    workflow_id: str,
    sources: tuple[str, ...],
    texts: tuple[str, ...],
    input_type: str | None,
    **where: str,
) -> None:
    """Run files, addresses or texts through a workflow; a row for each of its nodes' outputs.

    Args:
        context: The command's.
        workflow_id: Which.
        sources: Paths and addresses.
        texts: Texts.
        input_type: What they are.
        **where: The app.
    """
    workflow: Any = context.open("workflow", workflow_id, **where)

    failures = _Failures()

    def results() -> Iterator[Any]:
        for some in chunks(_asked(context, sources, texts), BATCH):
            inputs = [_input(of_workflow, *one, input_type, workflow._kinds) for one in some]
            answer = _answer(partial(workflow.predict, inputs))
            for (word, _), result in zip(some, answer.results, strict=True):
                result.input.id = word
                failures.note(word, result.status)
                for output in result.outputs:
                    output.input.id = word
                yield result

    context.output.table(results())
    failures.tell()


def _answer(ask: Callable[[], Any]) -> Any:
    """Return what a model answers, also where only some inputs got one."""
    try:
        return ask()
    except MixedStatus as error:
        return error.response


@attrs.define
class _Failures:
    """Which of many got no prediction: the others are shown all the same."""

    count: int = 0
    first: str = ""

    def note(self, word: str, status: Any) -> None:
        if status.code in (0, SUCCESS):
            return
        self.count += 1
        self.first = self.first or f"{shown(word)}: {status.description}: {status.details}"

    def tell(self) -> None:
        """Say how many, and why.

        Raises:
            ApiClientError: There are some.
        """
        if self.count:
            others = f" ({self.count} in all)" if self.count > 1 else ""
            raise ApiClientError(f"No prediction for {self.first}{others}.")


def _asked(
    context: CommandContext, sources: tuple[str, ...], texts: tuple[str, ...]
) -> Iterator[tuple[str, bool]]:
    """Yield what is asked about, and whether it is a text itself."""
    for text in texts:
        yield text, True
    for word in sources_of(context, sources, texts):
        yield word, False


def _input(
    maker: Any, word: str, is_text: bool, input_type: str | None, kinds: Any
) -> resources_pb2.Input:
    made: resources_pb2.Input
    if is_text:
        made = maker.input_of_bytes(word.encode(), "text", kinds)
    elif is_url(word):
        made = maker.input_of_url(word, input_type, kinds)
    else:
        made = maker.input_of_file(str(Path(word).expanduser()), input_type, kinds)
    return made

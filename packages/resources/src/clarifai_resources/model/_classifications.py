"""Asking a model what contents are, and getting labels and scores: `Model.classify`.

What is done is a flow of steps (`AskKinds`, `LoadContents`, `AskModel`) that a driver carries out:
reading files and sending requests are the driver's, so that an event loop can have one of its own.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, overload

import attrs

from clarifai_core import status
from clarifai_core.errors import ApiError, ClarifaiError, UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.progress import SHOWN_AFTER_SECONDS, bar
from clarifai_core.tables import Tabular
from clarifai_core.wire import data as contents
from clarifai_core.wire.messages import nearest
from clarifai_core.wire.preserialized import JoinedRequest
from clarifai_inputs import bisection
from clarifai_inputs.batching import BATCH_BYTES, MAX_BATCH_ITEMS
from clarifai_inputs.contents import bytes_in, is_array, is_picture
from clarifai_inputs.media import is_image, kind_of_name, size_fault
from clarifai_resources._output_config import output_config_of
from clarifai_resources.inputs._builders import check_media_type
from clarifai_resources.model import predictions
from clarifai_resources.model._given_contents import AcceptedKinds, ModelContent, is_one, known
from clarifai_views import drawings, markup, thumbnails, views

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from clarifai_grpc.grpc.api import service_pb2

    from clarifai_core.records import Record
    from clarifai_resources._output_config import OutputSettings
    from clarifai_resources.model._prediction_methods import PredictionMethods

LOADED_AT_ONCE = 16
"""Contents that are read before it is looked whether they fill a request."""


class TopLabel(NamedTuple):
    """The best label and its score."""

    label: str
    score: float


class UnknownLabel(UserError, KeyError):
    """A prediction names no such concept."""

    __str__ = Exception.__str__


class Scores(dict[str, float]):
    """Name of a concept -> its score, 0..1, the best first.

    Example:
        >>> Scores(cat=0.9)["kat"]
        Traceback (most recent call last):
        ...
        clarifai_resources.model._classifications.UnknownLabel: No concept 'kat' in this \
prediction; did you mean 'cat'?
    """

    def __missing__(self, name: str) -> float:
        raise UnknownLabel(f"No concept {name!r} in this prediction{nearest(str(name), self)}")


@attrs.frozen(eq=False, repr=False)
class Classification(Tabular):
    """What a model says of one content.

    Example:
        >>> output = resources_pb2.Output()
        >>> _ = output.data.concepts.add(name="cat", value=0.75)
        >>> one = Classification("a.png", output)
        >>> one.top, one.labels, one.scores
        (TopLabel(label='cat', score=0.75), ['cat'], {'cat': 0.75})
    """

    name: str
    """What was given: a path, a URL, or how a text begins."""
    output: resources_pb2.Output = attrs.field(repr=False)
    """The platform's own words; regions and texts are in there."""
    error: ClarifaiError | None = None
    """Why there is no answer; None: there is one."""
    content: Any = attrs.field(default=None, repr=False)
    """What was given, itself."""

    @property
    def scores(self) -> Scores:
        """Return the scores by label, the best first."""
        return Scores(views.scores_of(self.output.data))

    @property
    def top(self) -> TopLabel | None:
        """Return the best label with its score, whatever it is; None: no concept came."""
        return next((TopLabel(label, score) for label, score in self.scores.items()), None)

    @property
    def labels(self) -> list[str]:
        """Return the labels whose score is over 0.5, the best first."""
        return [name for name, score in self.scores.items() if score > contents.PRESENT]

    @property
    def ok(self) -> bool:
        """Return whether there is an answer."""
        return self.error is None

    def to_record(self) -> Record:
        """Return it as one row: content, best label and score, all labels, and the fault."""
        top = self.top
        return {
            "content": self.name,
            "label": top.label if top else "",
            "score": top.score if top else None,
            "labels": self.labels,
            "error": str(self.error or ""),
        }

    def _rows(self) -> Iterator[Record]:
        for label, score in self.scores.items():
            yield {"label": label, "score": score, "is_present": score > contents.PRESENT}

    def _columns(self) -> Sequence[str]:
        return ("label", "score", "is_present")

    def __repr__(self) -> str:
        said = ", ".join(f"{name} {score:.3g}" for name, score in [*self.scores.items()][:3])
        return f"<Classification of {self.name!r}: {self.error or said or self._without()}>"

    def _without(self) -> str:
        """Return what there is in place of concepts."""
        other = ", ".join(field.name for field, _ in self.output.data.ListFields())
        return f"no concepts, but {other}: see .output.data" if other else "no concepts"

    def __reduce__(self) -> tuple[Any, ...]:
        # Messages of the platform have no module that pickle could find.
        content: Any = self.content
        is_input = isinstance(content, resources_pb2.Input)
        if is_input or callable(getattr(content, "read", None)):  # nor has an open file
            content = content.SerializeToString() if is_input else None
        output = self.output.SerializeToString()
        return _unpickled, (self.name, output, self.error, content, is_input)

    def _view(self) -> markup.Html:
        said = markup.fault(self.error) if self.error else views.of_scores([*self.scores.items()])
        if not self.error and not self.scores:
            words = self.output.data.text.raw
            said = markup.tag("div", words or f"this model names {self._without()}", class_="words")
        return markup.joined([_shown_content(self), said])


def _unpickled(
    name: str, output: bytes, error: ClarifaiError | None, content: Any, is_input: bool
) -> Classification:
    if is_input:
        content = resources_pb2.Input.FromString(content)
    return Classification(name, resources_pb2.Output.FromString(output), error, content)


class Classifications(Tabular, Sequence[Classification]):
    """What a model says of several contents, in their order.

    Example:
        >>> several = Classifications([])
        >>> len(several), several.labels, several.failed
        (0, [], [])
    """

    def __init__(self, items: Sequence[Classification]) -> None:
        self._items = list(items)

    def __len__(self) -> int:
        return len(self._items)

    @overload
    def __getitem__(self, index: int) -> Classification: ...

    @overload
    def __getitem__(self, index: slice) -> Classifications: ...

    def __getitem__(self, index: int | slice) -> Classification | Classifications:
        found = self._items[index]
        return Classifications(found) if isinstance(found, list) else found

    @property
    def labels(self) -> list[list[str]]:
        """Return the labels of each content, those with a score over 0.5."""
        return [one.labels for one in self]

    @property
    def scores(self) -> list[Scores]:
        """Return the scores of each content; `pandas.DataFrame(...)` of it has a column a class."""
        return [one.scores for one in self]

    @property
    def top(self) -> list[TopLabel | None]:
        """Return the best label of each content, with its score."""
        return [one.top for one in self]

    @property
    def failed(self) -> list[Classification]:
        """Return those without an answer; each tells why as its `error`."""
        return [one for one in self if one.error is not None]

    @property
    def ok(self) -> bool:
        """Return whether all have an answer."""
        return not self.failed

    def _rows(self) -> Iterator[Record]:
        return (one.to_record() for one in self)

    def _columns(self) -> Sequence[str]:
        return ("content", "label", "score", "labels", "error")

    def _view(self) -> markup.Html:
        shown = self._items[: views.SHOWN_ITEMS]
        more = len(self) - len(shown)
        end = markup.note(f"and {more} more") if more else ""
        return markup.joined([markup.cards(one._view() for one in shown), end])

    def __repr__(self) -> str:
        faults = f", {len(self.failed)} failed" if self.failed else ""
        return f"<Classifications of {len(self)} contents{faults}>"


# The flow, and its steps.


@attrs.frozen
class AskKinds:
    """Ask which kinds of media the model takes; the answer is a tuple of them."""


@attrs.frozen
class LoadContents:
    """Read contents; the answer is a list: of each its input, or the error."""

    contents: Sequence[ModelContent]


@attrs.frozen
class AskModel:
    """Ask the model about inputs; the answer is the response, or the error."""

    inputs: Sequence[resources_pb2.Input]
    request: Any


Step: TypeAlias = "AskKinds | LoadContents | AskModel"
Flow: TypeAlias = Generator["Step", Any, "Classifications"]


def flow(model: PredictionMethods, given: Sequence[Any], input_type: str, head: Any) -> Flow:
    """Return the steps of asking a model about contents.

    Args:
        model: The model.
        given: The contents.
        input_type: What the caller says that they are; `""`: nothing.
        head: The request without its inputs.
    """
    kinds: tuple[str, ...] = () if input_type else (yield AskKinds())
    taken = AcceptedKinds(model.id, kinds, input_type)
    found: list[Classification | None] = [None] * len(given)
    waiting: list[tuple[int, ModelContent, resources_pb2.Input]] = []
    for start in range(0, len(given), LOADED_AT_ONCE):
        ready = _known(given, range(start, min(start + LOADED_AT_ONCE, len(given))), taken, found)
        loaded = (yield LoadContents([one for _, one in ready])) if ready else []
        for (place, one), made in zip(ready, loaded, strict=True):
            if isinstance(made, ClarifaiError):
                found[place] = _failed(one, made)
            else:
                waiting.append((place, one, made))
        is_last = start + LOADED_AT_ONCE >= len(given)
        while waiting and (is_last or _fills_a_request(waiting)):
            batch = waiting[: _fitting(waiting)]
            del waiting[: len(batch)]
            yield from _asked(batch, head, found)
    return Classifications([one for one in found if one is not None])


def _known(
    given: Sequence[Any], places: range, taken: AcceptedKinds, found: list[Classification | None]
) -> list[tuple[int, ModelContent]]:
    ready = []
    for place in places:
        try:
            ready.append(
                (place, known(given[place], taken, f"[{place}]" if len(given) > 1 else ""))
            )
        except UserError as error:
            name = f"content[{place}]"
            found[place] = Classification(name, resources_pb2.Output(), error, given[place])
    return ready


def _fills_a_request(waiting: Sequence[tuple[int, ModelContent, resources_pb2.Input]]) -> bool:
    many = len(waiting) > MAX_BATCH_ITEMS - LOADED_AT_ONCE
    return many or sum(one.ByteSize() for _, _, one in waiting) >= BATCH_BYTES


def _fitting(waiting: Sequence[tuple[int, ModelContent, resources_pb2.Input]]) -> int:
    """Return how many of those that wait fit one request: at least one."""
    total = 0
    for count, (_, _, one) in enumerate(waiting[:MAX_BATCH_ITEMS]):
        total += one.ByteSize()
        if count and total > BATCH_BYTES:
            return count
    return min(len(waiting), MAX_BATCH_ITEMS)


def _asked(
    batch: Sequence[tuple[int, ModelContent, resources_pb2.Input]],
    head: Any,
    found: list[Classification | None],
) -> Generator[Step, Any, None]:
    inputs = [one for _, _, one in batch]
    answer = yield AskModel(inputs, JoinedRequest(head, "inputs", inputs))
    outputs = _outputs_in(answer, len(batch))
    is_one_of_them = isinstance(answer, ApiError) and bisection.blames_content(answer)
    if outputs is None and is_one_of_them and len(batch) > 1:  # the answer does not say which
        for half in bisection.halves(batch):
            yield from _asked(half, head, found)
        return
    for place, (index, one, _) in enumerate(batch):
        if outputs is None:
            found[index] = _failed(one, answer)
        else:
            found[index] = _of_output(one, outputs[place], answer)


def _outputs_in(answer: Any, count: int) -> list[resources_pb2.Output] | None:
    """Return the output of each input; None: the answer has none, or not one for each."""
    response = getattr(answer, "response", None) if isinstance(answer, ClarifaiError) else answer
    outputs = list(getattr(response, "outputs", ()))
    return outputs if len(outputs) == count else None


def _of_output(given: ModelContent, output: resources_pb2.Output, answer: Any) -> Classification:
    # A copy without the input: of a picture the platform sends back what it was sent.
    kept = resources_pb2.Output(id=output.id, status=output.status, data=output.data)
    is_fine = not isinstance(answer, ClarifaiError) or status.is_success(output.status)
    asked = {"content": given.name}
    error = None if is_fine else status.error_of_item(kept, "PostModelOutputs", asked)
    return Classification(given.name, kept, error, given.content)


def _failed(given: ModelContent, error: ClarifaiError) -> Classification:
    return Classification(given.name, resources_pb2.Output(), error, given.content)


# The driver for threads.


def classify(
    model: PredictionMethods,
    given: Any,
    input_type: str | None,
    head: Any,
    progress: bool | None,
) -> Classification | Classifications:
    """Ask a model about contents; see `Model.classify`."""
    several = checked(given)
    steps = flow(model, several, check_media_type(input_type) if input_type else "", head)
    shown = bar(
        len(several), "Classifying", "contents", progress, delay_seconds=SHOWN_AFTER_SECONDS
    )
    answer: Any = None
    with shown:
        while True:
            try:
                step = steps.send(answer)
            except StopIteration as done:
                return result(done.value, given)
            answer = _carried_out(model, step)
            shown.update(len(step.inputs) if isinstance(step, AskModel) else 0)


def checked(given: Any) -> list[Any]:
    """Return contents as a list.

    Raises:
        UserError: It is no content and no list of them, or it is empty.
    """
    if is_one(given):
        return [given]
    several = list(given)
    if not several:
        raise UserError("The list is empty: give at least one content. Does a pattern fit no file?")
    return several


def result(found: Classifications, given: Any) -> Classification | Classifications:
    """Return the answer to what was given: one for one, several for several.

    Raises:
        ClarifaiError: Not one content has an answer; the error of the first.
    """
    if len(found.failed) == len(found) and found[0].error is not None:
        raise found[0].error
    return found[0] if is_one(given) else found


def load(contents: Sequence[ModelContent]) -> list[resources_pb2.Input | ClarifaiError]:
    """Read contents; may take its time."""
    made: list[resources_pb2.Input | ClarifaiError] = []
    for one in contents:
        try:
            made.append(one.load())
        except ClarifaiError as error:
            made.append(error)
    return made


def _carried_out(model: PredictionMethods, step: Step) -> object:
    if isinstance(step, AskKinds):
        return model._kinds()
    if isinstance(step, LoadContents):
        return load(step.contents)
    try:
        return model.session.call("PostModelOutputs", step.request)
    except ClarifaiError as error:
        return error


def head_of(
    model: PredictionMethods,
    inference_params: Mapping[str, Any] | None,
    output_config: OutputSettings | None,
    max_labels: int | None,
    min_score: float | None,
) -> service_pb2.PostModelOutputsRequest:
    """Return the request without inputs.

    Raises:
        UserError: An argument is wrong.
    """
    config = resources_pb2.OutputConfig()
    config.CopyFrom(
        model.output_config if output_config is None else output_config_of(output_config)
    )
    if max_labels is not None:
        if isinstance(max_labels, bool) or not isinstance(max_labels, int) or max_labels < 1:
            raise UserError(f"max_labels must be a whole number from 1, got {max_labels!r}.")
        config.max_concepts = max_labels
    if min_score is not None:
        if isinstance(min_score, bool) or not isinstance(min_score, (int, float)):
            raise UserError(f"min_score must be a number from 0 to 1, got {min_score!r}.")
        if not 0 <= min_score <= 1:
            raise UserError(f"min_score must be from 0 to 1, got {min_score!r}.")
        config.min_value = min_score
    return predictions.head_of(model, inference_params, config if config.ByteSize() else None)


# What is shown.


def _shown_content(one: Classification) -> markup.Html:
    content, regions = one.content, list(one.output.data.regions)
    if isinstance(content, resources_pb2.Input):
        if content.data.HasField("image"):
            (found,) = thumbnails.of_images([content.data.image])
            return drawings.picture(found, regions, one.name)
        return markup.tag("div", content.data.text.raw[: views.SHOWN_CHARACTERS] or one.name)
    picture = _picture(content, one.name)
    if picture is None:
        return markup.tag("div", one.name, class_="words")
    drawn = drawings.picture(picture, regions, one.name)
    return markup.joined([drawn, markup.note(one.name)])


def _picture(content: Any, name: str) -> thumbnails.Thumbnail | None:
    """Return the picture that was given; None: it is none, or not at hand."""
    try:
        if is_picture(content) or is_array(content):
            return thumbnails.of_bytes(bytes_in(content))
        if isinstance(content, (bytes, bytearray, memoryview)):
            found = bytes(content)
            return thumbnails.of_bytes(found) if is_image(found) else None
        if kind_of_name(name) == "image" and not name.startswith(("http://", "https://")):
            path = Path(name)
            if not size_fault("image", path.stat().st_size):
                return thumbnails.of_bytes(path.read_bytes())
    except (OSError, ValueError, TypeError) as error:
        return thumbnails.Thumbnail(fault=f"the picture cannot be shown: {error}")
    return None

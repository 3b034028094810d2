# Made of clarifai_resources.model._prediction_methods by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What models are asked; the work is in `predictions` and `streams`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, overload

from clarifai_aio._resources import _input_types
from clarifai_aio._resources.model import _classifications, _streams, predictions
from clarifai_aio._resources.model._base import ModelBase
from clarifai_core.heavy import resources_pb2
from clarifai_resources._output_config import output_config_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence
    from os import PathLike

    from clarifai_grpc.grpc.api.service_pb2 import MultiOutputResponse

    from clarifai_aio._resources.model._streams import AnyIterable
    from clarifai_inputs.closed_sets import MediaKind
    from clarifai_resources._output_config import OutputSettings
    from clarifai_resources.inputs._builders import FilePath
    from clarifai_resources.model._classifications import Classification, Classifications
    from clarifai_resources.model._given_contents import Content
    from clarifai_resources.model._runner_selectors import RunnerChoice


class PredictionMethods(ModelBase):
    """Predictions: one answer, answers as they come, or a conversation."""

    _input_types: tuple[str, ...] | None = None
    _chosen_runner: RunnerChoice | None = None
    _output_config: bytes = b""
    """The `OutputConfig` message, serialised: that can be pickled."""

    @property
    def output_config(self) -> resources_pb2.OutputConfig:
        """Return what predictions hold where a call does not say it; it can be set, as a dict, too.

        Example:
            >>> from clarifai.aio import Model
            >>> url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
            >>> Model(url, output_config={"max_concepts": 3}).output_config.max_concepts
            3
        """
        return resources_pb2.OutputConfig.FromString(self._output_config)

    @output_config.setter
    def output_config(self, value: OutputSettings | None) -> None:
        self._output_config = output_config_of(value).SerializeToString()

    async def predict(
        self,
        inputs: Sequence[resources_pb2.Input],
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about inputs.

        Args:
            inputs: Up to 128 `Input` messages.
            inference_params: Parameters of the model, for this call.
            output_config: min_value (smallest confidence, 0..1), max_concepts, select_concepts
                (list of Concept) and the other fields of `OutputConfig`, or that message, for this
                call.

        Returns:
            The answer: its `outputs` in the order of the inputs.

        Raises:
            UserError: An argument is wrong; nothing was sent.
            MixedStatus: Some inputs failed; `response.outputs` has all of them, with statuses.
            ApiError: The platform refused.
        """
        return await predictions.predict(self, inputs, inference_params, output_config)

    async def predict_by_bytes(
        self,
        input_bytes: bytes,
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about one content; see `predict`.

        Args:
            input_bytes: The content; texts in UTF-8.
            input_type: image, text, video or audio; else what the model takes, which the platform
                is asked once, or where that is several, what the content begins like.
            inference_params: See `predict`.
            output_config: See `predict`.

        Raises:
            UserError: Nothing tells the type, or an argument is wrong; nothing was predicted.

        Example:
            >>> from clarifai.aio import Model
            >>> model = Model("https://clarifai.com/clarifai/main/models/multilingual-text-embedding")
            >>> (await model.predict_by_bytes(b"What a day!")).outputs[0].input.data.text.raw
            'What a day!'
        """
        one = await predictions.input_of_bytes(input_bytes, input_type, self._kinds)
        return await self.predict([one], inference_params, output_config)

    async def predict_by_filepath(
        self,
        filepath: FilePath,
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about the content of a file; see `predict_by_bytes`."""
        one = await predictions.input_of_file(filepath, input_type, self._kinds)
        return await self.predict([one], inference_params, output_config)

    async def predict_by_url(
        self,
        url: str,
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> MultiOutputResponse:
        """Ask the model about what the platform finds at a URL; see `predict_by_bytes`.

        Where neither `input_type` nor the model tells, the ending of the URL's path does.
        """
        one = await predictions.input_of_url(url, input_type, self._kinds)
        return await self.predict([one], inference_params, output_config)

    @overload
    async def classify(
        self,
        content: str | PathLike[str] | bytes | resources_pb2.Input,
        input_type: MediaKind | None = None,
        *,
        max_labels: int | None = None,
        min_score: float | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
        progress: bool | None = None,
    ) -> Classification: ...

    @overload
    async def classify(
        self,
        content: list[Any] | tuple[Any, ...],
        input_type: MediaKind | None = None,
        *,
        max_labels: int | None = None,
        min_score: float | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
        progress: bool | None = None,
    ) -> Classifications: ...

    @overload
    async def classify(
        self,
        content: Content,
        input_type: MediaKind | None = None,
        *,
        max_labels: int | None = None,
        min_score: float | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
        progress: bool | None = None,
    ) -> Classification | Classifications: ...

    async def classify(
        self,
        content: Any,
        input_type: MediaKind | None = None,
        *,
        max_labels: int | None = None,
        min_score: float | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
        progress: bool | None = None,
    ) -> Classification | Classifications:
        """Ask the model what a content is, or what several are: labels and scores.

        A `str` is an address when it begins with http:// or https:// and has no blank in it; the
        path of a file when the model takes no text, or when it ends as the name of a picture, sound
        or video does and the model is not for texts alone; else the text itself. A `pathlib.Path`
        is always a file. For a model of texts, the name of a file that is here is refused, since it
        may be either: give a Path, or say `input_type="text"`.

        Args:
            content: A text, the path of a file, a URL, bytes, a file that is open for bytes, a
                picture of PIL, an array H x W (x 3) of uint8 or an `Input`; or a list of these, of
                any length, which is asked about 128 at a time. Files are read when their turn
                comes.
            input_type: image, text, video or audio; else what the model takes, which the platform
                is asked once, or where that is several, what the content begins like.
            max_labels: How many concepts to get of each content, the best ones.
            min_score: The least score of what to get, 0..1.
            inference_params: See `predict`.
            output_config: See `predict`.
            progress: Whether to show a bar; None: on a terminal or in a notebook, when it takes a
                while.

        Returns:
            Of one content `labels` (those over 0.5), `scores` (a dict, the best first) and `top`;
            of a list the same of each, in order, where what failed has an `error` instead. Both
            have `to_records()` and `to_pandas()`, and notebooks show them.

        Raises:
            UserError: The content is none, or an argument is wrong; nothing was sent.
            ClarifaiError: The one content, or each of several, has no answer.

        Example:
            >>> from clarifai.aio import Model
            >>> import numpy
            >>> url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
            >>> picture = numpy.zeros((32, 32, 3), "uint8")
            >>> one = await Model(url).classify(picture, max_labels=2)
            >>> len(one.scores), one.top.label in one.scores
            (2, True)
        """
        head = await _classifications.head_of(
            self, inference_params, output_config, max_labels, min_score
        )
        return await _classifications.classify(self, content, input_type, head, progress)

    def generate(
        self,
        inputs: Sequence[resources_pb2.Input],
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about inputs, and get the answer in parts, as the model makes them.

        Args:
            inputs: Up to 128 `Input` messages.
            inference_params: See `predict`.
            output_config: See `predict`.

        Returns:
            The parts, one by one: each has its `outputs` in the order of the inputs. A model that
            makes its answer at once sends one part. Nothing is sent before the first is asked for.

        Raises:
            UserError: An argument is wrong; nothing was sent.
            ApiError: The platform refused.
            ApiClientError: The connection broke; parts that came were given before.

        Example:
            >>> from clarifai_grpc.grpc.api import resources_pb2
            >>> from clarifai.aio import Model
            >>> model = Model("https://clarifai.com/clarifai/main/models/multilingual-text-embedding")
            >>> text = resources_pb2.Input(data={"text": {"raw": "Hello!"}})
            >>> len([part async for part in model.generate([text])])
            1
        """
        return _streams.generate(self, inputs, inference_params, output_config)

    async def generate_by_bytes(
        self,
        input_bytes: bytes,
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about one content; see `generate` and `predict_by_bytes`."""
        one = await predictions.input_of_bytes(input_bytes, input_type, self._kinds)
        async for part in self.generate([one], inference_params, output_config):
            yield part

    async def generate_by_filepath(
        self,
        filepath: FilePath,
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about the content of a file; see `generate` and `predict_by_bytes`."""
        one = await predictions.input_of_file(filepath, input_type, self._kinds)
        async for part in self.generate([one], inference_params, output_config):
            yield part

    async def generate_by_url(
        self,
        url: str,
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about what is found at a URL; see `generate` and `predict_by_url`."""
        one = await predictions.input_of_url(url, input_type, self._kinds)
        async for part in self.generate([one], inference_params, output_config):
            yield part

    def stream(
        self,
        inputs: AnyIterable[Sequence[resources_pb2.Input]],
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about inputs that come one after another, over one connection.

        Args:
            inputs: Lists of up to 128 `Input` messages; each is sent when it comes.
            inference_params: See `predict`.
            output_config: See `predict`.

        Returns:
            The answers, one by one, as they come. Nothing is sent before the first is asked for.

        Raises:
            UserError: An argument is wrong; a wrong list ends the stream, after the answers before.
            ApiError: The platform refused a list.
            ApiClientError: The connection broke.

        Example:
            >>> from clarifai_grpc.grpc.api import resources_pb2
            >>> from clarifai.aio import Model
            >>> model = Model("https://clarifai.com/clarifai/main/models/multilingual-text-embedding")
            >>> texts = (resources_pb2.Input(data={"text": {"raw": word}}) for word in ("a", "b"))
            >>> len([answer async for answer in model.stream([text] for text in texts)])
            2
        """
        return _streams.stream(self, inputs, inference_params, output_config)

    def stream_by_bytes(
        self,
        input_bytes_iterator: AnyIterable[bytes],
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about contents, one after another; see `stream` and `predict_by_bytes`."""

        async def made(content: bytes) -> resources_pb2.Input:
            return await predictions.input_of_bytes(content, input_type, self._kinds)

        inputs = _streams.each(input_bytes_iterator, "input_bytes_iterator", made)
        return self.stream(inputs, inference_params, output_config)

    async def stream_by_filepath(
        self,
        filepath: FilePath,
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about the content of a file; see `stream` and `predict_by_bytes`."""
        one = await predictions.input_of_file(filepath, input_type, self._kinds)
        async for part in self.stream(iter([[one]]), inference_params, output_config):
            yield part

    def stream_by_url(
        self,
        url_iterator: AnyIterable[str],
        input_type: MediaKind | None = None,
        inference_params: Mapping[str, Any] | None = None,
        output_config: OutputSettings | None = None,
    ) -> AsyncIterator[MultiOutputResponse]:
        """Ask the model about what is found at URLs; see `stream` and `predict_by_url`."""

        async def made(url: str) -> resources_pb2.Input:
            return await predictions.input_of_url(url, input_type, self._kinds)

        inputs = _streams.each(url_iterator, "url_iterator", made)
        return self.stream(inputs, inference_params, output_config)

    @property
    def input_types(self) -> list[str] | None:
        """Return what `load_input_types` told; None: it was not called."""
        return None if self._input_types is None else list(self._input_types)

    async def load_input_types(self) -> list[str]:
        """Return the kinds of media that the model takes, as its type says; it is asked once.

        Example:
            >>> from clarifai.aio import Model
            >>> url = "https://clarifai.com/clarifai/main/models/general-image-recognition"
            >>> await Model(url).load_input_types()
            ['image']
        """
        return list(await self._kinds())

    async def _kinds(self) -> tuple[str, ...]:
        if self._input_types is None:
            self._input_types = await _input_types.of_model_type(self, await self._type_id())
        return self._input_types

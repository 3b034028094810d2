"""Lines that `tools.asynchronous` takes others for, before it looks at a module.

Each stands for something that syntax does not tell: a callback that is awaited, a future that is a
task, a pause. A line that is no longer in the source is an error.
"""

from __future__ import annotations

from tools import asynchronous_bulk_replacements as bulk

REPLACED: dict[str, tuple[tuple[str, str], ...]] = {
    **bulk.REPLACED,
    "clarifai_core._page_walk": (
        (
            "from collections.abc import Callable\n",
            "from collections.abc import Awaitable, Callable\n",
        ),
        ("import Iterator, Sequence", "import AsyncGenerator, Sequence"),
        ("    def result(self)", "    async def result(self)"),
        ("fetch: Callable[[int, int], Page[T]]", "fetch: Callable[[int, int], Awaitable[Page[T]]]"),
        (
            "def pages(self) -> Iterator[Sequence[T]]:",
            "def pages(self) -> AsyncGenerator[Sequence[T], None]:",
        ),
        ("get: Callable[[], Page[T]]", "get: Callable[[], Awaitable[Page[T]]]"),
    ),
    "clarifai_core.polling": (
        ("import time\n", "import asyncio\nimport time\n"),
        (
            "    from collections.abc import Callable\n",
            "    from collections.abc import Awaitable, Callable\n",
        ),
        ("check: Callable[[], T | None]", "check: Callable[[], Awaitable[T | None]]"),
        (
            "sleep: Callable[[float], object] = time.sleep",
            "sleep: Callable[[float], Awaitable[object]] = asyncio.sleep",
        ),
        (
            ">>> wait_until(lambda: next(answers), ",
            ">>> async def check():\n        ...     return next(answers)\n"
            "        >>> await wait_until(check, ",
        ),
    ),
    "clarifai_resources.app": (
        (
            '            >>> models = App("https://clarifai.com/clarifai/main").list_models('
            '{"query": "face"})\n'
            '            >>> "face-detection" in [model.id for model in models]\n',
            '            >>> app = App("https://clarifai.com/clarifai/main")\n'
            '            >>> "face-detection" in [\n'
            '            ...     model.id async for model in app.list_models({"query": "face"})\n'
            "            ... ]\n",
        ),
    ),
    "clarifai_resources._input_types": (
        (">>> of_model_type(App(", ">>> await of_model_type(App("),
        (
            "    from collections.abc import Callable\n",
            "    from collections.abc import Awaitable, Callable\n",
        ),
        (
            "accepted: Callable[[], tuple[str, ...]]",
            "accepted: Callable[[], Awaitable[tuple[str, ...]]]",
        ),
    ),
    "clarifai_resources._listing": (
        ("-> Iterator[dict[str, Any]]", "-> AsyncIterator[dict[str, Any]]"),
        ("import Callable, Iterator, Mapping", "import AsyncIterator, Callable, Mapping"),
        ("iter(listing(", "aiter(listing("),
        (
            "            response = endpoint(request, timeout",
            "            response: Any = endpoint(request, timeout",
        ),
        ("iter(Pager(", "aiter(Pager("),
        ("grpc.UnaryUnaryMultiCallable", "grpc.aio.UnaryUnaryMultiCallable"),
        (
            "    except grpc.RpcError as error:\n",
            "        if isinstance(response, Awaitable):\n"
            "            response = await response\n"
            "    except grpc.RpcError as error:\n",
        ),
        ("import functools\n", "import functools\nfrom collections.abc import Awaitable\n"),
        (
            "    return (session, name) if isinstance(session, Session) else (None, endpoint)\n",
            "    session = wrapped(session)\n"
            "    return (session, name) if isinstance(session, Session) else (None, endpoint)\n",
        ),
        (
            "import Session, failure_from, session_for\n",
            "import Session, failure_from, session_for, wrapped\n",
        ),
    ),
    "clarifai_resources.lister": (
        ("-> Iterator[dict[str, Any]]", "-> AsyncIterator[dict[str, Any]]"),
        ("import Callable, Iterator, Mapping", "import AsyncIterator, Callable, Mapping"),
        (
            '>>> "main" in [app["app_id"] for app in pages]',
            '>>> "main" in [app["app_id"] async for app in pages]',
        ),
    ),
    "clarifai_resources.inputs._listings": (
        (", page_no, per_page, partial(_InputPager, handle)\n", ", page_no, per_page\n"),
        (
            "    def _walk(self, *, ahead: bool) -> Iterator[Sequence[Any]]:\n"
            "        for pager in self._pagers:\n"
            "            yield from pager._walk(ahead=ahead)\n",
            "    async def _walk(self, *, ahead: bool) -> AsyncGenerator[Sequence[Any], None]:\n"
            "        for pager in self._pagers:\n"
            "            async with aclosing(pager._walk(ahead=ahead)) as pages:\n"
            "                async for page in pages:\n"
            "                    yield page\n",
        ),
        (
            "        super().__init__(lambda *_: Page([], is_last=True))\n",
            "        super().__init__(_nothing)\n",
        ),
        (
            "class _Chained(Pager[Any]):\n",
            "async def _nothing(_number: int, _size: int) -> Page[Any]:\n"
            "    return Page([], is_last=True)\n\n\n"
            "class _Chained(Pager[Any]):\n",
        ),
        (
            "from typing import TYPE_CHECKING, Any\n",
            "from contextlib import aclosing\nfrom typing import TYPE_CHECKING, Any\n",
        ),
        ("import Iterable, Iterator, Sequence", "import AsyncGenerator, Iterable, Sequence"),
    ),
    "clarifai_resources.inputs._series": (
        (
            "import Callable, Collection, Sequence",
            "import Awaitable, Callable, Collection, Sequence",
        ),
        (
            "known: Callable[[Sequence[M]], Collection[object]] | None",
            "known: Callable[[Sequence[M]], Awaitable[Collection[object]]] | None",
        ),
        ("send: Callable[[list[T]], object]", "send: Callable[[list[T]], Awaitable[object]]"),
        (
            "        first = bulk.start(batch)\n",
            "        first = bulk.start(batch)\n        await over(first)\n",
        ),
        (
            "from clarifai_core.transport import catalogue\n",
            "from clarifai_core.transport import catalogue\n"
            "from clarifai_core.transport.session import over\n",
        ),
    ),
    "clarifai_resources.inputs._uploads": (
        ("    from concurrent.futures import Future\n", "    import asyncio\n"),
        ("Future[Any]", "asyncio.Task[Any]"),
    ),
    "clarifai_resources.model._classifications": (
        ("steps = flow(model, several,", 'steps = flow(cast("Any", model), several,'),
        ("import TYPE_CHECKING, Any, NamedTuple,", "import TYPE_CHECKING, Any, NamedTuple, cast,"),
        (
            "        return load(step.contents)\n",
            "        return await to_thread(load, step.contents)\n",
        ),
        ("from pathlib import Path\n", "from asyncio import to_thread\nfrom pathlib import Path\n"),
    ),
    "clarifai_resources.model.predictions": (
        (
            "Kinds: TypeAlias = Callable[[], tuple[str, ...]]",
            "Kinds: TypeAlias = Callable[[], Awaitable[tuple[str, ...]]]",
        ),
        (
            "from collections.abc import Callable\n",
            "from collections.abc import Awaitable, Callable\n",
        ),
        (
            'call = model.session.prepare("PostModelOutputs", request)\n    answer:'
            " service_pb2.MultiOutputResponse = await model.session.run_async(call)",
            "answer: service_pb2.MultiOutputResponse = await model.session.call("
            '"PostModelOutputs", request)',
        ),
    ),
    "clarifai_resources.model._prediction_methods": (
        ("-> Iterator[MultiOutputResponse]:", "-> AsyncIterator[MultiOutputResponse]:"),
        (
            "        return self.generate([one], inference_params, output_config)\n",
            "        yield from self.generate([one], inference_params, output_config)\n",
        ),
        (
            "        return self.stream(iter([[one]]), inference_params, output_config)\n",
            "        yield from self.stream(iter([[one]]), inference_params, output_config)\n",
        ),
        (
            "        inputs: Iterable[Sequence[resources_pb2.Input]],\n",
            "        inputs: AnyIterable[Sequence[resources_pb2.Input]],\n",
        ),
        (
            "        input_bytes_iterator: Iterable[bytes],\n",
            "        input_bytes_iterator: AnyIterable[bytes],\n",
        ),
        ("        url_iterator: Iterable[str],\n", "        url_iterator: AnyIterable[str],\n"),
        (
            "    from clarifai_resources.inputs._builders import FilePath\n",
            "    from clarifai_resources.inputs._builders import FilePath\n"
            "    from clarifai_resources.model._streams import AnyIterable\n",
        ),
        (
            ">>> sum(1 for part in model.generate([text]))",
            ">>> len([part async for part in model.generate([text])])",
        ),
        (
            ">>> sum(1 for answer in model.stream([text] for text in texts))",
            ">>> len([answer async for answer in model.stream([text] for text in texts)])",
        ),
    ),
    "clarifai_resources.trainable": (
        (
            "    def __contains__(self, type_id: object) -> bool:\n"
            "        return bool(type_id) and (type_id in TRAINABLE_MODEL_TYPES or "
            "type_id in self._told)\n",
            "    async def holds(self, type_id: object) -> bool:\n"
            '        """Return whether a type is one of them."""\n'
            "        if not type_id or type_id in TRAINABLE_MODEL_TYPES:\n"
            "            return bool(type_id)\n"
            "        if self._known is None:\n"
            "            self._known = await self._told()\n"
            "        return type_id in self._known\n",
        ),
        (
            "        self._handle = handle\n",
            "        self._handle = handle\n        self._known: frozenset[str] | None = None\n",
        ),
        ("    @cached_property\n", ""),
        (
            "frozenset(kind.id for kind in listed if kind.trainable)",
            "frozenset([kind.id async for kind in listed if kind.trainable])",
        ),
        ('`"oracle" in Trainable(app)`', '`await Trainable(app).holds("oracle")`'),
    ),
    "clarifai_resources.workflow._creation": (
        (
            "found.model_type_id not in self._trainable",
            "not await self._trainable.holds(found.model_type_id)",
        ),
        ("kind in self._trainable", "await self._trainable.holds(kind)"),
    ),
    "clarifai_resources.workflow._export": (
        ("model.model_type_id not in trainable", "not await trainable.holds(model.model_type_id)"),
    ),
    "clarifai_resources.workflow.predictions": (
        (
            "Kinds: TypeAlias = Callable[[], tuple[str, ...]]",
            "Kinds: TypeAlias = Callable[[], Awaitable[tuple[str, ...]]]",
        ),
        (
            "from collections.abc import Callable\n",
            "from collections.abc import Awaitable, Callable\n",
        ),
    ),
    "clarifai_resources.workflow.workflow": (
        ("parent: Handle) -> Self:\n", "parent: Handle) -> Self:  # type: ignore[override]\n"),
        (
            "    @property\n    def input_types(self) -> list[str]:\n"
            '        """Return the kinds of media that the workflow takes; the platform is asked once.\n',
            "    @property\n    def input_types(self) -> list[str] | None:\n"
            '        """Return what `load_input_types` told; None: it was not called."""\n'
            "        return None if self._input_types is None else list(self._input_types)\n\n"
            "    def load_input_types(self) -> list[str]:\n"
            '        """Return the kinds of media that the workflow takes; the platform is asked once.\n',
        ),
        ('/workflows/General").input_types\n', '/workflows/General").load_input_types()\n'),
    ),
}

"""Lines that `tools.asynchronous` takes others for, before it looks at a module.

Each stands for something that syntax does not tell: a callback that is awaited, a future that is a
task, a pause. A line that is no longer in the source is an error.
"""

from __future__ import annotations

_TASKS = (
    ("from concurrent.futures import Future\n", "import asyncio\n"),
    ("Future[Any]", "asyncio.Task[Any]"),
)
_NO_GROUP = ("Session | CallGroup", "Session")

REPLACED: dict[str, tuple[tuple[str, str], ...]] = {
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
    "clarifai_inputs.bulk": (
        ("import time\n", "import asyncio\n"),
        (
            "    from concurrent.futures import Future\n",
            "    from collections.abc import Awaitable\n",
        ),
        ("Future[Any]", "asyncio.Task[Any]"),
        _NO_GROUP,
        (
            "find: Callable[[Sequence[T]], Sequence[Any]] | None",
            "find: Callable[[Sequence[T]], Awaitable[Sequence[Any]]] | None",
        ),
        ("    sleep: Callable[[float], object] = time.sleep\n", ""),
        (
            "        for attempt in self.session.rules.attempts(MAX_ATTEMPTS, self.sleep):\n",
            "        for attempt in range(1, MAX_ATTEMPTS + 1):\n"
            "            await self.session.pause_before(attempt)\n",
        ),
        (
            "        try:\n            response = answer.result()\n",
            "        try:\n            response = await answer\n",
        ),
    ),
    "clarifai_inputs.sender": (
        *_TASKS,
        ("import time\n", "from contextlib import aclosing\n"),
        _NO_GROUP,
        ("import Session\n", "import Session, over\n"),
        ("    sleep: Callable[[float], object] = time.sleep\n", ""),
        (
            "Bulk(self.session, call, self.refusals, self.sleep)",
            "Bulk(self.session, call, self.refusals)",
        ),
        (
            '        return next(listed(self.session, "ListInputs", request, limits).pages(), [])\n',
            '        pages = listed(self.session, "ListInputs", request, limits).pages()\n'
            "        async with aclosing(pages):\n"
            "            return await anext(pages, [])\n",
        ),
        (
            "    def run(self, batches: Iterable[Sequence[T]]) -> None:\n",
            "    def run(self, batches: Iterable[Sequence[T]]) -> None:\n"
            "        try:\n"
            "            await self._run(batches)\n"
            "        finally:\n"
            "            for _, _, answer in self.waiting:\n"
            "                answer.cancel()\n\n"
            "    def _run(self, batches: Iterable[Sequence[T]]) -> None:\n",
        ),
        (
            "        self.window.remove(size)\n",
            "        self.window.remove(size)\n        await over(answer)\n",
        ),
        (
            "found.update((one.id, one.name) for one in concepts)",
            "found.update([(one.id, one.name) async for one in concepts])",
        ),
        (
            "    fetch: Callable[[int, int], Page[Any]] = message_pages(\n",
            "    fetch: Callable[[int, int], Awaitable[Page[Any]]] = message_pages(\n",
        ),
        (
            "    from collections.abc import Iterable\n",
            "    from collections.abc import Awaitable, Iterable\n",
        ),
    ),
    "clarifai_resources._input_types": (
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
    "clarifai_resources.inputs.listings": (
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
    "clarifai_resources.inputs.series": (
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
    "clarifai_resources.inputs.uploads": (
        ("    from concurrent.futures import Future\n", "    import asyncio\n"),
        ("Future[Any]", "asyncio.Task[Any]"),
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
    "clarifai_resources.model.prediction_methods": (
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
            "    from clarifai_resources.inputs.builders import FilePath\n",
            "    from clarifai_resources.inputs.builders import FilePath\n"
            "    from clarifai_resources.model.streams import AnyIterable\n",
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
    "clarifai_resources.workflow.creation": (
        (
            "found.model_type_id not in self._trainable",
            "not await self._trainable.holds(found.model_type_id)",
        ),
        ("kind in self._trainable", "await self._trainable.holds(kind)"),
    ),
    "clarifai_resources.workflow.export": (
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
    "clarifai_datasets.handle": (
        (
            "    def __iter__(self) -> Iterator[resources_pb2.Input]:\n",
            "    def __aiter__(self) -> AsyncIterator[resources_pb2.Input]:\n",
        ),
        (
            "    from collections.abc import Iterable, Iterator, Mapping\n",
            "    from collections.abc import AsyncIterator, Iterable, Mapping\n",
        ),
    ),
    "clarifai_datasets._export.source": (
        (
            "        yield Downloads(session.downloads)\n",
            "        yield Downloads(session.downloads.blocking)\n",
        ),
        (
            "                yield from archive.inputs(batch)\n",
            "                for one in await asyncio.to_thread(list, archive.inputs(batch)):\n"
            "                    yield one\n",
        ),
        (
            "from contextlib import contextmanager\n",
            "from contextlib import asynccontextmanager, contextmanager\n",
        ),
        ("import tempfile\n", "import asyncio\nimport tempfile\n"),
    ),
    "clarifai_datasets.upload.existing": (
        (
            "    many = uplink.session.executor.map if len(items) > 1 else map\n"
            "    for item, (answer, why) in zip(\n"
            "        items, many(lambda one: _difference(one, uplink), items), strict=True\n"
            "    ):\n",
            "    # It reads what the app has, and compares pictures: both is work for threads.\n"
            "    several = [asyncio.to_thread(_difference, one, uplink) for one in items]\n"
            "    answers = await asyncio.gather(*several)\n"
            "    for item, (answer, why) in zip(items, answers, strict=True):\n",
        ),
    ),
    "clarifai_datasets.upload.processing": (
        (
            "def _wait(self, check: Callable[[], bool | None])",
            "def _wait(self, check: Callable[[], Awaitable[bool | None]])",
        ),
        (
            "from collections.abc import Callable, Sequence\n",
            "from collections.abc import Awaitable, Callable, Sequence\n",
        ),
        ("    from concurrent.futures import Future\n", "    import asyncio\n"),
        ("Future[Any]", "asyncio.Task[Any]"),
        ("                sleep=self.stop.wait,\n", ""),
        (
            "            try:\n                progress = progress_of(answer)\n",
            "            await over(answer)\n"
            "            try:\n                progress = progress_of(answer)\n",
        ),
        (
            "from clarifai_core.polling import wait_until\n",
            "from clarifai_core.polling import wait_until\n"
            "from clarifai_core.transport.session import over\n",
        ),
    ),
    "clarifai_datasets.upload.requests": (
        ("    from concurrent.futures import Future\n", ""),
        ("Future[Any]", "asyncio.Task[Any]"),
        ("import time\n", "import asyncio\n"),
        _NO_GROUP,
        ("    sleep: Callable[[float], object] = time.sleep\n", ""),
        ("            sleep=self.sleep,\n", ""),
        (", self.sleep)", ")"),
        (
            "        downloads = self.session.downloads\n",
            "        downloads = self.session.downloads.blocking\n",
        ),
        (
            "list(self.session.executor.map(self._annotate, parts))",
            "await asyncio.gather(*map(self._annotate, parts))",
        ),
        (
            "Return the bytes of a medium that the platform has.\n",
            "Return the bytes of a medium that the platform has; it is for threads.\n",
        ),
    ),
    "clarifai_datasets.upload.run": (
        (
            '    if order.executor is not None and not callable(getattr(order.executor, "submit", None)):\n'
            "        raise UserError(\n"
            '            f"executor must be a concurrent.futures.Executor, got {order.executor!r:.80}."\n'
            "        )\n",
            "    if order.executor is not None:\n"
            "        raise UserError(\n"
            '            "executor= is for blocking uploads, those of clarifai.client: an event loop "\n'
            '            "sends by itself."\n'
            "        )\n",
        ),
        (
            "    names = ConceptNames(partial(app_concepts, order.session, order.scope))\n",
            "    loop = asyncio.get_running_loop()\n\n"
            "    def known() -> dict[str, str]:  # called by the thread that reads\n"
            "        asked = app_concepts(order.session, order.scope)\n"
            "        return asyncio.run_coroutine_threadsafe(asked, loop).result()\n\n"
            "    names = ConceptNames(known)\n",
        ),
        (
            "        if order.executor is not None:\n"
            "            report = upload_with(\n"
            "                order.executor,\n"
            "                *how,\n"
            "                limits=order.limits,\n"
            "                progress=order.progress,\n"
            "                ledger=ledger,\n"
            "            )\n"
            "        else:\n"
            "            report = upload(*how, limits=order.limits, progress=order.progress, "
            "ledger=ledger)\n",
            "        report = await upload(*how, limits=order.limits, progress=order.progress, "
            "ledger=ledger)\n",
        ),
        ("from functools import partial\n", "import asyncio\n"),
        (
            "        Interrupted: Ctrl-C (a KeyboardInterrupt); its `report` says what was done.\n",
            "",
        ),
    ),
    "clarifai_search._pages": (
        ("counted = asked.count()", "counted = await asked.count()"),
        (
            "sum(asked.pager(Pager[int], read, PageLimits()))",
            "sum(await asked.pager(Pager[int], read, PageLimits()).all())",
        ),
    ),
    "clarifai_search._saving": (
        ("from collections import deque\n", "import asyncio\nfrom collections import deque\n"),
        ("import Iterable, Iterator\n", "import AsyncIterable, AsyncIterator\n"),
        ("    executor = handle.session.executor\n", ""),
        (
            "    waiting: deque[Future[Posted[str]]] = deque()\n",
            "    waiting: deque[asyncio.Task[Posted[str]]] = deque()\n",
        ),
        ("in_batches(_ids(hits), len)", "in_batches([one async for one in _ids(hits)], len)"),
        (
            "waiting.append(executor.submit(bulk.post, batch))",
            "waiting.append(asyncio.ensure_future(bulk.post(batch)))",
        ),
        ("waiting.popleft().result()", "await waiting.popleft()"),
        ("hits: Iterable[resources_pb2.Hit]", "hits: AsyncIterable[resources_pb2.Hit]"),
    ),
    "clarifai_search.handle": (
        (
            "Generator[service_pb2.MultiSearchResponse, None, None]",
            "AsyncIterator[service_pb2.MultiSearchResponse]",
        ),
        ("        return (response for response in found)\n", "        return aiter(found)\n"),
        ("import Generator, Mapping, Sequence", "import AsyncIterator, Mapping, Sequence"),
        (
            "            A generator of the platform's responses",
            "            An asynchronous iterator over the platform's responses",
        ),
        (
            '>>> best = search.hits(filters=[{"metadata": {"kind": "unicorn"}}]).first()',
            '>>> best = await search.hits(filters=[{"metadata": {"kind": "unicorn"}}]).first()',
        ),
    ),
}

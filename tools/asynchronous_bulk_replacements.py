"""Lines of uploads, exports and searches that others are taken for: see `tools.asynchronous`."""

from __future__ import annotations

_TASKS = (
    ("from concurrent.futures import Future\n", "import asyncio\n"),
    ("Future[Any]", "asyncio.Task[Any]"),
)
_NO_GROUP = ("Session | CallGroup", "Session")

REPLACED: dict[str, tuple[tuple[str, str], ...]] = {
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
            "BulkSender(self.session, call, self.refusals, self.sleep)",
            "BulkSender(self.session, call, self.refusals)",
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
            "    except KeyboardInterrupt:\n",
            "    except (KeyboardInterrupt, asyncio.CancelledError):\n",
        ),
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
    "clarifai_datasets.upload._existing": (
        ("from typing import TYPE_CHECKING", "import asyncio\nfrom typing import TYPE_CHECKING"),
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
    "clarifai_datasets.upload._processing": (
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
    "clarifai_datasets.upload._requests": (
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
    "clarifai_datasets.upload._run": (
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
        (
            "import Iterable, Iterator, Sequence\n",
            "import AsyncIterable, AsyncIterator, Sequence\n",
        ),
        ("    executor = handle.session.executor\n", ""),
        (
            "    waiting: deque[Future[BulkResult[str]]] = deque()\n",
            "    waiting: deque[asyncio.Task[BulkResult[str]]] = deque()\n",
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
            '>>> Search(user_id="me", app_id="main").count(',
            '>>> await Search(user_id="me", app_id="main").count(',
        ),
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

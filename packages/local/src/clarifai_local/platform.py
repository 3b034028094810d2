"""The embedded platform: store, services and background work, put together.

with Platform() as platform:                 # in memory
channel = platform.channel()             # a grpc.Channel within this process
with Platform("state") as platform, platform.serve() as server:
print(server.address, server.pat)        # a gRPC server on loopback, kept in ./state
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

from clarifai_local import _platform_urls, _public_content
from clarifai_local._added_services import added_services
from clarifai_local._clock import Clock, SystemClock
from clarifai_local._content import ContentLoader
from clarifai_local._context import ServiceContext
from clarifai_local._faults import Faults
from clarifai_local._gateway.service import PREFIX, Gateway
from clarifai_local._http_routes import HttpRoutes
from clarifai_local._jobs import Jobs
from clarifai_local._masks import MASKS_PATH, Masks
from clarifai_local._models.engines import Engines
from clarifai_local._models.first_answers import ANSWERING_META, FirstAnswers
from clarifai_local._models.predictors import Predictors
from clarifai_local._models.remote import RunnerModels
from clarifai_local._models.retrieval import TextSearch
from clarifai_local._models.spaces import EmbeddingSpaces
from clarifai_local._originals import Originals
from clarifai_local._processing import InputProcessor
from clarifai_local._recorder import Recorder
from clarifai_local._reindexing import Reindexing
from clarifai_local._runner_queue import RunnerQueue
from clarifai_local._scope import AppScopes
from clarifai_local._services import family_rpcs, load_services
from clarifai_local._services.families import FAMILIES
from clarifai_local._store import Store, directory_errors
from clarifai_local._store.directory import DATABASE_FILE, DOWNLOADS_DIRECTORY
from clarifai_local._url_fetcher import UrlFetcher
from clarifai_local._views import MEDIA_PATH, InputViews
from clarifai_local._wire_versions import others
from clarifai_local.auth import ApiKeys
from clarifai_local.dispatch import Dispatcher

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from types import TracebackType

    import grpc
    from typing_extensions import Self

    from clarifai_core.contracts import Spec
    from clarifai_local._server import Server
    from clarifai_local._transport import HttpTransport
    from clarifai_local.engine.contracts import Embedder

ServiceMaker: TypeAlias = "Callable[[Platform], object]"
"""Makes a service of a platform: an object whose methods marked `@rpc` answer RPCs."""


class Platform:
    """One platform, with its own users, apps and content.

    Args:
        path: The directory that keeps everything, created when missing; None for memory.
        pats: Keys to accept besides the platform's own.
        clock: Where it reads the time; `ManualClock` stands until a test moves it.
        url_fetcher: How it downloads inputs that are given by URL; by default from the directory
            `downloads` only, without network.
        embedder: Makes vectors of pictures and texts; by default the built-in one.
        engines: What plugins put behind the embedder, public models and model types, as
            `clarifai_register_engines` gives it; by default of all plugins that are installed.
        services: What makes more services: callables `(platform) -> service`, as in a
            `ServiceSpec`. Their RPCs replace the built-in ones.

    Raises:
        DirectoryInUse: Another process has the directory open.
        ForeignDirectory: Files of somebody else have the names that the platform's would have.
        UnknownVersion: A newer version of this package wrote the directory.
        DamagedDirectory: Files of the platform are lost or cannot be understood.
        UnusableDirectory: The system does not let the platform use the directory.
    """

    def __init__(
        self,
        path: str | Path | None = None,
        *,
        pats: Iterable[str] | None = None,
        clock: Clock | None = None,
        url_fetcher: UrlFetcher | None = None,
        embedder: Embedder | None = None,
        engines: Iterable[Spec] | None = None,
        services: Iterable[ServiceMaker] = (),
    ) -> None:
        self.path = None if path is None else Path(path).expanduser().resolve()
        self.pid = os.getpid()
        self.clock: Clock = clock or SystemClock()
        self.recorder = Recorder(self.clock)
        self._faults = Faults(self._rpc_names)
        self.store = Store(self.path)
        self.store.space.check = lambda: self._faults.write()
        self._closed = False
        try:
            with directory_errors.named(None if self.path is None else self.path / DATABASE_FILE):
                self._assemble(tuple(pats or ()), url_fetcher, embedder, Engines(engines), services)
        except BaseException:  # why: the directory must not stay locked; raised again
            self._stop()
            raise

    def _assemble(
        self,
        pats: tuple[str, ...],
        url_fetcher: UrlFetcher | None,
        embedder: Embedder | None,
        engines: Engines,
        services: Iterable[ServiceMaker],
    ) -> None:
        self.keys = ApiKeys(self.store, pats, self.clock)
        self.scopes = AppScopes(
            self.store,
            _public_content.PUBLIC_USERS,
            _public_content.UNLISTED_OWNERS,
            _public_content.MAIN,
        )
        self.http = HttpRoutes(self.keys, lambda: self._faults)
        self.url_fetcher = url_fetcher or UrlFetcher(cache=self._downloads())
        self.engines = engines
        self._first_answers = FirstAnswers(self.store)
        self._spaces = EmbeddingSpaces(
            self.store, embedder or self.engines.embedder(), self._first_answers
        )
        self.embedder: Embedder = self._spaces.current
        self.runner_queue = RunnerQueue()
        self.jobs = Jobs()
        self.processor = self._processor()
        self.store.vectors.embed = self.processor.embed
        answers = self.engines.answers()
        _public_content.seed(self.store, answers)
        self._note_answers({name: answer.owner for name, answer in answers.items()})
        self.context = self._context()
        self.predictors = self.context.predictors
        self.dispatcher = self._dispatcher()
        self._route()
        self._serve_rpcs(
            [*load_services(self.context), *added_services(services, self, self.dispatcher)]
        )

    def _note_answers(self, owners: Mapping[str, str]) -> None:
        noted = json.dumps(owners)
        if (self.store.meta(ANSWERING_META) or "{}") != noted:
            self.store.set_meta(ANSWERING_META, noted)

    def _processor(self) -> InputProcessor:
        return InputProcessor(
            self.store,
            self.scopes,
            self.embedder,
            self.url_fetcher,
            self.clock,
            lambda: self._faults.indexing_delay_seconds(),
        )

    def _context(self) -> ServiceContext:
        originals = Originals(self.store)
        runner_models = RunnerModels(self.store, self.runner_queue)
        return ServiceContext(
            store=self.store,
            clock=self.clock,
            scopes=self.scopes,
            jobs=self.jobs,
            http=self.http,
            views=InputViews(lambda: self.http.base_url),
            originals=originals,
            masks=Masks(self.store, lambda: self.http.base_url),
            content=ContentLoader(self.http, originals, self.url_fetcher),
            processor=self.processor,
            embedder=self.embedder,
            reindexing=Reindexing(self.store, self.scopes, self._spaces.names, self.jobs),
            engines=self.engines,
            predictors=Predictors(
                self.store,
                self.engines,
                self._spaces,
                self._first_answers,
                runner_models,
                TextSearch(self.store, self.scopes, self.embedder, originals),
            ),
            runner_queue=self.runner_queue,
            runner_models=runner_models,
        )

    def _dispatcher(self) -> Dispatcher:
        return Dispatcher(
            self.keys.authenticate,
            lambda: self._faults,
            extra=others.methods(),
            recorder=self.recorder,
        )

    def _route(self) -> None:
        """Say what is at the platform's own addresses; services add theirs."""
        self.http.add(f"{MEDIA_PATH}/", self.context.originals.serve)
        self.http.add(MASKS_PATH, self.context.masks.serve)
        gateway = Gateway(self.dispatcher, self.keys.authenticate)
        self.http.add(PREFIX, gateway.handle, refuses=gateway.refuses)

    def _serve_rpcs(self, services: list[object]) -> None:
        """Bind the RPCs, and let each service take up what it left unfinished."""
        methods = self.dispatcher.methods.values()
        self.dispatcher.bind(family_rpcs.handlers(self.context, FAMILIES, methods))
        for service in services:
            self.dispatcher.add(service)
        self._faults.watch(self.processor.wake)
        self.processor.resume()
        for service in services:
            resume = getattr(service, "resume", None)
            if resume is not None:
                resume()

    @property
    def faults(self) -> Faults:
        """The switches that make this platform misbehave; another board may be put in its place."""
        return self._faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self._faults.watch(None)
        self._faults.clear()
        self._faults = faults
        faults.watch(self.processor.wake)
        self.processor.wake()

    @property
    def url(self) -> str:
        """What clients of this process take as `base_url`, as long as the platform is open."""
        return _platform_urls.url_of(self)

    def channel(self, *, authenticate: bool = False) -> grpc.Channel:
        """Return a channel to this platform within the process.

        Args:
            authenticate: Ask for a key, as the server does.
        """
        from clarifai_local._channel import LocalChannel

        return LocalChannel(self, trusted=not authenticate)

    def aio_channel(self, *, authenticate: bool = False) -> grpc.aio.Channel:
        """Return an asyncio channel to this platform within the process; see `channel`."""
        from clarifai_local._aio_channel import LocalAioChannel

        channel: Any = LocalAioChannel(self, trusted=not authenticate)
        return cast("grpc.aio.Channel", channel)

    def http_transport(self) -> HttpTransport:
        """Return an httpx transport that serves the platform's addresses within the process."""
        from clarifai_local._transport import HttpTransport

        return HttpTransport(self.http)

    def serve(
        self,
        port: int = 0,
        *,
        host: str = "127.0.0.1",
        allow_remote: bool = False,
        host_names: Iterable[str] = (),
    ) -> Server:
        """Start a server for gRPC and HTTP on one port (port 0: any free one).

        Args:
            port: Port to listen at.
            host: Address to listen at.
            allow_remote: Let `host` be another address than loopback: everybody who can reach
                it and has the key can use the platform.
            host_names: Names of this machine that callers use over HTTP: `"box.example"`, or
                `"box.example:443"` behind a proxy. Requests for other names than these, `host`
                and loopback are answered with 421, lest foreign pages get here by DNS rebinding.

        Raises:
            ValueError: `host` is not a loopback address and `allow_remote` is not set; or one of
                `host_names` is no name of a host.
            OSError: The port is taken.
        """
        from clarifai_local._server import Server

        return Server(self, host, port, allow_remote=allow_remote, host_names=host_names)

    def wait_idle(self, timeout_seconds: float = 30) -> bool:
        """Wait until no input is being processed and no job runs; returns whether that is so."""
        return self.processor.wait_idle(timeout_seconds) and self.jobs.wait_idle(timeout_seconds)

    def close(self) -> None:
        """Stop background work and let go of the directory; closing twice is fine.

        What is unfinished is taken up at the next start.
        """
        if self._closed:
            return
        self._closed = True
        self._faults.watch(None)
        self._faults.clear()
        self._stop()

    def _stop(self) -> None:
        """End what runs, of a platform that may be half assembled, and close the store."""
        for part in ("runner_queue", "processor", "jobs"):
            if hasattr(self, part):
                getattr(self, part).close()
        self.store.close()

    def abandon(self) -> None:
        """Forget the platform in a forked child: it goes on in the parent only."""
        self._closed = True

    @property
    def closed(self) -> bool:
        """Whether the platform cannot be used any more."""
        return self._closed

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _rpc_names(self) -> Iterator[str]:
        return (method.name for method in self.dispatcher.methods.values())

    def _downloads(self) -> Path | None:
        return None if self.path is None else self.path / DOWNLOADS_DIRECTORY

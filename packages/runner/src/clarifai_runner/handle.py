"""The runner handle: what `clarifai.client.runner` opens.

Importing this module costs nothing; the worker and its threads come in with `start()`.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, ClassVar

from clarifai_core import ops, plugins
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.errors import PluginError, UserError
from clarifai_core.handles import Handle
from clarifai_core.wire import ids
from clarifai_runner import _code, _endpoint, _items, _kinds, _signals, _worker
from clarifai_runner import _metrics as metrics_
from clarifai_runner._fields import RunnerFields

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarifai_grpc.grpc.api import resources_pb2
    from typing_extensions import Unpack

    from clarifai_runner.arguments import RunnerArguments

__all__ = ["DEFAULT_BASE_URL", "MAX_PARALLEL_POLLS", "Runner"]

MAX_PARALLEL_POLLS = 64
"""The most threads of one runner."""


class Runner(Handle, RunnerFields):
    """A worker that asks the platform for inputs, and answers each with `run_input`.

    Subclass it, implement `run_input` or `run_batch`, and call `start()`; or call
    `serve(function)`. Each of them may be a coroutine (`async def`).

    Args:
        runner_id: The runner, as `User.create_runner` made it.
        user_id: User that holds it.
        check_runner_exists: Ask the platform for it now; without, `start()` finds out.
        base_url: Address of the platform.
        pat: A personal access token.
        token: A session token.
        num_parallel_polls: Threads that ask for work and run it, 1..64.
        poller: Name of a registered poller, `"long_poll"` or `"stream"`.
        metrics_port: Port for Prometheus (`/metrics`) and health (`/healthz`), 0 for any free one.
        **kwargs: Fields of the runner, and context, root_certificates_path, timeout_seconds.

    Raises:
        UserError: runner_id or user_id is missing, or num_parallel_polls or another argument is
            wrong.
        NotFound: The platform has no such runner.

    Example:
        >>> from clarifai_grpc.grpc.api import resources_pb2
        >>> class Echo(Runner):
        ...     def run_input(self, input, output_info):
        ...         return resources_pb2.Output(data=input.data)
        >>> echo = Echo(runner_id="laptop", user_id="me", check_runner_exists=False)
        >>> echo.num_parallel_polls  # and then echo.start()
        4
    """

    kind: ClassVar[str] = "runner"

    num_parallel_polls: int = 4
    """Threads that ask for work and run it."""
    graceful_shutdown_seconds: float = 30.0
    """How long polls and items that are under way may take to finish after a stop."""
    poller: str = "long_poll"
    """How it gets work: the name of a registered poller."""
    metrics_port: int | None = None
    """Port of the figures over HTTP; None: they are not served."""
    metrics_host: str = "127.0.0.1"
    """Address of the figures over HTTP: this machine only."""
    send_stack_traces: bool = False
    """Whether callers are told where run_input failed, besides the reason."""

    def __init__(
        self,
        runner_id: str,
        user_id: str = "",
        check_runner_exists: bool = True,
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        num_parallel_polls: int = 4,
        *,
        poller: str = "",
        metrics_port: int | None = None,
        **kwargs: Unpack[RunnerArguments],
    ) -> None:
        self.num_parallel_polls = _checked_polls(num_parallel_polls)
        if poller:
            self.poller = poller
        if metrics_port is not None:
            self.metrics_port = metrics_port
        if isinstance(check_runner_exists, str):
            raise UserError(
                f"check_runner_exists must be True or False, got {check_runner_exists!r}: give "
                "base_url= by name."
            )
        runner_id = ids.check_id("runner_id", runner_id)
        super().__init__(
            runner_id, base_url=base_url, pat=pat, token=token, user_id=user_id, **kwargs
        )
        self._check_user()
        if check_runner_exists:
            self._message = ops.get(self, _kinds.RUNNER, runner_id)

    @property
    def runner_id(self) -> str:
        """Return the id of the runner."""
        return self.id

    def run_input(
        self,
        input: resources_pb2.Input,  # noqa: A002  why: the documented name
        output_info: resources_pb2.OutputInfo,
    ) -> resources_pb2.Output | Awaitable[resources_pb2.Output]:
        """Run the model on one input; implement this in a subclass. Several threads call it.

        Args:
            input: The input.
            output_info: What the request asks of the model; `output_info.params` holds parameters.

        Returns:
            The output. A status is not needed; one without counts as a success. What it raises
            becomes the status of this input alone (21313), with the exception's text.

        Raises:
            UserError: It is not implemented.
        """
        del input, output_info
        raise _NotImplemented(_nothing_to_run(self))

    def run_batch(
        self, inputs: list[resources_pb2.Input], output_info: resources_pb2.OutputInfo
    ) -> list[resources_pb2.Output] | Awaitable[list[resources_pb2.Output]]:
        """Run the model on all inputs of a request; implement this instead of `run_input`.

        Args:
            inputs: The inputs, at least one.
            output_info: As in `run_input`.

        Returns:
            An output for each input, in their order. What it raises becomes the status of all.

        Raises:
            UserError: It is not implemented.
        """
        del inputs, output_info
        raise _NotImplemented(_nothing_to_run(self))

    def start(self) -> None:
        """Ask for work, run it, post the results, and so on until `stop()`, Ctrl-C or SIGTERM.

        Blocks; it may run in a thread of its own, where signals are left alone. After a stop no
        more work is asked for; what is under way is finished and posted, within
        `graceful_shutdown_seconds`. A second signal ends the program at once.

        Raises:
            UserError: It runs already; num_parallel_polls is out of range; run_input is missing,
                cannot be called as documented, or says that it returns something else.
            ApiError: The platform refuses the runner for good: it is gone, or the PAT is revoked.
        """
        self._run(self._own_code)

    def serve(
        self,
        function: Callable[
            [resources_pb2.Input, resources_pb2.OutputInfo],
            resources_pb2.Output | Awaitable[resources_pb2.Output],
        ],
    ) -> None:
        """Do what `start` does, with a function or coroutine in the place of `run_input`.

        Args:
            function: Gets an input and the output info of the request, returns its output.

        Raises:
            UserError: As `start`; the function cannot be called so.
            ApiError: The platform refuses the runner for good.
        """
        self._run(lambda: _code.ModelCode.checked(function))

    @property
    def metrics(self) -> metrics_.Metrics:
        """Return what this runner did so far, over all its starts."""
        made: metrics_.Metrics = self.__dict__.setdefault("_metrics", metrics_.Metrics())
        return made

    def _own_code(self) -> _code.ModelCode:
        """Return what is implemented; when both are, that of the more special class."""
        if type(self) is Runner and "run_input" not in vars(self):
            # As documented: it asks for work, and tells each caller what is missing.
            return _code.ModelCode.checked(self.run_input, "Runner.run_input")
        for owner in (self, *type(self).__mro__):
            if owner is Runner:
                break
            for name in ("run_batch", "run_input"):
                if name in vars(owner):
                    shown = f"{type(self).__name__}.{name}"
                    own = getattr(self, name)
                    return _code.ModelCode.checked(own, shown, batch=name == "run_batch")
        raise _NotImplemented(_nothing_to_run(self))

    def _run(self, find_code: Callable[[], _code.ModelCode]) -> None:
        parallel_polls = _checked_polls(self.num_parallel_polls)
        self._check_user()
        spec = plugins.plugins().find("pollers", self.poller)
        if spec is None:
            known = ", ".join(sorted(s.name for s in plugins.plugins().specs("pollers")))
            raise PluginError(
                f"No installed plugin brings a poller {self.poller!r}; known: {known}."
            )
        model = find_code()
        control, metrics = self._control, self.metrics
        if not control.running.acquire(blocking=False):
            raise UserError(f"Runner {self.id!r} runs already; stop() it first.")
        try:
            with (
                _endpoint.serving(metrics, self.id, self.metrics_host, self.metrics_port),
                _signals.stopping_on_signals(self.stop),
            ):
                metrics.state = "running"
                _worker.Worker(
                    spec.make(self.session, self, having=("poll", "post")),
                    lambda item: _items.outputs_of(
                        item, model, stack_traces=self.send_stack_traces
                    ),
                    parallel_polls=parallel_polls,
                    stopping=control.stopping,
                    graceful_shutdown_seconds=self.graceful_shutdown_seconds,
                    metrics=metrics,
                    about={"runner_id": self.id, "user_id": self.user_id, "poller": self.poller},
                ).run()
        finally:
            metrics.state = "stopped"
            model.close()
            control.stopping.clear()
            control.running.release()

    def stop(self) -> None:
        """Have `start()` finish what is under way and return; does not wait for it.

        Before `start()`, it makes that call return at once. Any thread may call it.
        """
        self._control.stopping.set()

    def _check_user(self) -> None:
        if not self.user_id:
            raise UserError(
                "A runner needs user_id; nothing was sent. Give user_id= or set CLARIFAI_USER_ID."
            )

    @property
    def _control(self) -> _Control:
        """What `start` and `stop` share; made late, as handles also come from answers."""
        made: _Control = self.__dict__.setdefault("_running", _Control())
        return made

    def __getstate__(self) -> dict[str, Any]:
        state = super().__getstate__()
        state.pop("_running", None)
        state.pop("_metrics", None)
        return state


class _NotImplemented(UserError, NotImplementedError):  # why: said to users, no stub
    """A runner without a `run_input`, for programs that know Python's own name for that."""


class _Control:
    """Whether one handle's worker runs, and whether it should stop."""

    def __init__(self) -> None:
        self.running = threading.Lock()
        self.stopping = threading.Event()


def _nothing_to_run(runner: Runner) -> str:
    return (
        f"{type(runner).__name__} does not say what to do with an input: subclass Runner and "
        "implement run_input(input, output_info), which returns a resources_pb2.Output."
    )


def _checked_polls(value: object) -> int:
    if (
        isinstance(value, bool)
        or not isinstance(value, int)
        or not 1 <= value <= MAX_PARALLEL_POLLS
    ):
        raise UserError(
            f"num_parallel_polls must be a whole number from 1 to {MAX_PARALLEL_POLLS}, "
            f"got {value!r}."
        )
    return value

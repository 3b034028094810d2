"""`clarifai runner start module:Class | create`: a runner from the command line."""

from __future__ import annotations

import functools
import importlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.command_arguments import USER, Argument, Option, command
from clarifai_core.errors import UserError
from clarifai_core.safe_text import fit, named
from clarifai_core.wire.ids import check_new_id
from clarifai_runner._kinds import RUNNER
from clarifai_runner.handle import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_core.command_context import CommandContext


def opened(target: str, options: dict[str, Any]) -> tuple[Runner, Callable[[], None]]:
    """Return the runner of a target, and what starts it.

    Args:
        target: `"module:Class"` of a subclass of `Runner`, `"module:function"` for `Runner.serve`,
            or `"module:runner"`, an object that the module made. Modules of the working directory
            are found, too.
        options: Arguments for the class; those that are empty are left out. With a runner that
            is made already: attributes to set.

    Raises:
        UserError: There is no such thing, or it is none of those.
    """
    found = _imported(target)
    given = {name: value for name, value in options.items() if value not in ("", None)}
    if isinstance(found, Runner):
        settable = ("num_parallel_polls", "poller", "metrics_port", "graceful_shutdown_seconds")
        for name, value in given.items():
            if name not in settable:
                raise UserError(f"{target} is made already: it has its {name} ({value!r}) itself.")
            setattr(found, name, value)
        return found, found.start
    graceful = given.pop("graceful_shutdown_seconds", None)
    is_class = isinstance(found, type) and issubclass(found, Runner)
    if not (is_class or callable(found)):
        raise UserError(f"{target} is {found!r}, neither a Runner class nor a function.")
    if "runner_id" not in given:
        raise UserError(
            "--runner-id is missing: `clarifai runner create ID --label L` makes a runner."
        )
    runner = (found if is_class else Runner)(**given)
    if graceful is not None:
        runner.graceful_shutdown_seconds = graceful
    return runner, runner.start if is_class else functools.partial(runner.serve, found)


def _imported(target: str) -> Any:
    module_name, colon, name = target.partition(":")
    if not (module_name and colon and name):
        raise UserError(f"TARGET must read module:Class, got {target!r}.")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        module = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{module_name}.".startswith(f"{error.name}."):
            raise  # it is there, and imports something that is not
        raise UserError(f"There is no module {module_name!r} in {here} or installed.") from error
    found: Any = module
    for part in name.split("."):
        found = getattr(found, part, None)
    if found is None:
        raise UserError(f"The module {module_name!r} has no {name!r}.")
    return found


def _log_to_stderr(level: str, form: str) -> None:
    from clarifai_core.log_lines import FORM, FitFormatter
    from clarifai_runner._logs import JsonLines

    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if form == "json" else FitFormatter(FORM))
    logging.basicConfig(level=level.upper(), handlers=[handler])


def _say(text: str) -> None:
    sys.stderr.write(f"{fit(text)}\n")
    sys.stderr.flush()


def _reload() -> None:
    """Run this very command line without `--reload`, again and again."""
    import threading

    from clarifai_runner._reload import run_reloading
    from clarifai_runner._signals import stopping_on_signals

    ended = threading.Event()
    kept = [sys.executable, *(word for word in sys.argv if word != "--reload")]
    with stopping_on_signals(ended.set):
        run_reloading(kept, Path.cwd(), _say, ended)


@command(
    Argument("target", "MODULE:CLASS"),
    Option("--runner-id", "The runner.", "ID"),
    USER,
    Option("--poller", "long_poll, stream or a plugin's.", "NAME"),
    Option("--num-parallel-polls", "By default 4.", kind="integer", least=1, most=64),
    Option("--graceful-shutdown-seconds", "By default 30.", kind="number", least=0),
    Option(
        "--metrics-port",
        "Serve /metrics and /healthz there.",
        kind="integer",
        least=0,
        most=65535,
    ),
    Option("--log-level", "debug, info, warning.", default="info"),
    Option("--log-format", "Of the log on stderr.", choices=("text", "json"), default="text"),
    Option("--reload", "Development: start again when a file changes.", kind="flag"),
)
def start(
    context: CommandContext,
    target: str,
    reload: bool,
    log_level: str,
    log_format: str,
    **options: Any,
) -> None:
    """Serve a model from this machine until SIGTERM or Ctrl-C.

    MODULE:CLASS names a subclass of Runner, a function (input, output_info) -> Output, or a
    Runner that the module made.

    Args:
        context: The command's.
        target: What answers.
        reload: Whether to start again when a file changes.
        log_level: What is logged.
        log_format: How.
        **options: Of the runner.
    """
    if reload:
        _reload()
        return
    _log_to_stderr(log_level, log_format)
    runner, begin = opened(target, {**context.connection(), **options})
    context.output.remark(f"runner {runner.id} of {runner.user_id} asks for work")
    begin()


@command(
    Argument("runner_id", "ID"),
    Option(
        "--label",
        "Work for models with this label comes to it; may be given several times.",
        "LABEL",
        many=True,
        is_required=True,
        name="labels",
    ),
    Option("--description", "What it is, for people.", "TEXT"),
    USER,
)
def create(
    context: CommandContext, runner_id: str, labels: tuple[str, ...], description: str, user_id: str
) -> None:
    """Create a runner; `clarifai runner start` serves a model with it.

    Args:
        context: The command's.
        runner_id: Its id.
        labels: What work comes to it.
        description: What it is.
        user_id: Whose.
    """
    fields = {
        "id": check_new_id("runner_id", runner_id),
        "labels": list(labels),
        "description": description,
    }
    made = ops.create(context.place(user_id=user_id), RUNNER, fields)
    context.output.done(made, f"Created the runner {named(runner_id)}.")

"""`clarifai runner start module:Class`: a runner from the command line.

`opened` does the work and can be called by a program. The command wraps it with click, which the
command line brings: it is made when first asked for.
"""

from __future__ import annotations

import functools
import importlib
import logging
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.safe_text import fit
from clarifai_runner.handle import Runner

if TYPE_CHECKING:
    from collections.abc import Callable

    import click


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
        raise UserError("--runner-id is missing: create a runner first, with User.create_runner.")
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


def _reload() -> None:
    """Run this very command line without `--reload`, again and again."""
    import threading

    import click

    from clarifai_runner._reload import run_reloading
    from clarifai_runner._signals import stopping_on_signals

    ended = threading.Event()
    kept = [sys.executable, *(word for word in sys.argv if word != "--reload")]
    with stopping_on_signals(ended.set):
        run_reloading(kept, Path.cwd(), functools.partial(click.echo, err=True), ended)


def __getattr__(name: str) -> object:
    if name == "start":
        return _command()
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _command() -> click.Command:
    import click

    @click.command()
    @click.argument("target", metavar="MODULE:CLASS")
    @click.option("--runner-id", default="", metavar="ID", help="The runner.")
    @click.option("--user-id", default="", metavar="ID", help="Its owner.")
    @click.option("--base-url", default="", metavar="URL", help="The platform.")
    @click.option("--poller", default="", metavar="NAME", help="long_poll, stream or a plugin's.")
    @click.option("--num-parallel-polls", type=click.IntRange(1, 64), help="By default 4.")
    @click.option(
        "--graceful-shutdown-seconds", type=click.FloatRange(min=0), help="By default 30."
    )
    @click.option(
        "--metrics-port", type=click.IntRange(0, 65535), help="Serve /metrics and /healthz there."
    )
    @click.option("--log-level", default="info", show_default=True, help="debug, info, warning.")
    @click.option("--log-format", type=click.Choice(["text", "json"]), default="text")
    @click.option("--reload", is_flag=True, help="Development: start again when a file changes.")
    def start(target: str, reload: bool, log_level: str, log_format: str, **options: Any) -> None:
        """Serve a model from this machine until SIGTERM or Ctrl-C.

        MODULE:CLASS names a subclass of Runner, a function (input, output_info) -> Output, or a
        Runner that the module made.
        """
        if reload:
            _reload()
            return
        _log_to_stderr(log_level, log_format)
        runner, begin = opened(target, options)
        click.echo(fit(f"runner {runner.id} of {runner.user_id} asks for work"), err=True)
        begin()

    return start

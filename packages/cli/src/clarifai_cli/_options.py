"""The options that the program and each of its own commands understand, in any position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

from clarifai_cli._invocation import Invocation

F = TypeVar("F", bound=Callable[..., Any])


def common_options(function: F) -> F:
    """Add `--context`, `--base-url`, `--json` and `--debug` to a command.

    Their values land in the command's `Invocation`; the function gets no argument for them.
    """
    for option in reversed(_OPTIONS):
        function = option(function)
    return function


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    if not value:
        return
    setattr(ctx.ensure_object(Invocation), str(param.name), value)
    if param.name == "debug":
        _log_everything()


def _log_everything() -> None:
    import logging

    from clarifai_core.log_lines import FORM, FitFormatter

    handler = logging.StreamHandler()
    handler.setFormatter(FitFormatter(FORM))
    logging.basicConfig(level=logging.DEBUG, handlers=[handler])


def _option(*names: str, **settings: Any) -> Callable[[F], F]:
    return click.option(*names, expose_value=False, callback=_remember, **settings)


_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    _option("--context", metavar="NAME", help="Use the settings of this context."),
    _option("--base-url", metavar="URL", help="The platform: https://HOST, or local:DIRECTORY."),
    _option("--json", "as_json", is_flag=True, help="Print the result as JSON."),
    _option("--debug", is_flag=True, is_eager=True, help="Log everything; show tracebacks."),
)

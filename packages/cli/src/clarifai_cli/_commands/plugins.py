"""`clarifai plugins`: which plugins there are, what they hook into, and which are broken."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

import click

from clarifai_cli._groups import HelpfulGroup
from clarifai_cli._invocation import Invocation
from clarifai_cli._output import say
from clarifai_core.installation import family_faults
from clarifai_core.plugins import plugins as installed
from clarifai_core.plugins import switches
from clarifai_core.safe_text import failure, named

if TYPE_CHECKING:
    from clarifai_core.plugins import PluginInfo

_PREFIXES = ("clarifai_register_", "clarifai_")


@click.group(cls=HelpfulGroup, invoke_without_command=True)
@click.pass_context
def plugins(ctx: click.Context) -> None:
    """List the plugins: state, hooks, time to import, and what broke the broken ones."""
    if ctx.invoked_subcommand is not None:
        return
    output = Invocation.current().output
    found = installed().list()
    if output.form != "table":
        more = [{"reason": info.reason, "error": info.error} for info in found]
        output.table(_row(info) | extra for info, extra in zip(found, more, strict=True))
        return
    output.table([_row(info) for info in found], empty="No plugins are installed.")
    names = Counter(info.name for info in found)
    for info in found:
        if info.state == "broken":
            title = info.name if names[info.name] == 1 else str(info)
            output.remark(f"{title or info.distribution} is broken: {info.reason}")
    for fault in family_faults():
        output.remark(fault)
    for name in sorted(switches().unknown(found)):
        output.remark(
            f"{named(name)} of CLARIFAI_PLUGINS or CLARIFAI_BLOCK_PLUGINS is no plugin that is "
            "installed, and switches nothing: `NAME`, `DISTRIBUTION` or `DISTRIBUTION:NAME` of the "
            "list above is one."
        )


@plugins.command("list")
def list_all() -> None:
    """List the plugins, as `clarifai plugins` does."""
    assert plugins.callback is not None  # noqa: S101  why: click types it as optional
    plugins.callback()


@plugins.command(context_settings={"ignore_unknown_options": True})
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
@click.pass_context
def trace(ctx: click.Context, command: tuple[str, ...]) -> None:
    """Run COMMAND and report on stderr every hook that is called: trace -- whoami --explain."""
    started: list[float] = []

    def before(_hook: str, _impls: Any, _arguments: Any) -> None:
        started.append(time.perf_counter())

    def after(outcome: Any, hook: str, impls: Any, _arguments: Any) -> None:
        milliseconds = (time.perf_counter() - started.pop()) * 1000
        names = ", ".join(impl.plugin_name for impl in impls) or "nobody"
        ending = "" if outcome.exception is None else f": {failure(outcome.exception)}"
        say(f"hook {hook} -> {names}, {milliseconds:.1f} ms{ending}", to=sys.stderr)

    undo = installed().trace(before, after)
    try:
        program = ctx.find_root().command
        program.main(list(command), prog_name="clarifai", standalone_mode=False, obj=ctx.obj)
    finally:
        undo()


def _row(info: PluginInfo) -> dict[str, object]:
    return {
        "name": info.name,
        "distribution": info.distribution,
        "version": info.version,
        "state": info.state,
        "hooks": [_short(hook) for hook in info.hooks],
        "import": f"{info.load_seconds * 1000:.1f} ms" if info.load_seconds else "",
    }


def _short(hook: str) -> str:
    for prefix in _PREFIXES:
        if hook.startswith(prefix):
            return hook.removeprefix(prefix)
    return hook

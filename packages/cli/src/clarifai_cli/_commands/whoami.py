"""`clarifai whoami`: which platform, user and key would be used, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.command_arguments import Option, command

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext

NO_KEY = "none: set CLARIFAI_PAT or run `clarifai login`"


@command(
    Option("--explain", "Show where each value comes from.", kind="flag"),
    Option("--ask", "Ask the platform whose key it is, and show that user.", kind="flag"),
)
def whoami(context: CommandContext, explain: bool, ask: bool) -> None:
    """Show which settings are in force; nothing is sent, unless you say --ask.

    Args:
        context: The command's.
        explain: Whether to show where each comes from.
        ask: Whether to ask the platform.
    """
    settings = context.settings()
    if explain:
        rows = [
            {"setting": origin.name, "value": origin.value, "source": origin.source}
            for origin in settings.explain()
        ]
        context.output.table(rows)
        return
    if ask:
        context.output.record(_user(context))
        return
    key = settings.credentials
    shown = {
        "base_url": settings.base_url,
        "user_id": settings.user_id,
        "app_id": settings.app_id,
        "key": key.kind if key else "not needed" if settings.endpoint.is_plugin else NO_KEY,
    }
    context.output.record(shown)


def _user(context: CommandContext) -> object:
    from clarifai_core.scope import Scope
    from clarifai_core.transport.catalogue import rpc

    request = rpc("GetUser").request_class(user_app_id=Scope("me").message())
    return context.place().session.call("GetUser", request).user

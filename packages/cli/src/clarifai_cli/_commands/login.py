"""`clarifai login` and `logout`: a key in the contexts file, so that no program has to name it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import attrs
import click

from clarifai_core.command_arguments import Option, command
from clarifai_core.contexts import Contexts
from clarifai_core.credentials import Credentials
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.endpoint import Endpoint
from clarifai_core.errors import ApiClientError, ApiError, PermissionDenied, UserError
from clarifai_core.safe_text import named
from clarifai_core.settings import Settings, contexts_path

if TYPE_CHECKING:
    from clarifai_core.command_context import CommandContext

DEFAULT_NAME = "default"
TRY_SECONDS = 15.0

_SECRETS = ("pat", "token")


@command(
    Option("--user-id", "Your user id on the platform; else it is asked.", "ID"),
    Option("--app-id", "The app to use when a program names none.", "ID"),
    Option(
        "--session-token",
        "The key is a session token, not a PAT.",
        kind="flag",
        name="is_token",
    ),
    Option("--try/--no-try", "Ask the platform whether the key is good, before it is stored.",
           kind="switch", default=True, name="is_tried"),
)  # fmt: skip
def login(
    context: CommandContext, user_id: str, app_id: str, is_token: bool, is_tried: bool
) -> None:
    """Try a personal access token (PAT), store it, and make its context the current one.

    On a terminal you are asked for the key and it is not shown; otherwise it is the first line of
    the standard input. --context names the context ("default"), --base-url the platform.

    Args:
        context: The command's.
        user_id: Yours.
        app_id: The app to use.
        is_token: Whether it is a session token.
        is_tried: Whether it is tried.
    """
    name = getattr(context, "context", "") or DEFAULT_NAME
    endpoint = _network_endpoint(getattr(context, "base_url", "") or str(DEFAULT_BASE_URL))
    contexts = Contexts.read(contexts_path())
    key = "token" if is_token else "pat"
    secret = _ask(f"{'Session token' if is_token else 'PAT'} for {endpoint.where}")
    Credentials("token" if is_token else "pat", secret)  # refuses what is no key
    tried = ""
    if is_tried:
        user_id, tried = _tried(Settings.resolve(base_url=endpoint.url, **{key: secret}), user_id)
    before = contexts.named.get(name, {})
    if not app_id and before.get("base_url") == endpoint.url and before.get("user_id") == user_id:
        app_id = before.get("app_id", "")  # why: a new key of the same user, who works on there
    values = {"base_url": endpoint.url, "user_id": user_id, "app_id": app_id, key: secret}
    given = {field: value for field, value in values.items() if value}
    contexts.with_context(name, given).write()
    context.output.done(
        {"context": name, "base_url": endpoint.url, "user_id": user_id, "app_id": app_id},
        f"Stored the key for {endpoint.where} as context {named(name)} in {contexts.path}. {tried}",
    )


@command(
    Option("--all", "Of all contexts.", kind="flag", name="everywhere"),
)
def logout(context: CommandContext, everywhere: bool) -> None:
    """Forget the key of the current context, or of that of --context; the rest of it stays.

    The key itself goes on being good: revoke it in the settings of your account.

    Args:
        context: The command's.
        everywhere: Whether all keys are forgotten.
    """
    contexts = Contexts.read(contexts_path())
    chosen = getattr(context, "context", "") or contexts.current
    names = list(contexts.named) if everywhere else [chosen] if chosen else []
    if not names:
        context.output.done([], f"No context is current in {contexts.path}: there is no key.")
        return
    rows = []
    left = dict(contexts.named)
    for name in names:
        values = contexts.get(name)
        had = any(values.get(kind) for kind in _SECRETS)
        left[name] = {field: value for field, value in values.items() if field not in _SECRETS}
        rows.append({"context": name, "forgotten": had})
    attrs.evolve(contexts, named=left).write()
    forgotten = [str(row["context"]) for row in rows if row["forgotten"]]
    where = ", ".join(map(named, forgotten or names))
    said = f"Forgot the key of {where}." if forgotten else f"There is no key in {where}."
    context.output.done(rows, said)


def _tried(settings: Settings, user_id: str) -> tuple[str, str]:
    """Return whose key it is, and what to say; a key that is refused is not stored.

    Raises:
        UserError: The platform refuses the key.
    """
    from clarifai_cli import _hops
    from clarifai_core.scope import Scope
    from clarifai_core.transport.catalogue import rpc
    from clarifai_core.transport.session import session_for

    where = settings.endpoint.where
    request: Any = rpc("GetUser").request_class(user_app_id=Scope(user_id or "me").message())
    try:
        _hops.reach(settings)  # why: a call would try for long to reach what is not there
        answer = session_for(settings).call("GetUser", request, timeout_seconds=TRY_SECONDS)
    except PermissionDenied as error:
        raise UserError(
            f"{where} refuses the key, so it was not stored (--no-try stores it): {error}"
        ) from error
    except (ApiError, ApiClientError) as error:
        return user_id, f"It could not be tried: {error} `clarifai doctor` tries it again."
    return user_id or str(answer.user.id), f"It is good: {where} knows it as {answer.user.id}'s."


def _network_endpoint(base_url: str) -> Endpoint:
    endpoint = Endpoint.parse(base_url)
    if endpoint.is_plugin:
        scheme = named(f"{endpoint.scheme}:")
        raise UserError(f"base_url {scheme} needs no key: there is nothing to log in to.")
    return endpoint


def _ask(question: str) -> str:
    if sys.stdin.isatty():
        return str(click.prompt(question, hide_input=True, err=True))
    return sys.stdin.readline().strip()

"""`clarifai login`: keep a key in the contexts file, so that no program has to name it."""

from __future__ import annotations

import sys

import click

from clarifai_cli._invocation import Invocation
from clarifai_cli._options import common_options
from clarifai_core.contexts import Contexts
from clarifai_core.credentials import Credentials
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.endpoint import Endpoint
from clarifai_core.errors import UserError
from clarifai_core.safe_text import named
from clarifai_core.settings import contexts_path

DEFAULT_NAME = "default"


@click.command()
@common_options
@click.option("--user-id", metavar="ID", help="Your user id on the platform.")
@click.option("--app-id", metavar="ID", help="The app to use when a program names none.")
@click.option(
    "--session-token", "is_token", is_flag=True, help="The key is a session token, not a PAT."
)
def login(user_id: str | None, app_id: str | None, is_token: bool) -> None:
    """Store a personal access token (PAT) and make its context the current one.

    On a terminal you are asked for the key and it is not shown; otherwise it is the first line of
    the standard input. --context names the context ("default"), --base-url the platform.
    """
    invocation = Invocation.current()
    name = invocation.context or DEFAULT_NAME
    endpoint = _network_endpoint(invocation.base_url or str(DEFAULT_BASE_URL))
    contexts = Contexts.read(contexts_path())
    key = "token" if is_token else "pat"
    secret = _ask(f"{'Session token' if is_token else 'PAT'} for {endpoint.where}")
    Credentials("token" if is_token else "pat", secret)  # refuses what is no key
    values = {"base_url": endpoint.url, "user_id": user_id, "app_id": app_id, key: secret}
    given = {field: value for field, value in values.items() if value}
    contexts.with_context(name, given).write()
    invocation.output.remark(
        f"Stored the key for {endpoint.where} as context {named(name)} in {contexts.path}. "
        "`clarifai doctor` tries it."
    )


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

"""Vaults with one fault each."""

from __future__ import annotations

import itertools
import json
import os
import threading
from pathlib import Path
from typing import Any

from clarifai_core.credentials import Credentials
from clarifai_core.hookspecs import hookimpl
from clarifai_testing import CredentialsContract
from tests.testing.cases import Cases, Plugin


class Contract(CredentialsContract):
    def keep(self, origin: str, pat: str, folder: Path, monkeypatch: Any) -> None:
        (folder / "vault.json").write_text(json.dumps({origin: pat}))
        monkeypatch.setenv("SHELF_VAULT", str(folder / "vault.json"))

    def break_it(self, folder: Path, monkeypatch: Any) -> bool:
        (folder / "vault.json").write_text("{")
        return True


def plugin(look: Any) -> Plugin:
    def clarifai_credentials(settings: Any) -> Any:
        return look(settings)

    return Plugin(clarifai_credentials=hookimpl(clarifai_credentials))


cases = Cases(__name__, Contract, plugin)


def kept() -> dict[str, str]:
    path = os.environ.get("SHELF_VAULT")
    return json.loads(Path(path).read_text()) if path else {}


@cases.good
def look(settings: Any) -> Any:
    origin = settings.endpoint.origin
    pat = kept().get(origin)
    return Credentials("pat", pat, origin) if pat else None


cases.add("Empty", "test_implements_the_hook", Plugin(), {}, "add the function")


@cases.fails("test_has_nothing_to_begin_with", "return None")
def eager(settings: Any) -> Any:
    return look(settings) or Credentials("pat", "0th3rk3y", settings.endpoint.origin)


@cases.fails("test_has_the_key_that_it_keeps", "NoneType")
def blind(settings: Any) -> Any:
    return None


@cases.fails("test_has_the_key_that_it_keeps", "returns a str")
def bare(settings: Any) -> Any:
    return kept().get(settings.endpoint.origin)


@cases.fails("test_credentials_are_bound", "bound_origin=")
def unbound(settings: Any) -> Any:
    pat = kept().get(settings.endpoint.origin)
    return Credentials("pat", pat) if pat else None


@cases.fails("test_others_do_not_get_the_key", "look it up by")
def generous(settings: Any) -> Any:
    found = list(kept().values())
    return Credentials("pat", found[0], settings.endpoint.origin) if found else None


@cases.fails("test_shows_no_key", "prints or logs the key")
def talking(settings: Any) -> Any:
    found = look(settings)
    print(found and found.secret.reveal())  # noqa: T201
    return found


@cases.fails("test_leaves_the_key_where_it_is", "only read")
def logging(settings: Any) -> Any:
    found = look(settings)
    if found:
        with Path(os.environ["SHELF_VAULT"]).with_name("log").open("a") as log:
            log.write("asked")
    return found


@cases.fails("test_leaves_the_key_where_it_is", "which other programs inherit")
def setting(settings: Any) -> Any:
    found = look(settings)
    if found:
        os.environ["SHELF_LAST"] = str(next(NUMBERS))
    return found


NUMBERS = itertools.count()
asked: dict[str, int] = {}


@cases.fails("test_may_be_asked_again", "when it is asked again")
def fleeting(settings: Any) -> Any:
    found = look(settings)
    if found and settings.endpoint.scheme == "https":
        path = os.environ["SHELF_VAULT"]
        asked[path] = asked.get(path, 0) + 1
        if asked[path] == 2 and "asked_again" in path:
            return None
    return found


@cases.fails("test_what_is_damaged_is_an_error", "where its vault is damaged")
def swallowing(settings: Any) -> Any:
    try:
        return look(settings)
    except ValueError:
        return None


@cases.fails("test_what_is_damaged_is_an_error", "ends the program")
def exiting(settings: Any) -> Any:
    try:
        return look(settings)
    except ValueError:
        raise SystemExit("the vault is damaged") from None


@cases.fails("test_calls_use_it", "has the key, and a call fails")
def choosy(settings: Any) -> Any:
    return look(settings) if settings.endpoint.tls else None


@cases.fails("test_threads_may_ask", "threads that ask at once")
def single(settings: Any) -> Any:
    found = look(settings)
    return found if threading.current_thread() is threading.main_thread() else None

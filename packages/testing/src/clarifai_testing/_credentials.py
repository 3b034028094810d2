"""What core asks of a plugin that supplies credentials."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

import pytest

from clarifai_core.credentials import Credentials
from clarifai_core.errors import ClarifaiError
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import failure
from clarifai_core.settings import Settings
from clarifai_resources.user import User
from clarifai_testing._checks import EVERY, NotSaid, at_once, check, place, wrong
from clarifai_testing._contract import PluginContract
from clarifai_testing._folders import changes, contents

if TYPE_CHECKING:
    from pathlib import Path

PAT = "c0nf0rm4nce7e5tk3y"
PLATFORM = "https://api.example.com"
OTHERS = ("https://api.other.example.com", "http://localhost:9", "https://api.example.com:8443")
FOUND = ["test_has_the_key_that_it_keeps"]


class CredentialsContract(PluginContract):
    """Credentials from a keyring or vault: for their platform only, and never shown.

    Say `plugin`, and how to `keep` a key where the plugin looks for it.
    """

    hook = "clarifai_credentials"

    def keep(self, origin: str, pat: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Put a key for a platform where the plugin looks for it, for the length of the test.

        Args:
            origin: `settings.endpoint.origin` of the platform: `"https://api.example.com:443"`.
            pat: The key.
            folder: An empty folder, for files.
            monkeypatch: For environment variables.
        """
        raise NotSaid("say where the plugin looks: def keep(self, origin, pat, ...)")

    def break_it(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> bool:
        """Damage what the plugin looks into, and return True; False: it cannot be damaged."""
        return False

    def _asked(self, base_url: str) -> Any:
        """Return what the plugin has for a platform, as it says it."""
        self._implemented()
        found = [
            impl.function(**({"settings": settings} if impl.argnames else {}))
            for settings in [Settings.resolve(base_url=base_url)]
            for impl in plugins().hook.clarifai_credentials.get_hookimpls()
            if impl.plugin_name == str(self.info)
        ]
        return found[0]

    def _implemented(self) -> None:
        if self.hook not in self.loaded().hooks:
            pytest.skip("test_implements_the_hook says what to mend first")

    @pytest.fixture
    def kept(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """Have a key kept for one platform, and no other source of keys."""
        for name in ("CLARIFAI_PAT", "CLARIFAI_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        folder = tmp_path / "vault"
        folder.mkdir()
        origin = Settings.resolve(base_url=PLATFORM).endpoint.origin
        self.keep(origin, PAT, folder, monkeypatch)

    @check()
    def test_has_nothing_to_begin_with(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Where nothing is kept, it returns None, and the next plugin is asked."""
        for name in ("CLARIFAI_PAT", "CLARIFAI_SESSION_TOKEN"):
            monkeypatch.delenv(name, raising=False)
        found = self._asked(PLATFORM)
        if found is not None:
            wrong(
                f"{self.title} returns a {type(found).__name__} for a platform that it knows "
                "nothing of: return None, and the next one is asked."
            )

    @check()
    def test_has_the_key_that_it_keeps(self, kept: None) -> None:
        """It returns Credentials with the key."""
        found = self._asked(PLATFORM)
        if not isinstance(found, Credentials):
            wrong(
                f"{self.title} returns a {type(found).__name__} where a key is kept: return "
                "clarifai_core.credentials.Credentials('pat', ...)."
            )
        if found.secret.reveal() != PAT:
            wrong(f"{self.title} returns another key than the one that is kept.")

    @check(after=FOUND)
    def test_credentials_are_bound(self, kept: None) -> None:
        """They are bound to their platform, so that they are sent nowhere else."""
        found = self._asked(PLATFORM)
        origin = Settings.resolve(base_url=PLATFORM).endpoint.origin
        if found.bound_origin != origin:
            wrong(
                f"{self.title} binds its credentials to {found.bound_origin or 'nothing'!r}: give "
                "bound_origin=settings.endpoint.origin."
            )

    @check(after=FOUND)
    def test_others_do_not_get_the_key(self, kept: None) -> None:
        """Another host, or another port, is another platform."""
        for other in OTHERS:
            found = self._asked(other)
            if found is not None and found.secret.reveal() == PAT:
                wrong(
                    f"{self.title} gives the key of {PLATFORM} for {other}, too: look it up by "
                    "settings.endpoint.origin, which has scheme, host and port."
                )

    @check(after=FOUND)
    def test_shows_no_key(
        self, kept: None, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither what it prints nor what it logs has the key."""
        with caplog.at_level(logging.DEBUG):
            self._asked(PLATFORM)
        said = capfd.readouterr()
        if PAT in said.out + said.err + caplog.text:
            wrong(f"{self.title} prints or logs the key: say where it looked, not what it found.")

    @check(after=FOUND)
    def test_leaves_the_key_where_it_is(
        self, kept: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing is written while it looks, and no environment variable is set."""
        import os

        before, variables = contents(tmp_path), dict(os.environ)
        self._asked(PLATFORM)
        changed = changes(before, contents(tmp_path))
        if changed:
            wrong(f"{self.title} writes {changed[0]} while it looks for a key: only read.")
        new = sorted(name for name, value in os.environ.items() if variables.get(name) != value)
        if new:
            wrong(f"{self.title} sets {new[0]}, which other programs inherit: return the key.")

    @check(after=FOUND)
    def test_may_be_asked_again(self, kept: None) -> None:
        """Each session that opens asks, and gets the same."""
        if self._asked(PLATFORM) != self._asked(PLATFORM):
            wrong(f"{self.title} returns something else when it is asked again.")

    @check(after=FOUND)
    def test_threads_may_ask(self, kept: None) -> None:
        """Sessions open in several threads."""
        found = at_once(lambda: self._asked(PLATFORM))
        if any(one is None or one.secret.reveal() != PAT for one in found):
            wrong(f"{self.title} returns something else to threads that ask at once: lock it.")

    @check(after=FOUND)
    def test_what_is_damaged_is_an_error(
        self, kept: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A vault that cannot be read is an Exception, not a silent None, and no way out."""
        if not self.break_it(tmp_path / "vault", monkeypatch):
            pytest.skip("break_it returns False: there is nothing to damage")
        try:
            found = self._asked(PLATFORM)
        except Exception:  # noqa: BLE001  why: of a plugin; core names it, and hides its words
            return
        except SystemExit as error:
            wrong(f"{self.title} ends the program ({failure(error)}): raise an error.")
        wrong(
            f"{self.title} returns {type(found).__name__} where its vault is damaged: let the "
            "error go, as core names the plugin in a sentence."
        )

    @check(after=EVERY)
    def test_calls_use_it(
        self, clarifai_server: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        """A handle without a key talks to a platform that asks for one."""
        self._implemented()
        pat = clarifai_server.pat
        monkeypatch.delenv("CLARIFAI_PAT", raising=False)
        origin = Settings.resolve(base_url=clarifai_server.base_url).endpoint.origin
        folder = tmp_path / "vault"
        folder.mkdir()
        self.keep(origin, pat, folder, monkeypatch)
        try:
            User("me", base_url=clarifai_server.base_url).list_apps().all()
        except ClarifaiError as error:
            reason = str(error).rstrip(".")
            wrong(f"{self.title} has the key, and a call fails: {reason}{place(error)}.")

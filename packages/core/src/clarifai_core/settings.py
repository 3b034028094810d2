"""Where every setting comes from: argument, environment, named context, default.

The only reader of the contexts file, and of `os.environ`, with `debug` and the switches of plugins
(`_plugin_info`), which are read before any setting is. For each setting the first of these wins:

    1. an argument
    2. the context that an argument names (`context=`, `--context`)
    3. the environment
    4. the context that the environment (CLARIFAI_CONTEXT) or the file names
    5. a credentials plugin (PAT and token only)
    6. the default

A PAT and a token of the same place: the PAT wins. Those of an earlier place beat both of a later.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

import attrs

from clarifai_core.credentials import HIDDEN, Credentials, Secret
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.endpoint import Endpoint
from clarifai_core.errors import MissingFile, UserError
from clarifai_core.safe_text import named

if TYPE_CHECKING:
    from pathlib import Path

ENVIRONMENT = {
    "base_url": "CLARIFAI_API_BASE",
    "pat": "CLARIFAI_PAT",
    "token": "CLARIFAI_SESSION_TOKEN",
    "user_id": "CLARIFAI_USER_ID",
    "app_id": "CLARIFAI_APP_ID",
    "root_certificates_path": "CLARIFAI_ROOT_CERTIFICATES_PATH",
    "timeout_seconds": "CLARIFAI_TIMEOUT_SECONDS",
}
"""Setting -> the environment variable that may hold it."""

_DEFAULTS = {"base_url": str(DEFAULT_BASE_URL)}
_SECRETS = ("pat", "token")


@attrs.frozen
class SettingOrigin:
    """Where one setting's value comes from."""

    name: str
    value: str
    """The value, hidden when it is a secret."""
    source: str
    """Such as `"argument"`, `"environment CLARIFAI_PAT"`, `"context work"` or `"default"`."""


@attrs.frozen
class Settings:
    """Everything that decides how handles talk to a platform."""

    endpoint: Endpoint
    credentials: Credentials | None = None
    user_id: str = ""
    app_id: str = ""
    root_certificates_path: str = ""
    """PEM file of the root certificates to trust, for gRPC and for downloads."""
    timeout_seconds: float | None = None
    """Deadline of every call, in place of each method's own; None leaves those."""
    origins: tuple[SettingOrigin, ...] = attrs.field(default=(), eq=False, repr=False)
    finds_key: bool = False
    """Whether the key is looked for when a session is opened, by the process that opens it."""

    @property
    def base_url(self) -> str:
        """Return the platform's address in its normal form."""
        return self.endpoint.url

    @property
    def session_key(self) -> tuple[object, ...]:
        """Return what handles must share to share a session."""
        own = (self.endpoint, self.credentials, self.root_certificates_path, self.timeout_seconds)
        return (*own, self.finds_key)

    @classmethod
    def resolve(cls, *, context: str = "", **arguments: Any) -> Settings:
        """Return the settings that these arguments, the environment and the context give.

        Args:
            context: Name of a context; its values then count before the environment's.
            **arguments: base_url, pat, token, user_id, app_id, root_certificates_path and
                timeout_seconds; an empty value counts as not given.

        Raises:
            UserError: A value is of the wrong kind, or the context does not exist.

        Example:
            >>> Settings.resolve(base_url="localhost:8080", pat="abc").endpoint.tls
            False
        """
        for kind in _SECRETS:  # no frame that an error goes through shows a key
            if isinstance(arguments.get(kind), str) and arguments[kind]:
                arguments[kind] = Secret(arguments[kind])
        return _SettingSources.gather(context, arguments).settings()

    def without_key(self) -> Settings:
        """Return the same without credentials: `found_key` finds them where a session is opened.

        Example:
            >>> Settings.resolve(base_url="localhost:8080", pat="abc").without_key().credentials
        """
        origins = tuple(one for one in self.origins if one.name not in _SECRETS)
        return attrs.evolve(self, credentials=None, finds_key=True, origins=origins)

    def found_key(self) -> Credentials | None:
        """Return the credentials of this process for the platform: environment, then context.

        Raises:
            UserError: The context that the environment names does not exist.
        """
        return Settings.resolve(base_url=self.base_url).credentials

    def explain(self) -> tuple[SettingOrigin, ...]:
        """Return each setting with where its value comes from; secrets are hidden."""
        return self.origins


def contexts_path() -> Path:
    """Return the contexts file: CLARIFAI_CONTEXTS_FILE, else one in the user's config folder."""
    from pathlib import Path  # here and below: most settings name no file

    return Path(_contexts_file())


def _contexts_file() -> str:
    """Return it as text: every handle that is opened looks whether it is there."""
    named = os.environ.get("CLARIFAI_CONTEXTS_FILE")
    if named:
        return os.path.expanduser(named)  # noqa: PTH111  why: a Path costs five times as much
    base = os.environ.get("XDG_CONFIG_HOME") or os.environ.get("APPDATA")
    return (base or os.path.expanduser("~/.config")) + "/clarifai/contexts.yaml"  # noqa: PTH111


def state_directory() -> Path:
    """Return where programs keep what they need to go on after their end, such as journals.

    CLARIFAI_STATE_DIR, else `clarifai` in XDG_STATE_HOME, else in LOCALAPPDATA (Windows), else in
    `~/.local/state`. It need not exist.
    """
    from pathlib import Path

    named = os.environ.get("CLARIFAI_STATE_DIR")
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_STATE_HOME") or os.environ.get("LOCALAPPDATA")
    return Path(base or "~/.local/state").expanduser() / "clarifai"


OUTAGE_SECONDS = 120.0
"""How long a platform that did answer, and cannot be reached any more, is waited for."""


def outage_seconds() -> float:
    """Return CLARIFAI_OUTAGE_SECONDS, or 120.

    Raises:
        UserError: It is no number of seconds.
    """
    named = os.environ.get("CLARIFAI_OUTAGE_SECONDS", "").strip()
    if not named:
        return OUTAGE_SECONDS
    try:
        seconds = float(named)
    except ValueError:
        seconds = -1.0
    if not 0 <= seconds < float("inf"):
        raise UserError(
            f"CLARIFAI_OUTAGE_SECONDS must be a number of seconds, such as 600, got {named!r}."
        )
    return seconds


def environment_roots() -> tuple[str, str]:
    """Return SSL_CERT_FILE and SSL_CERT_DIR: root certificates where the settings name none."""
    return os.environ.get("SSL_CERT_FILE", ""), os.environ.get("SSL_CERT_DIR", "")


def environment_proxies() -> dict[str, str]:
    """Return HTTP_PROXY and its like by scheme: `"http"`, `"https"`, `"all"`, and `"no"`.

    Names in lower case win; where there are none of either, Windows and macOS have settings of
    their own.
    """
    import urllib.request  # only downloads need it

    return urllib.request.getproxies()


class _Environment:
    """The environment by the names of the settings; only what is asked for is looked up."""

    @staticmethod
    def get(name: str) -> str | None:
        return os.environ.get(ENVIRONMENT[name])


@attrs.frozen
class _SettingSource:
    label: str
    values: Mapping[str, Any] | _Environment = attrs.field(repr=False)

    def found(self, name: str) -> object:
        value = self.values.get(name)
        return None if value is None or value == "" or value is DEFAULT_BASE_URL else value

    def describe(self, name: str) -> str:
        return f"environment {ENVIRONMENT[name]}" if self.label == "environment" else self.label


_ENVIRONMENT = _SettingSource("environment", _Environment())
_DEFAULT = _SettingSource("default", _DEFAULTS)


@attrs.define
class _SettingSources:
    ordered: list[_SettingSource]
    origins: list[SettingOrigin] = attrs.field(factory=list)

    @classmethod
    def gather(cls, context: str, arguments: Mapping[str, Any]) -> _SettingSources:
        sources = [_SettingSource("argument", arguments), _ENVIRONMENT]
        named = _read_context(context)
        if named is not None:
            sources.insert(1 if context else 2, named)
        return cls([*sources, _DEFAULT])

    def settings(self) -> Settings:
        endpoint = Endpoint.parse(self._text("base_url"))
        return Settings(
            endpoint,
            user_id=self._text("user_id"),
            app_id=self._text("app_id"),
            root_certificates_path=self._path("root_certificates_path"),
            timeout_seconds=self._seconds("timeout_seconds"),
            credentials=self._credentials(endpoint),
            origins=tuple(self.origins),  # last: the others add to it
        )

    def _credentials(self, endpoint: Endpoint) -> Credentials | None:
        kinds: tuple[Literal["pat", "token"], ...] = ("pat", "token")
        for source in self.ordered:
            for kind in kinds:
                value = source.found(kind)
                if value is None:
                    continue
                if not isinstance(value, (str, Secret)):
                    raise UserError(f"{kind} must be text, got a {type(value).__name__}.")
                self.origins.append(SettingOrigin(kind, HIDDEN, source.describe(kind)))
                bound = _context_origin(source) if source.label.startswith("context ") else ""
                if endpoint.is_plugin and bound not in ("", endpoint.origin):
                    continue
                return Credentials(kind, value, bound)
        return None

    def _lookup(self, name: str) -> Any:
        for source in self.ordered:
            value = source.found(name)
            if value is not None:
                self.origins.append(SettingOrigin(name, str(value), source.describe(name)))
                return value
        return None

    def _text(self, name: str) -> str:
        value = self._lookup(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            raise UserError(f"{name} must be text, got {named(value)}.")
        return value.strip()

    def _path(self, name: str) -> str:
        value = self._lookup(name)
        if value is None:
            return ""
        from pathlib import Path

        path = Path(value).expanduser()
        if not path.is_file():
            raise MissingFile(f"{name}: there is no file {named(value)}.")
        return str(path)

    def _seconds(self, name: str) -> float | None:
        value = self._lookup(name)
        if value is None:
            return None
        try:
            seconds = float(value)
        except (TypeError, ValueError):
            seconds = 0.0
        if not 0 < seconds < float("inf"):
            raise UserError(f"{name} must be a number of seconds above 0, got {named(value)}.")
        return seconds


def _read_context(asked: str) -> _SettingSource | None:
    path = _contexts_file()
    name = asked or os.environ.get("CLARIFAI_CONTEXT", "")
    if not name and not os.path.isfile(path):  # noqa: PTH113  why: as in _contexts_file
        return None
    from pathlib import Path

    from clarifai_core.contexts import Contexts  # yaml: only when there is a file to read

    contexts = Contexts.read(Path(path))
    name = name or contexts.current
    if not name:
        return None
    values = {"base_url": str(DEFAULT_BASE_URL), **contexts.get(name)}
    return _SettingSource(f"context {name}", values)


def _context_origin(source: _SettingSource) -> str:
    return Endpoint.parse(str(source.values.get("base_url"))).origin

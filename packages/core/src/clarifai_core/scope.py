"""Which user and app a call is about, and what clarifai.com URLs name."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import attrs

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2

_KINDS = {
    "datasets": "dataset",
    "models": "model",
    "workflows": "workflow",
    "modules": "module",
    "installed_module_versions": "installed_module_version",
}


@attrs.frozen
class Scope:
    """The user, and the app, that hold what a call is about."""

    user_id: str = ""
    app_id: str = ""

    def message(self) -> resources_pb2.UserAppIDSet:
        """Return it as a `UserAppIDSet`."""
        return resources_pb2.UserAppIDSet(user_id=self.user_id, app_id=self.app_id)


@attrs.frozen
class Address:
    """What a clarifai.com URL names."""

    kind: str
    """`"app"`, `"dataset"`, `"model"`, `"workflow"`, `"module"` ..."""
    user_id: str
    app_id: str
    id: str
    version_id: str = ""

    @classmethod
    def parse(cls, url: str, kind: str) -> Address:
        """Return what `url` names, which must be of `kind`.

        Args:
            url: `https://clarifai.com/{user}/{app}[/{kind}s/{id}[/versions/{version}]]`; a slash
                at the end does not matter.
            kind: What the caller wants, such as `"model"`.

        Raises:
            UserError: It is no such URL, or names another kind.

        Example:
            >>> Address.parse("https://clarifai.com/clarifai/main/models/general", "model").id
            'general'
        """
        if not isinstance(url, str):
            raise UserError(f"url must be text, got {url!r}.")
        parts = urlsplit(url.strip())
        segments = [unquote(part) for part in parts.path.split("/") if part]
        found = cls._from_segments(segments)
        if parts.scheme not in ("http", "https") or not parts.netloc or found is None:
            raise UserError(f"url {url!r} is not of the form {_form(kind)!r}.")
        if found.kind != kind:
            raise UserError(
                f"url {url!r} names a {found.kind}, not a {kind}; a {kind}'s is {_form(kind)!r}."
            )
        return found

    @classmethod
    def _from_segments(cls, segments: list[str]) -> Address | None:
        if len(segments) == 2:
            return cls("app", segments[0], segments[1], segments[1])
        if len(segments) not in (4, 6) or segments[2] not in _KINDS:
            return None
        if len(segments) == 6 and segments[4] not in ("versions", "model_version_id"):
            return None
        version = segments[5] if len(segments) == 6 else ""
        return cls(_KINDS[segments[2]], segments[0], segments[1], segments[3], version)


def _form(kind: str) -> str:
    base = "https://clarifai.com/{user_id}/{app_id}"
    return base if kind == "app" else f"{base}/{kind}s/{{{kind}_id}}[/versions/{{version_id}}]"

"""Which user and app a call is about, and what clarifai.com URLs name."""

from __future__ import annotations

import re

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

ME = "me"
"""The user id that stands for whoever the credentials belong to; answers have that user's own."""


@attrs.frozen
class Scope:
    """The user, and the app, that hold what a call is about."""

    user_id: str = ""
    app_id: str = ""

    def message(self) -> resources_pb2.UserAppIDSet:
        """Return it as a `UserAppIDSet`."""
        return resources_pb2.UserAppIDSet(user_id=self.user_id, app_id=self.app_id)


@attrs.frozen
class ResourceUrl:
    """What a clarifai.com URL names."""

    kind: str
    """`"app"`, `"dataset"`, `"model"`, `"workflow"`, `"module"` ..."""
    user_id: str
    app_id: str
    id: str
    version_id: str = ""

    @classmethod
    def parse(cls, url: str, kind: str) -> ResourceUrl:
        """Return what `url` names, which must be of `kind`.

        Args:
            url: `https://clarifai.com/{user}/{app}[/{kind}s/{id}[/versions/{version}]]`; it may
                lack `https://`, end in a slash, and have a query. For `versions` it may say
                `{kind}_version`, `{kind}_versions`, `version` or `{kind}_version_id`.
            kind: What the caller wants, such as `"model"`.

        Raises:
            UserError: It is no such URL, or names another kind.

        Example:
            >>> ResourceUrl.parse("https://clarifai.com/clarifai/main/models/general", "model").id
            'general'
            >>> ResourceUrl.parse("clarifai.com/me/a/models/m/model_version/7/", "model").version_id
            '7'
        """
        if not isinstance(url, str):
            raise UserError(f"url must be text, got {url!r}.")
        segments = segments_of(url)
        found = cls._from_segments(segments) if segments else None
        if found is None:
            raise UserError(f"url {url!r} is not of the form {_form(kind)!r}.")
        if found.kind != kind:
            raise UserError(
                f"url {url!r} names a {found.kind}, not a {kind}; a {kind}'s is {_form(kind)!r}."
            )
        return found

    @classmethod
    def _from_segments(cls, segments: list[str]) -> ResourceUrl | None:
        if len(segments) == 2:
            return cls("app", segments[0], segments[1], segments[1])
        kind = _KINDS.get(segments[2]) if len(segments) in (4, 6) else None
        if kind is None:
            return None
        if len(segments) == 6 and segments[4] not in _version_words(kind):
            return None
        version = segments[5] if len(segments) == 6 else ""
        return cls(kind, segments[0], segments[1], segments[3], version)


def segments_of(url: str) -> list[str] | None:
    """Return the parts of a web page's path, decoded; None when `url` is no web address.

    Args:
        url: With or without `https://`; without it, it must begin with a host.

    Example:
        >>> segments_of("clarifai.com/me/demo/?tab=1"), segments_of("me/demo")
        (['me', 'demo'], None)
    """
    from urllib.parse import unquote, urlsplit  # here: few programs name anything by its URL

    text = url.strip()
    try:
        parts = urlsplit(text if "://" in text else f"https://{text}")
    except ValueError:  # of an address in brackets
        return None
    is_host = "://" in text or re.search(r"\.\w|:\d", parts.netloc)
    if parts.scheme not in ("http", "https") or not parts.netloc or not is_host:
        return None
    return [unquote(part) for part in parts.path.split("/") if part]


def _version_words(kind: str) -> tuple[str, ...]:
    """Return what may stand before a version's id: web pages, documents and programs differ."""
    own = f"{kind}_version"
    return ("versions", "version", own, f"{own}s", f"{own}_id")


def _form(kind: str) -> str:
    base = "https://clarifai.com/{user_id}/{app_id}"
    return base if kind == "app" else f"{base}/{kind}s/{{{kind}_id}}[/versions/{{version_id}}]"

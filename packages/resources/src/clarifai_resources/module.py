"""Modules: small user interfaces that apps can install.

clarifai-grpc has them up to 12.1.1; with a newer one a UserError names the extra that keeps them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core import ops
from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL, Handle
from clarifai_resources import _kinds, _older_names, _versions
from clarifai_resources._fields import ModuleFields
from clarifai_resources.lister import Lister

if TYPE_CHECKING:
    from collections.abc import Mapping

    from typing_extensions import Unpack

    from clarifai_core.paging import Pager
    from clarifai_resources.arguments import ModuleArguments

__all__ = ["Module"]

_NO_VERSION: Mapping[str, Any] = {"id": ""}
"""The documented default; only read."""


class Module(Handle, Lister, ModuleFields):
    """A module, perhaps in one of its versions.

    Args:
        url: Its address, instead of the ids:
            `https://clarifai.com/{user_id}/{app_id}/modules/{module_id}[/versions/{version_id}]`.
        module_id: Its id.
        module_version: `{"id": ...}` of the version.
        base_url: Address of the platform.
        pat: A personal access token; else that of CLARIFAI_PAT or of the current context.
        token: A session token; else that of CLARIFAI_SESSION_TOKEN.
        **kwargs: `user_id`, `app_id`, `context`, `root_certificates_path` and `timeout_seconds`, or
            fields of the module's message.

    Raises:
        UserError: Not exactly one of url and module_id is given, the url names no module, or the
            message has no such field.

    Example:
        >>> Module("https://clarifai.com/u/a/modules/m/versions/2").module_version.id
        '2'
    """

    kind = "module"
    version_field = "module_version"

    def __init__(
        self,
        url: str = "",
        module_id: str = "",
        module_version: Mapping[str, Any] = _NO_VERSION,
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[ModuleArguments],
    ) -> None:
        given: dict[str, Any] = dict(kwargs)
        url = _older_names.with_url(url, given)
        if not url and not module_id:
            raise UserError("You must specify one of url or module_id.")
        fields = _versions.with_version(given, self.version_field, "module_version", module_version)
        super().__init__(module_id, url=url, base_url=base_url, pat=pat, token=token, **fields)

    def list_versions(
        self, page_no: int | None = None, per_page: int | None = None
    ) -> Pager[Module]:
        """Return a handle of the module in each of its versions.

        Args:
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: The handle has no id, or the extra `clarifai[modules]` is missing.
        """
        return ops.pager(
            self,
            _kinds.MODULE_VERSION,
            lambda version: _versions.in_version(self, self.version_field, version),
            module_id=_versions.id_of(self),
            page_no=page_no,
            per_page=per_page,
        )

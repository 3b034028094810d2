"""Addresses of the platform's web pages: made from ids, and taken apart into them."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import quote

from clarifai_core.errors import UserError
from clarifai_core.scope import segments_of

if TYPE_CHECKING:
    from clarifai_compat.auth_helper import ClarifaiAuthHelper

_UI = "https://clarifai.com"
_API = "https://api.clarifai.com"
_INSTALLER = "module_manager_install"


class ClarifaiUrlHelper:
    """Makes and reads addresses of web pages.

    Args:
        auth: Whose `ui` the addresses begin with; None: that of clarifai.com.
        module_manager_imv_id: Id of the installed module that installs modules.

    Example:
        >>> ClarifaiUrlHelper().clarifai_url("me", "demo", "models", "dogs", "v1")
        'https://clarifai.com/me/demo/models/dogs/versions/v1'
        >>> ClarifaiUrlHelper.split_clarifai_url("https://clarifai.com/me/demo/models/dogs")
        ('me', 'demo', 'models', 'dogs', None)
    """

    def __init__(
        self,
        auth: ClarifaiAuthHelper | None = None,
        module_manager_imv_id: str = _INSTALLER,
    ) -> None:
        self._auth = auth
        self._installer = module_manager_imv_id

    @property
    def auth(self) -> ClarifaiAuthHelper | None:
        """Return what was given."""
        return self._auth

    @property
    def ui(self) -> str:
        """Return the address that all begin with."""
        return (self._auth.ui if self._auth is not None else _UI).rstrip("/")

    def clarifai_url(
        self,
        user_id: str,
        app_id: str,
        resource_type: str,
        resource_id: str,
        version_id: str | None = None,
    ) -> str:
        """Return the address of a resource.

        Args:
            user_id: User that holds it.
            app_id: App that holds it.
            resource_type: `"datasets"`, `"models"`, `"workflows"` or `"modules"`.
            resource_id: Its id.
            version_id: One version of it.
        """
        version = ("versions", version_id) if version_id else ()
        return self._join(user_id, app_id, resource_type, resource_id, *version)

    @property
    def base(self) -> str:
        """Return the address of the API, which those of requests begin with."""
        return (self._auth.base if self._auth is not None else _API).rstrip("/")

    def api_url(
        self,
        user_id: str,
        app_id: str,
        resource_type: str,
        resource_id: str,
        version_id: str | None = None,
    ) -> str:
        """Return the address of a resource for requests over HTTP; see `clarifai_url`.

        Example:
            >>> ClarifaiUrlHelper().api_url("me", "demo", "models", "dogs")
            'https://api.clarifai.com/v2/users/me/apps/demo/models/dogs'
        """
        version = ("versions", version_id) if version_id else ()
        kinds = ("users", user_id, "apps", app_id, resource_type, resource_id, *version)
        return self._joined(f"{self.base}/v2", *kinds)

    def openai_api_url(self) -> str:
        """Return the address that clients for OpenAI take as their `base_url`."""
        return f"{self.base}/v2/ext/openai/v1"

    def mcp_api_url(
        self, user_id: str, app_id: str, model_id: str, version_id: str | None = None
    ) -> str:
        """Return the address of a model for clients of the Model Context Protocol."""
        version = ("versions", version_id) if version_id else ()
        kinds = ("users", user_id, "apps", app_id, "models", model_id, *version)
        return self._joined(f"{self.base}/v2/ext/mcp/v1", *kinds)

    def module_ui_url(
        self, user_id: str, app_id: str, module_id: str, module_version_id: str
    ) -> str:
        """Return the address of a version of a module."""
        return self.clarifai_url(user_id, app_id, "modules", module_id, module_version_id)

    def module_install_ui_url(self, dest_user_id: str, dest_app_id: str, module_url: str) -> str:
        """Return the address of the page that installs a module into an app.

        Args:
            dest_user_id: User that holds the app.
            dest_app_id: App to install it in.
            module_url: Address of the module's version.
        """
        page = self.imv_ui_url(dest_user_id, dest_app_id, self._installer)
        return f"{page}/install?install={quote(module_url, safe=':/')}"

    def imv_ui_url(self, dest_user_id: str, dest_app_id: str, imv_id: str) -> str:
        """Return the address of an installed module version."""
        return self._join(dest_user_id, dest_app_id, "installed_module_versions", imv_id)

    @classmethod
    def split_clarifai_app_url(cls, url: str) -> tuple[str, str]:
        """Return user id and app id.

        Raises:
            UserError: It is no address of an app.
        """
        parts = _parts(url)
        if len(parts) != 2:
            raise UserError(f"url {url!r} must have 2 parts after the host: user and app.")
        return parts[0], parts[1]

    @classmethod
    def split_clarifai_url(cls, url: str) -> tuple[str, str, str, str, str | None]:
        """Return user id, app id, type (such as `"models"`), id, and version id or None.

        Raises:
            UserError: It is no address of a resource.
        """
        parts = _parts(url)
        if len(parts) not in (4, 6):
            raise UserError(
                f"url {url!r} must have 4 or 6 parts after the host: user, app, type, id, and "
                "'versions' with the version's id."
            )
        return parts[0], parts[1], parts[2], parts[3], parts[5] if len(parts) == 6 else None

    @classmethod
    def split_module_ui_url(cls, install: str) -> tuple[str, str, str, str]:
        """Return user id, app id, module id and version id.

        Raises:
            UserError: It is no address of a version of a module.
        """
        user_id, app_id, kind, module_id, version_id = cls.split_clarifai_url(install)
        if kind != "modules" or version_id is None:
            raise UserError(f"url {install!r} must be that of a version of a module.")
        return user_id, app_id, module_id, version_id

    def _join(self, *segments: str) -> str:
        return self._joined(self.ui, *segments)

    @staticmethod
    def _joined(start: str, *segments: str) -> str:
        for segment in segments:
            if not isinstance(segment, str) or not segment:
                raise UserError(f"Every part of an address must be text, got {segment!r}.")
        return "/".join([start, *(quote(segment, safe="") for segment in segments)])


def _parts(url: str) -> list[str]:
    found = segments_of(url) if isinstance(url, str) else None
    if found is None:
        raise UserError(f"url must look like {_UI + '/user/app'!r}, got {url!r}.")
    return found

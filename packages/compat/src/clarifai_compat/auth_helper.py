"""Who calls, which platform, and what about: what a program that speaks the wire itself needs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import parse_qs

import attrs

from clarifai_compat.stub import V2Stub
from clarifai_core.credentials import Credentials
from clarifai_core.defaults import DEFAULT_BASE_URL
from clarifai_core.endpoint import Endpoint
from clarifai_core.errors import UserError
from clarifai_core.scope import Scope
from clarifai_core.settings import Settings
from clarifai_core.transport.session import session_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from clarifai_grpc.grpc.api import resources_pb2
    from typing_extensions import Self

    from clarifai_core.transport.session import Session

DEFAULT_UI = "https://clarifai.com"
"""Where people see the platform."""

_NEEDED = ("CLARIFAI_USER_ID", "CLARIFAI_APP_ID", "CLARIFAI_PAT")


class ClarifaiAuthHelper:
    """The credentials, the platform's address and the user and app of a program's own calls.

    Args:
        user_id: The user that calls are about.
        app_id: The app that calls are about.
        pat: A personal access token; else that of CLARIFAI_PAT or of the current context.
        token: A session token; else that of CLARIFAI_SESSION_TOKEN.
        base: Address of the platform.
        ui: Address of the web pages, for links.
        validate: Whether a missing user or missing credentials are refused at once.
        root_certificates_path: PEM file of the root certificates to trust.

    Raises:
        UserError: A value is wrong, or one is missing and `validate` is true.

    Example:
        >>> auth = ClarifaiAuthHelper("me", "demo", "abc")
        >>> auth.metadata
        (('authorization', 'Key abc'),)
        >>> auth.get_user_app_id_proto().app_id
        'demo'
    """

    def __init__(
        self,
        user_id: str = "",
        app_id: str = "",
        pat: str = "",
        token: str = "",
        base: str = DEFAULT_BASE_URL,
        ui: str = DEFAULT_UI,
        validate: bool = True,
        root_certificates_path: str = "",
    ) -> None:
        self.settings = Settings.resolve(
            base_url=base,
            pat=pat,
            token=token,
            user_id=user_id,
            app_id=app_id,
            root_certificates_path=root_certificates_path,
        )
        self.user_id = self.settings.user_id
        self.app_id = self.settings.app_id
        self.base = base if base is not DEFAULT_BASE_URL else self.settings.base_url
        self.ui = ui or DEFAULT_UI
        if validate:
            self.validate()

    @classmethod
    def of(cls, settings: Settings, scope: Scope) -> Self:
        """Return the helper of settings that are resolved already, such as those of a handle.

        Args:
            settings: Address and credentials.
            scope: User and app.
        """
        made = cls.__new__(cls)
        made.settings = settings
        made.user_id, made.app_id = scope.user_id, scope.app_id
        made.base, made.ui = settings.base_url, DEFAULT_UI
        return made

    @classmethod
    def from_env(cls, **arguments: Any) -> Self:
        """Return a helper whose missing arguments come from the environment or the context.

        Args:
            **arguments: Those of the constructor; see `clarifai_core.settings` for the variables.

        Raises:
            UserError: What is needed is nowhere.
        """
        return cls(**arguments)

    @classmethod
    def from_streamlit_query_params(cls, query_params: Mapping[str, Any]) -> Self:
        """Return a helper for the page that a module's URL opens.

        Args:
            query_params: `user_id`, `app_id`, `pat` or `token`, `base` and `ui`; each a text or a
                list of one.

        Raises:
            UserError: The URL names a platform without the credentials for it: yours would go to
                whoever wrote the URL.
        """
        return cls(**_page_arguments(query_params))

    @classmethod
    def from_streamlit(cls, st: Any) -> Self:
        """Return a helper from a Streamlit page's URL, else from the environment.

        Args:
            st: The `streamlit` module.
        """
        query = _page_query(st)
        return cls.from_streamlit_query_params(query) if "user_id" in query else cls.from_env()

    def add_streamlit_query_params(self, query_params: Mapping[str, Any]) -> None:
        """Take what a page's URL says in place of what the helper has.

        Args:
            query_params: As for `from_streamlit_query_params`.

        Raises:
            UserError: As there.
        """
        given = _page_arguments(query_params)
        if "base" in given:
            self.set_base(given.pop("base"))
        for name, value in given.items():
            setattr(self, name, value)

    @classmethod
    def required_env_vars(cls) -> list[str]:
        """Return the environment variables without which a helper lacks something."""
        return list(_NEEDED)

    @classmethod
    def validate_secrets_dict(cls, toml_dict: Mapping[str, Any]) -> bool:
        """Return True when a Streamlit secrets file has no empty value for what is needed.

        Args:
            toml_dict: The parsed file.

        Raises:
            UserError: A value is empty.
        """
        for name in _NEEDED:
            if toml_dict.get(name) == "":
                raise UserError(f"{name} is empty in the secrets file: give it a value.")
        return True

    def set_base(self, base: str) -> None:
        """Talk to another platform from now on.

        Raises:
            UserError: It is no address.
        """
        self.settings = attrs.evolve(self.settings, endpoint=Endpoint.parse(base))
        self.base = base

    def set_ui(self, ui: str) -> None:
        """Set the address of the web pages."""
        self.ui = ui

    def validate(self) -> None:
        """Check that there is a user, and credentials where the platform needs them.

        Raises:
            UserError: One of them is missing.
        """
        if not self.user_id:
            raise UserError("user_id is empty: give it, or set CLARIFAI_USER_ID.")
        _ = self.session

    @property
    def session(self) -> Session:
        """Return the session that handles with the same settings share."""
        return session_for(self.settings)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        """Return the gRPC metadata that proves who calls; `()` where no proof is needed."""
        credentials = self.settings.credentials
        return credentials.metadata() if credentials else ()

    @property
    def pat(self) -> str:
        """The personal access token in the clear, or `""`; setting it replaces the credentials."""
        return self._secret("pat")

    @pat.setter
    def pat(self, value: str) -> None:
        self._prove("pat", value)

    @property
    def token(self) -> str:
        """The session token in the clear, or `""`; setting it replaces the credentials."""
        return self._secret("token")

    @token.setter
    def token(self, value: str) -> None:
        self._prove("token", value)

    _pat = pat
    _token = token

    @property
    def _root_certificates_path(self) -> str:
        return self.settings.root_certificates_path

    def get_user_app_id_proto(
        self, user_id: str | None = None, app_id: str | None = None
    ) -> resources_pb2.UserAppIDSet:
        """Return a `UserAppIDSet` message.

        Args:
            user_id: Another user than the helper's.
            app_id: Another app than the helper's.
        """
        user = self.user_id if user_id is None else user_id
        return Scope(user, self.app_id if app_id is None else app_id).message()

    def get_stub(self) -> V2Stub:
        """Return the RPCs of the platform.

        Raises:
            UserError: There are no credentials, or the address cannot be opened.
        """
        return V2Stub(self.session)

    def get_stub_and_channel(self) -> tuple[V2Stub, Any]:
        """Return the RPCs of the platform, and the gRPC channel that they go through."""
        return self.get_stub(), self.session.connection.channel()

    def _prove(self, kind: Literal["pat", "token"], value: str) -> None:
        held = self.settings.credentials
        if value or (held is not None and held.kind == kind):
            credentials = Credentials(kind, value) if value else None
            self.settings = attrs.evolve(self.settings, credentials=credentials)

    def _secret(self, kind: str) -> str:
        credentials = self.settings.credentials
        held = credentials is not None and credentials.kind == kind
        return credentials.secret.reveal() if credentials is not None and held else ""

    def __repr__(self) -> str:
        where = self.settings.endpoint.where
        return f"ClarifaiAuthHelper(user_id={self.user_id!r}, app_id={self.app_id!r}, at {where})"


def create_stub(
    auth_helper: ClarifaiAuthHelper | None = None,
    max_retry_attempts: int = 10,
    is_async: bool = False,
) -> V2Stub:
    """Return the RPCs of the platform that `auth_helper` names.

    Args:
        auth_helper: Address and credentials; None: those of the environment.
        max_retry_attempts: Kept for programs that give it: the session of all handles says what is
            tried again, and for how long.
        is_async: Must be False: the stub's methods return what was answered, not coroutines.

    Raises:
        UserError: There are no credentials, the address cannot be opened, or an argument is wrong.

    Example:
        >>> from clarifai_grpc.grpc.api import service_pb2
        >>> auth = ClarifaiAuthHelper("me", "none-yet", base="local:")
        >>> request = service_pb2.GetAppRequest(user_app_id=auth.get_user_app_id_proto())
        >>> create_stub(auth).GetApp(request).status.code
        11101
    """
    if isinstance(max_retry_attempts, bool) or not isinstance(max_retry_attempts, int):
        raise UserError(f"max_retry_attempts must be a whole number, got {max_retry_attempts!r}.")
    if is_async:
        raise UserError(
            "There is no stub of coroutines: call a method's .future(request), or "
            "asyncio.to_thread(method, request)."
        )
    if auth_helper is None:
        auth_helper = ClarifaiAuthHelper.from_env()
    if not isinstance(auth_helper, ClarifaiAuthHelper):
        raise UserError(f"auth_helper must be a ClarifaiAuthHelper, got {auth_helper!r}.")
    return V2Stub(auth_helper.session)


def _page_query(st: Any) -> Mapping[str, Any]:
    """Return the query of a Streamlit page's URL.

    Where Streamlit has two functions for it, a page that calls the one after we called the other
    ends with an error: so neither is called, if that can be.
    """
    running = getattr(getattr(st, "runtime", None), "scriptrunner", None)
    context = running.get_script_run_ctx() if running is not None else None
    query = getattr(context, "query_string", None)
    if isinstance(query, str):
        return parse_qs(query)
    if hasattr(st, "query_params"):
        found: Mapping[str, Any] = st.query_params
        return found
    return st.experimental_get_query_params() if hasattr(st, _BEFORE_1_30) else {}


_BEFORE_1_30 = "experimental_get_query_params"


def _page_arguments(query_params: Mapping[str, Any]) -> dict[str, Any]:
    names = ("user_id", "app_id", "pat", "token", "base", "ui")
    given = {name: _text(query_params[name]) for name in names if name in query_params}
    if given.get("base") and not (given.get("pat") or given.get("token")):
        raise UserError(
            f"The page's URL names base={given['base']!r} but no pat or token for it; "
            "credentials from elsewhere are not sent there."
        )
    return given


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)) and len(value) == 1:
        value = value[0]
    if not isinstance(value, str):
        raise UserError(f"A parameter of the page's URL must be one text, got {value!r}.")
    return value

"""Every error of the SDK, and which question each one answers.

    ClarifaiError
      UserError             nothing was sent: an argument, a file or a setting is wrong
        PluginError         a plugin, or the extra that holds it, is missing or broken
        FileError           a file or folder cannot be used; an OSError too
          MissingFile       ... because it is not there; a FileNotFoundError too
          ForbiddenFile     ... because of its permissions; a PermissionError too
          FileIsThere       ... because something has its name; a FileExistsError too
          IsFolder          ... because it is a folder; an IsADirectoryError too
          IsNoFolder        ... because it is no folder; a NotADirectoryError too
      ApiClientError        something was sent, but no valid answer came back
        Unreachable         no connection, or it broke
        DeadlineExceeded    the time for the call ran out
        BadReply            the answer makes no sense
      ApiError              the platform said no
        NotFound            the named thing does not exist
        AlreadyExists       the id is taken
        InvalidArgument     the request is refused as it is
        PermissionDenied    the credentials are wrong or may not do this
        Throttled           too many requests, and waiting did not help in time
        NotSupported        this platform has no such method
        MixedStatus         part of the request succeeded; see `response`
        ServerError         the platform failed

    Interrupted (a KeyboardInterrupt)
                          Ctrl-C ended something long; `report` says what was done until then

Which status code becomes which class is written down in `clarifai_core.status`, once. An error of a
call that gRPC itself ended is a `grpc.RpcError` too, with `code()` and `details()`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core import safe_text
from clarifai_core.wire import _frozen as frozen_messages

if TYPE_CHECKING:
    from collections.abc import Iterable

    from google.protobuf.message import Message


class ClarifaiError(Exception):
    """Any failure that the SDK raises.

    Its words are fit for logs and terminals: of URLs in them there is no user, password or query,
    and control characters are escaped.
    """

    def __init__(self, *args: object) -> None:
        super().__init__(*(_fit(one) if isinstance(one, str) else one for one in args))

    def _render_traceback_(self) -> list[str]:
        """Return the lines that IPython shows: they end at the user's line."""
        from clarifai_core import tracebacks

        return tracebacks.rendered(self)


class UserError(ClarifaiError, ValueError):
    """What was asked for is wrong; nothing was sent.

    It is a ValueError too, as programs expect of a bad argument.

    Attributes:
        faults: Each thing that is wrong, when several were found at once.
    """

    def __init__(self, message: str, *, faults: Iterable[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(map(_fit, faults))

    @classmethod
    def listing(cls, heading: str, faults: Iterable[str]) -> UserError:
        """Return one error for many faults: the heading, then a line for each.

        Example:
            >>> print(UserError.listing("2 faults in x.csv", ["row 2: empty", "row 5: empty"]))
            2 faults in x.csv:
              row 2: empty
              row 5: empty
        """
        lines = tuple(faults)
        return cls("\n  ".join([f"{heading}:", *lines]), faults=lines)


class PluginError(UserError):
    """A plugin, or the extra that would bring it, is missing or broken."""


class FileError(UserError, OSError):
    """A file or folder that was named cannot be used; nothing was sent.

    It is the OSError that the system told, too: FileNotFoundError, PermissionError ...
    """

    @classmethod
    def of(cls, message: str, error: OSError) -> FileError:
        """Return the error to raise `from` what the system told.

        Args:
            message: What is wrong, with the name of the argument and the file.
            error: What the system told.

        Example:
            >>> isinstance(FileError.of("a.csv: gone.", FileNotFoundError()), FileNotFoundError)
            True
        """
        kind = next((one for one in _FILE_ERRORS if isinstance(error, one.__bases__[1:])), cls)
        made = kind(message)
        made.errno, made.strerror, made.filename = error.errno, error.strerror, error.filename
        return made

    def __str__(self) -> str:
        return str(self.args[0])  # that of OSError would show its own words and the whole path

    def __reduce__(self) -> tuple[object, ...]:
        # Without one of our own, tblib (which dask brings) calls `__new__`, that of ValueError.
        told = {"errno": self.errno, "strerror": self.strerror, "filename": self.filename}
        return (type(self), self.args, {**self.__dict__, **told})


class MissingFile(FileError, FileNotFoundError):
    """A file or folder that was named is not there."""


class ForbiddenFile(FileError, PermissionError):
    """A file or folder that was named may not be read, or not written."""


class FileIsThere(FileError, FileExistsError):
    """Something else has the name of a file or folder that is to be made."""


class IsFolder(FileError, IsADirectoryError):
    """What should be a file is a folder."""


class IsNoFolder(FileError, NotADirectoryError):
    """What should be a folder is none."""


_FILE_ERRORS: tuple[type[FileError], ...] = (
    MissingFile,
    ForbiddenFile,
    FileIsThere,
    IsFolder,
    IsNoFolder,
)


class Interrupted(KeyboardInterrupt):
    """Ctrl-C ended something long; what was done until then is done, and stays.

    No ClarifaiError: whoever goes on after a failure must not go on after this.

    Attributes:
        done: What was done, such as `"1,234 of 5,000 uploaded"`.
        goes_on: Whether the same call goes on from there.
        report: The report of what was interrupted, as far as it came.

    Example:
        >>> print(Interrupted("3 of 5 uploaded"))
        3 of 5 uploaded; the same call goes on from there
    """

    def __init__(self, done: str, report: object = None, *, goes_on: bool = True) -> None:
        super().__init__(done)
        self.done, self.report, self.goes_on = done, report, goes_on

    def __str__(self) -> str:
        return f"{self.done}; the same call goes on from there" if self.goes_on else self.done


class ApiClientError(ClarifaiError):
    """A request was sent and no valid answer came back; its effect on the platform is unknown.

    Attributes:
        rpc: Name of the method, such as `"PostInputs"`.
        request_id: The id that the SDK gave the call; the same for all its attempts.
        attempts: How often it was sent.
        maybe_applied: False when the platform certainly did not get it.
    """

    def __init__(
        self,
        message: str = "",
        *,
        rpc: str = "",
        request_id: str = "",
        attempts: int = 0,
        maybe_applied: bool = True,
    ) -> None:
        super().__init__(message)
        self.rpc = rpc
        self.request_id = request_id
        self.attempts = attempts
        self.maybe_applied = maybe_applied


class Unreachable(ApiClientError):
    """No connection to the platform, or it broke."""


class DeadlineExceeded(ApiClientError):
    """The time for the call, retries included, ran out."""


class BadReply(ApiClientError):
    """The answer makes no sense."""


class ApiError(ClarifaiError):
    """The platform refused a request.

    Args:
        resource: Name of the method that was refused, such as `"GetApp"`.
        params: What it was asked for: ids only, never data or credentials.
        method: How it was sent, `"gRPC"`.
        response: The answer, with its `status`.

    Attributes:
        rpc: Name of the method (the documented `resource`).
        code: Number of the status, such as 11101.
        name: Name of the status, such as `"CONN_DOES_NOT_EXIST"`.
        description: What the platform says in short.
        details: What the platform says at length.
        req_id: The platform's own id of the request, for its support.
        request_id: The id that the SDK gave the call; the same for all its attempts.
        attempts: How often it was sent.
        hint: What to do about it, when that is known.
        page_no: The page of a listing that failed, else None.
        per_page: How many items that page was asked for, else None.

    Example:
        >>> error = NotFound("GetApp", {"app_id": "a"}, description="Resource does not exist")
        >>> print(error)
        GetApp (app_id='a') failed: Resource does not exist [0].
    """

    def __init__(
        self,
        resource: str = "",
        params: object = None,
        method: str = "gRPC",
        response: Message | None = None,
        *,
        name: str = "",
        description: str = "",
        details: str = "",
        code: int = 0,
        request_id: str = "",
        attempts: int = 1,
        hint: str = "",
    ) -> None:
        status = getattr(response, "status", None)
        self.rpc = self.resource = resource
        self.params = params
        self.method = method
        self.response = response
        self.code: int = code or getattr(status, "code", 0)
        self.name = name
        self.description: str = description or getattr(status, "description", "")
        self.details: str = details or getattr(status, "details", "")
        self.req_id: str = getattr(status, "req_id", "")
        self.request_id = request_id
        self.attempts = attempts
        self.hint = hint
        self.page_no: int | None = None
        self.per_page: int | None = None
        super().__init__(resource, params, method)

    @property
    def error_code(self) -> int:
        """Return `code`, under the name that the official SDK uses."""
        return self.code

    @property
    def error_desc(self) -> str:
        """Return `description`, under the name that the official SDK uses."""
        return self.description

    @property
    def error_details(self) -> str:
        """Return `details`, under the name that the official SDK uses."""
        return self.details

    def __str__(self) -> str:
        said = ": ".join(part for part in (self.description, self.details) if part) or "refused"
        asked = f" ({_listed(self.params)})" if self.params else ""
        page = f" at page {self.page_no}" if self.page_no else ""
        tries = f", {self.attempts} attempts" if self.attempts > 1 else ""
        label = f"{self.code} {self.name}".strip()
        request = self.req_id or self.request_id
        ids = f", request {request}" if request else ""
        hint = f" {self.hint}" if self.hint else ""
        return _fit(f"{self.rpc}{asked} failed{page}: {said} [{label}{tries}{ids}].{hint}")

    def __reduce__(self) -> tuple[object, ...]:
        state = {name: value for name, value in self.__dict__.items() if name != "response"}
        frozen = None if self.response is None else frozen_messages.freeze(self.response)
        return (_rebuild, (type(self), self.args, state, frozen))


def _fit(text: str) -> str:
    # Most texts are fit as they are, and errors may come by the thousand.
    return text if text.isprintable() and "://" not in text else safe_text.fit(text)


def _listed(params: object) -> str:
    if isinstance(params, dict):
        return ", ".join(f"{name}={safe_text.shown(value)}" for name, value in params.items())
    return str(params)


def _rebuild(
    cls: type[ApiError],
    args: tuple[object, ...],
    state: dict[str, object],
    frozen: tuple[str, bytes] | None,
) -> ApiError:
    error = cls(*args)  # type: ignore[arg-type]
    error.__dict__.update(state)
    error.response = frozen_messages.thaw(frozen) if frozen else None
    return error


class NotFound(ApiError):
    """The named thing does not exist, or these credentials may not see it."""


class AlreadyExists(ApiError):
    """The id is taken."""


class InvalidArgument(ApiError):
    """The platform refuses the request as it is."""


class PermissionDenied(ApiError):
    """The credentials are wrong, expired, or may not do this."""


class Throttled(ApiError):
    """Too many requests, and waiting did not help before the deadline."""


class NotSupported(ApiError):
    """This platform has no such method."""


class MixedStatus(ApiError):
    """Part of the request succeeded; `response` holds the outputs and the status of each."""


class ServerError(ApiError):
    """The platform failed."""

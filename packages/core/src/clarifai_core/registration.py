"""Policies and credentials of programs that embed the SDK and are no distribution with a plugin.

    with register_policy("audit", audit_of):
        App(app_id="zoo").list_models()  # goes through what audit_of(settings) returned

    register_credentials("vault", read_pat)  # until .remove(), or the end of the process

What is registered counts for sessions that are opened afterwards: handles that are made then get
one, those that talked to the platform before keep theirs. The functions are called as those of
plugins are, and failures name them in the same way. Any thread may register and remove.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Literal

import attrs

from clarifai_core.errors import UserError
from clarifai_core.safe_text import named, plain

if TYPE_CHECKING:
    from types import TracebackType

    from typing_extensions import Self

    from clarifai_core.contracts import CredentialsProvider, Policy
    from clarifai_core.settings import Settings

__all__ = ["Registration", "register_credentials", "register_policy", "registered"]

_NOUNS = {"policy": "policy", "credentials": "provider of credentials"}

_lock = threading.Lock()
_all: tuple[Registration, ...] = ()
"""Everything that is registered, oldest first; replaced, never changed."""


@attrs.frozen(eq=False)
class Registration:
    """One thing that a program registered; as a context manager, for the length of a block."""

    what: Literal["policy", "credentials", "trial"]
    """A trial (`clarifai_core.trials`) is nothing that is called: sessions that are opened while
    it lasts are not shared with others."""
    name: str
    """Names it in messages; unique among those of its kind."""
    function: Callable[..., object] = attrs.field(repr=False)
    order: int = 100
    """Of a policy: lower runs further out."""

    @property
    def title(self) -> str:
        """Return how messages call it."""
        return f"The {_NOUNS[self.what]} {plain(self.name)!r} that this program registered"

    def remove(self) -> None:
        """Let sessions that are opened from now on go without it; removing twice is fine."""
        global _all
        with _lock:
            _all = tuple(one for one in _all if one is not self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.remove()


def register_policy(
    name: str, make: Callable[[Settings], Policy], *, order: int = 100
) -> Registration:
    """Put code around every call of the sessions that are opened from now on.

    Args:
        name: What messages call it.
        make: Called with the settings once per session; returns the policy, a generator function
            `(call, proceed)` that does no IO of its own: see `contracts.Policy`.
        order: Lower runs further out, among those of plugins, too; ties go by name.

    Raises:
        UserError: The name is taken, or an argument is of the wrong kind.

    Example:
        >>> def counted(call, proceed):
        ...     calls.append(call.rpc.name)
        ...     return (yield from proceed(call))
        >>> from clarifai_resources.user import User
        >>> calls = []
        >>> with register_policy("count", lambda settings: counted):
        ...     _ = User("me", base_url="local:").list_apps().all()
        >>> calls
        ['ListApps']
    """
    if isinstance(order, bool) or not isinstance(order, int):
        raise UserError(f"order must be a whole number, got {named(order)}.")
    return _add(Registration("policy", name, make, order))


def register_credentials(name: str, provider: CredentialsProvider) -> Registration:
    """Supply credentials from a keyring or a vault to sessions that are opened from now on.

    It is asked when neither an argument, the environment nor the context has any, before plugins
    are; of several the one that was registered last is asked first.

    Args:
        name: What messages call it.
        provider: Called with `settings=`; returns `Credentials` for `settings.endpoint.origin`, or
            None to let the next one try. Bind them to that origin: they are never sent elsewhere.

    Raises:
        UserError: The name is taken, or an argument is of the wrong kind.

    Example:
        >>> from clarifai_core.credentials import Credentials
        >>> def read_pat(settings):
        ...     return Credentials("pat", "abc", bound_origin=settings.endpoint.origin)
        >>> with register_credentials("vault", read_pat) as vault:
        ...     vault.name
        'vault'
    """
    return _add(Registration("credentials", name, provider))


def trial(name: str) -> Registration:
    """Note that a plugin is on trial; a context manager, for the length of the trial."""
    one = Registration("trial", name, bool)
    global _all
    with _lock:
        _all = (*_all, one)
    return one


def registered() -> tuple[Registration, ...]:
    """Return what is registered now, oldest first."""
    return _all


def _add(one: Registration) -> Registration:
    global _all
    noun = _NOUNS[one.what]
    if not isinstance(one.name, str) or not one.name.strip():
        raise UserError(f"A {noun} must have a text for a name, got {named(one.name)}.")
    if not callable(one.function):
        kind = type(one.function).__name__
        raise UserError(f"The {noun} {plain(one.name)!r} is a {kind}, which cannot be called.")
    with _lock:
        if any((other.what, other.name) == (one.what, one.name) for other in _all):
            raise UserError(
                f"A {noun} {plain(one.name)!r} is registered already: remove() that one first, or "
                "give this one another name."
            )
        _all = (*_all, one)
    return one

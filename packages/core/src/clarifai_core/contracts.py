"""The records and protocols that packages exchange through the hooks of `hookspecs`.

A *spec* announces one thing a plugin adds: its name, a line of help and where the code is, as
`"package.module:attribute"`. The code is imported when somebody asks for that name, not before.

The specs stand here. What is called, given and returned later is opened when it is asked for, since
`clarifai --help` imports this module and each plugin's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core.doors import door
from clarifai_core.errors import ClarifaiError, PluginError
from clarifai_core.lazy import load_target
from clarifai_core.safe_text import failure, plain

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from clarifai_core._contract_records import Clause as Clause
    from clarifai_core._contract_records import Connection as Connection
    from clarifai_core._contract_records import CredentialsProvider as CredentialsProvider
    from clarifai_core._contract_records import DataLoader as DataLoader
    from clarifai_core._contract_records import EngineFacts as EngineFacts
    from clarifai_core._contract_records import Exporter as Exporter
    from clarifai_core._contract_records import ExportTarget as ExportTarget
    from clarifai_core._contract_records import FormatMatch as FormatMatch
    from clarifai_core._contract_records import Policy as Policy
    from clarifai_core._contract_records import Poller as Poller
    from clarifai_core._contract_records import QuickPoller as QuickPoller
    from clarifai_core._contract_records import SourceListing as SourceListing
    from clarifai_core._contract_records import SourcePart as SourcePart
    from clarifai_core._contract_records import WriteResult as WriteResult
else:
    __getattr__, __dir__ = door(
        __name__,
        Clause="clarifai_core._contract_records:Clause",
        Connection="clarifai_core._contract_records:Connection",
        CredentialsProvider="clarifai_core._contract_records:CredentialsProvider",
        DataLoader="clarifai_core._contract_records:DataLoader",
        EngineFacts="clarifai_core._contract_records:EngineFacts",
        ExportTarget="clarifai_core._contract_records:ExportTarget",
        Exporter="clarifai_core._contract_records:Exporter",
        FormatMatch="clarifai_core._contract_records:FormatMatch",
        Policy="clarifai_core._contract_records:Policy",
        Poller="clarifai_core._contract_records:Poller",
        QuickPoller="clarifai_core._contract_records:QuickPoller",
        SourceListing="clarifai_core._contract_records:SourceListing",
        SourcePart="clarifai_core._contract_records:SourcePart",
        WriteResult="clarifai_core._contract_records:WriteResult",
    )

__all__ = [
    "AnySpec",
    "Clause",
    "ClauseSpec",
    "CommandSpec",
    "Connection",
    "CredentialsProvider",
    "DataLoader",
    "EndpointSpec",
    "EngineFacts",
    "EngineSpec",
    "ExportTarget",
    "Exporter",
    "ExporterSpec",
    "FormatMatch",
    "LoaderSpec",
    "MixinSpec",
    "Policy",
    "PolicySpec",
    "Poller",
    "PollerSpec",
    "QuickPoller",
    "ResourceSpec",
    "ServiceSpec",
    "SourceListing",
    "SourcePart",
    "Spec",
    "ViewSpec",
    "WriteResult",
]


class _AttrsFields:
    """What attrs asks a class for: specs work with `attrs.evolve`, `fields` and `asdict`."""

    def __get__(self, _: object, owner: type[Spec]) -> Any:
        import inspect

        import attrs

        _self, *found = inspect.signature(owner.__init__).parameters.values()
        defaults = {
            one.name: attrs.NOTHING if one.default is one.empty else one.default for one in found
        }
        made = {name: attrs.field(default=default) for name, default in defaults.items()}
        return attrs.fields(attrs.make_class(owner.__name__, made))


class Spec:
    """One thing that a plugin adds, described without importing it.

    Args:
        name: What users call it; unique among the specs of one hook.
        target: Where it is: `"package.module:attribute"`.
        help: One line for listings.

    Raises:
        ValueError: There is no name, or `target` reads otherwise.

    Example:
        >>> spec = Spec("parquet", "acme.parquet:Loader", "Parquet files")
        >>> spec == Spec("parquet", "acme.parquet:Loader", "Parquet files"), spec.help
        (True, 'Parquet files')
    """

    # No attrs class, though it acts as one: attrs and the dozen of classes that it would make here
    # were a fifth of what `clarifai --help` takes.

    __slots__ = ("name", "target", "help", "__by__", "__weakref__")  # noqa: RUF023  why: as the arguments
    __attrs_attrs__ = _AttrsFields()

    name: str
    target: str
    help: str

    def __init__(self, name: str, target: str, help: str = "") -> None:  # noqa: A002
        if not name:
            raise ValueError("name must not be empty")
        self._hold(name=name, target=_checked("target", target), help=help)

    def _hold(self, **values: object) -> None:
        for name, value in values.items():
            object.__setattr__(self, name, value)

    def _values(self) -> dict[str, object]:
        kinds = reversed(type(self).__mro__)
        names = [name for kind in kinds for name in vars(kind).get("__slots__", ())]
        return {name: getattr(self, name) for name in names if not name.startswith("__")}

    @property
    def bringer(self) -> str:
        """Return who registered it, for messages: `"the plugin vault of acme-vault"`."""
        by = getattr(self, "__by__", None)
        return f"the plugin {by}" if by else "a plugin"

    @property
    def remedy(self) -> str:
        """Return how to do without it, for the end of a sentence; `""` when that is unknown."""
        by = getattr(self, "__by__", None)
        return f"; update it, or block it: {by.remedy}" if by else ""

    def fault(self, reason: str) -> PluginError:
        """Return the error that says who registered it, what is wrong with it, and what to do.

        Args:
            reason: The rest of the sentence: `"answers no RPC"`.

        Example:
            >>> print(Spec("tsv", "acme.loaders:Tsv").fault("reads nothing"))
            acme.loaders:Tsv, which a plugin registered as 'tsv', reads nothing.
        """
        who = f"{plain(self.target)}, which {self.bringer} registered as {plain(self.name)!r},"
        return PluginError(f"{who} {reason.removesuffix('?')}{self.remedy}.")

    def load(self, target: str = "") -> Any:
        """Import and return what `target` names.

        Args:
            target: Another text of the spec that names something; its own `target` unless given.

        Raises:
            PluginError: It cannot be imported, or ends the program when it is.
        """
        try:
            return load_target(target or self.target)
        except (KeyboardInterrupt, ClarifaiError):
            raise
        except BaseException as error:
            reason = failure(error)
            raise PluginError(
                f"{plain(self.name)!r}, which {self.bringer} registered, cannot be imported from "
                f"{plain(target or self.target)}: {reason}{self.remedy}."
            ) from error

    def make(self, *arguments: Any, having: Sequence[str]) -> Any:
        """Call what `target` names, and return what it makes.

        Args:
            *arguments: What it is called with.
            having: The methods and attributes that make the result what it should be.

        Raises:
            PluginError: It cannot be imported or called, fails, or makes something else. What it
                says of its arguments goes through: ClarifaiError, ValueError, OSError, ImportError.
        """
        maker = self.load()
        if not callable(maker):
            raise self.fault(f"must be a class or function, not a {type(maker).__name__}")
        try:
            made = maker(*arguments)
        except (KeyboardInterrupt, ClarifaiError, ValueError, OSError, ImportError):
            raise
        except BaseException as error:
            raise self.fault(f"fails: {failure(error)}") from error
        missing = [name for name in having if not hasattr(made, name)]
        if missing:
            raise self.fault(
                f"makes a {type(made).__name__} without {missing[0]}: it must have "
                f"{', '.join(having)}"
            )
        return made

    def __setattr__(self, name: str, _: object) -> None:
        raise AttributeError(f"{name!r} cannot be set: a {type(self).__name__} never changes")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"{name!r} cannot be deleted: a {type(self).__name__} never changes")

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        return self._values() == other._values()

    def __hash__(self) -> int:
        return hash((type(self), *self._values().values()))

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self._values().items())
        return f"{type(self).__name__}({values})"

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), tuple(self._values().values())


class ResourceSpec(Spec):
    """A kind of resource. `target` is its handle class (a subclass of `core.handles.Handle`)."""

    __slots__ = ("kind", "verbs", "fields")  # noqa: RUF023

    kind: str
    """`"package.module:attribute"` of its `core.kinds.ResourceKind`; empty when it has none."""
    verbs: tuple[str, ...]
    """What people do with it at the prompt: of list, show, create, update and delete those that it
    has; the command line makes them of the kind. A verb that needs more is a command of its own,
    with the name `"KIND VERB"`: that comes first."""
    fields: tuple[str, ...]
    """The fields of its message that have an option of their own in create and update, such as
    `"description"`; the others are set with `--set`."""

    def __init__(
        self,
        name: str,
        target: str,
        help: str = "",  # noqa: A002
        kind: str = "",
        verbs: Iterable[str] = (),
        fields: Iterable[str] = (),
    ) -> None:
        super().__init__(name, target, help)
        self._hold(kind=kind, verbs=_as_tuple(verbs), fields=_as_tuple(fields))


class MixinSpec(Spec):
    """Names on handles of others. `target` is a class, written as a base class of theirs would be.

    A handle gets those of its attributes that `names` says: methods, properties, class methods.
    What the handle's class has itself comes first, then fields of its message, then these.
    """

    __slots__ = ("names", "kinds", "fills_unset_fields")  # noqa: RUF023

    names: tuple[str, ...]
    """The attributes of `target` that handles get; each is one plugin's only, for each kind."""
    kinds: tuple[str, ...]
    """The kinds of handles, as they are registered: `"model"`, `"inputs"`; `"*"`: all of them. Of
    one plugin, a spec that names the kind counts before one for all."""
    fills_unset_fields: bool
    """Whether the names also stand in for fields of the message that have no value."""

    def __init__(
        self,
        name: str,
        target: str,
        help: str = "",  # noqa: A002
        names: Iterable[str] = (),
        kinds: Iterable[str] = ("*",),
        fills_unset_fields: bool = False,
    ) -> None:
        super().__init__(name, target, help)
        self._hold(
            names=_names("names", _as_tuple(names)),
            kinds=_texts("kinds", _as_tuple(kinds)),
            fills_unset_fields=fills_unset_fields,
        )


class LoaderSpec(Spec):
    """A dataset loader. `target` is a callable `(source, **options) -> ClarifaiDataLoader`."""

    __slots__ = ("suffixes", "detect")  # noqa: RUF023

    suffixes: tuple[str, ...]
    """File endings, such as `".csv"`, by which the loader is chosen when none is named."""
    detect: str
    """`"package.module:attribute"` of a function `(listing: SourceListing) -> FormatMatch | None`,
    which is asked whether the loader reads a source when none is named; empty: `suffixes` alone
    count."""

    def __init__(
        self,
        name: str,
        target: str,
        help: str = "",  # noqa: A002
        suffixes: tuple[str, ...] = (),
        detect: str = "",
    ) -> None:
        super().__init__(name, target, help)
        self._hold(suffixes=suffixes, detect=detect and _checked("detect", detect))


class ExporterSpec(Spec):
    """An export format. `target` is a callable `(target: ExportTarget) -> Exporter`."""

    __slots__ = ()


class ClauseSpec(Spec):
    """A key of a rank or filter. `target` is an attrs class that satisfies `Clause`."""

    __slots__ = ("roles",)

    roles: tuple[str, ...]
    """Where the key may stand: `"rank"`, `"filter"` or both."""

    def __init__(
        self,
        name: str,
        target: str,
        help: str = "",  # noqa: A002
        roles: tuple[str, ...] = ("rank", "filter"),
    ) -> None:
        super().__init__(name, target, help)
        self._hold(roles=roles)


class PollerSpec(Spec):
    """A way for a runner to get work. `target` is a callable `(session, runner) -> Poller`."""

    __slots__ = ()


class CommandSpec(Spec):
    """A command of the program `clarifai`; `name` may be `"group command"`.

    `target` is a function described by `command_arguments.command`, or a `click.Command`.
    """

    __slots__ = ()


class EndpointSpec(Spec):
    """A URL scheme, without colon. `target` is a callable `(url: str, settings) -> Connection`."""

    __slots__ = ()


class PolicySpec(Spec):
    """Code around every call. `target` is a callable `(settings) -> Policy`."""

    __slots__ = ("order",)

    order: int
    """Lower runs further out; ties go by name."""

    def __init__(
        self,
        name: str,
        target: str,
        help: str = "",  # noqa: A002
        order: int = 100,
    ) -> None:
        super().__init__(name, target, help)
        self._hold(order=order)


class EngineSpec(Spec):
    """A model, a model type or the embedder of the local platform, by the name of the spec.

    | name | target |
    |---|---|
    | `<model type id>` | a `clarifai_local.engine.Engine`, or a callable that returns one |
    | `<user>/<app>/<model>` | a callable `(embedder) -> Predictor`, behind that public model |
    | `embedder` | a callable that returns a `clarifai_local.engine.Embedder` |
    """

    __slots__ = ("is_default", "facts")  # noqa: RUF023

    is_default: bool
    """Whether it gives way to another plugin's of the same name, and to what the platform has
    itself when it is not ready."""
    facts: str
    """`"package.module:callable"` that is called with the name of the spec and returns its
    `EngineFacts`, whenever a platform is opened: it must be quick, and load no weights."""

    def __init__(
        self,
        name: str,
        target: str,
        help: str = "",  # noqa: A002
        is_default: bool = False,
        facts: str = "",
    ) -> None:
        super().__init__(name, target, help)
        self._hold(is_default=is_default, facts=facts and _checked("facts", facts))


class ServiceSpec(Spec):
    """RPCs of the local platform. `target` is a callable `(platform) -> service object`."""

    __slots__ = ()


class ViewSpec(Spec):
    """A form in which things are shown, or handed on. `target` is a callable `(item) -> form`.

    | name | who asks for it | what it is given | what it returns |
    |---|---|---|---|
    | `html` | a notebook | a handle, a listing, a report | a page; None: the `repr` stands |
    | `text` | `print` | a listing | lines; None: the `repr` stands |
    | `pandas` | `to_pandas()` | a listing, a report | a data frame |
    """

    __slots__ = ("is_default",)

    is_default: bool
    """Whether it gives way to another plugin's of the same name."""

    def __init__(
        self,
        name: str,
        target: str,
        help: str = "",  # noqa: A002
        is_default: bool = False,
    ) -> None:
        super().__init__(name, target, help)
        self._hold(is_default=is_default)


AnySpec = TypeVar("AnySpec", bound=Spec)


def _as_tuple(value: Any) -> object:
    return value if isinstance(value, str) else tuple(value)


def _checked(field: str, target: str) -> str:
    module, colon, name = target.partition(":")
    if not (module and colon and name):
        raise ValueError(f"{field} must read 'package.module:attribute', got {target!r}")
    return target


def _texts(field: str, value: Any) -> object:
    if isinstance(value, str) or not value or not all(isinstance(name, str) for name in value):
        raise ValueError(f"{field} must be a tuple of texts, got {value!r}")
    return value


def _names(field: str, value: Any) -> object:
    _texts(field, value)
    for name in value:
        if not name.isidentifier() or name.startswith("__"):
            raise ValueError(f"{field} must be names of attributes, got {name!r}")
    return value

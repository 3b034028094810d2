"""The records and protocols of the plugin contracts that listings do not need.

Users import them from `clarifai_core.contracts`, which opens this module when one is asked for:
`clarifai --help` imports every plugin, and each of these classes takes its time to be made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import (
    TYPE_CHECKING,
    Any,
    BinaryIO,
    ClassVar,
    Protocol,
    TypeAlias,
    runtime_checkable,
)

import attrs

if TYPE_CHECKING:
    from concurrent.futures import Future
    from pathlib import Path

    import grpc
    import httpx
    from google.protobuf.message import Message

    from clarifai_core.credentials import Credentials
    from clarifai_core.settings import Settings
    from clarifai_core.transport.calls import Flow, RpcCall


@attrs.frozen
class SourcePart:
    """One part of a source, as the loader is asked for it."""

    split: str
    """What it is called: `"train"`."""
    options: Mapping[str, Any] = attrs.field(factory=dict)
    """With which the loader reads this part: `{"split": "train"}`."""
    inside: str = ""
    """The file or folder of the source to give to the loader; empty: the source itself."""


@attrs.frozen
class FormatMatch:
    """How surely a loader reads a source, and why.

    Example:
        >>> FormatMatch(FormatMatch.SURE, "notes.acme begins with ACME1").confidence
        0.95
    """

    SURE: ClassVar[float] = 0.95
    """The source says so: by a file, or a mark in it, that no other format has."""
    LIKELY: ClassVar[float] = 0.8
    """It is laid out like that, and what would make sure is not there."""
    POSSIBLE: ClassVar[float] = 0.4
    """The loader takes it as it takes nearly anything, such as a folder of pictures."""

    confidence: float = attrs.field(validator=[attrs.validators.ge(0), attrs.validators.le(1)])
    """0..1. The loader that is the surest is taken; two that are as sure are an error, which tells
    the reasons of both."""
    reason: str
    """What was seen: `"labels/*.txt and data.yaml"`."""
    options: Mapping[str, Any] = attrs.field(factory=dict)
    """What the loader is to be opened with, unless the user says otherwise."""
    parts: tuple[SourcePart, ...] = ()
    """The splits that were seen."""
    is_whole: bool = True
    """Whether the loader reads all of them at once; otherwise one of `parts` is read at a time."""
    remarks: tuple[str, ...] = ()
    """What is seen to be left alone, for people."""
    hindrance: str = ""
    """What keeps the loader from reading it, for people: `"it is packed; unpack it first"`."""


class SourceListing(Protocol):
    """What a source holds, as functions that detect formats see it; no files are unpacked.

    Where one folder holds all of it, they are asked for that folder, too, as if it was the source.
    """

    where: str
    """The source, as the user named it."""
    file: str
    """The name of the file that the user named; empty: a folder, a zip or the like."""
    names: tuple[str, ...]
    """All files, hidden ones left out, sorted, with `/` between folders; or that one file."""
    is_local: bool
    """Whether the files lie on this machine, and not in a zip."""

    def head(self, name: str, size_bytes: int = 4096) -> bytes:
        """Return how a file begins; empty when it cannot be read."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading from its beginning; raises OSError."""


@attrs.frozen
class EngineFacts:
    """What a platform tells of an engine before it loads it."""

    lacking: str = ""
    """What it lacks, in a sentence with the remedy; empty: it can be used."""
    concepts: Sequence[str] = ()
    """Names of the concepts that it knows; empty: those of the stand-in."""
    notices: Sequence[str] = ()
    """What it holds of others, a text for each: name, licence, source, versions and hashes."""


@runtime_checkable
class Connection(Protocol):
    """An open way to one platform, made by the endpoint of a URL scheme.

    One connection serves every handle with the same endpoint and credentials, in any thread.
    """

    needs_credentials: bool
    """False when the platform answers calls that carry no PAT or session token."""

    def channel(self) -> grpc.Channel:
        """Return the channel that carries the calls; always the same one."""

    def aio_channel(self) -> grpc.aio.Channel:
        """Return a channel for the running event loop; it belongs to the caller."""

    def http_transport(self) -> httpx.BaseTransport | None:
        """Return what downloads of `media_origins` go through, or None for the network."""

    media_origins: tuple[str, ...]
    """Where the credentials may be sent to for downloads, such as `"https://data.example.com"`.

    Scheme, host and port count (without a port: 443 for https, 80 for http), nothing else does.
    """

    def close(self) -> None:
        """Give up sockets, threads and files; calls in flight may fail."""


Policy: TypeAlias = Callable[["RpcCall", Callable[["RpcCall"], "Flow[Message]"]], "Flow[Message]"]
"""Sans-IO middleware: a generator function that receives the call and the next step.

    def count(call, proceed):
        reply = yield from proceed(call)
        seen[call.rpc.name] += 1
        return reply
"""

CredentialsProvider: TypeAlias = Callable[["Settings"], "Credentials | None"]


class Clause(Protocol):
    """One key of a rank or filter, already checked."""

    def apply(self, target: Message) -> None:
        """Write the clause into the `Rank` or `Filter` message `target`."""


class DataLoader(Protocol):
    """What an upload reads from: a sized, indexed source of features."""

    @property
    def task(self) -> str:
        """What the items are for, such as `"visual_classification"` or `"text_classification"`."""

    def load_data(self) -> None:
        """Read whatever is needed before items can be fetched; called once."""

    def __getitem__(self, index: int, /) -> object:
        """Return the features of item `index`, counted from 0."""

    def __len__(self) -> int:
        """Return the number of items."""


class ExportTarget(Protocol):
    """What an exporter writes into: a zip or a folder that comes to be when all is written."""

    scratch: Path
    """A folder for drafts, such as lists that grow with each input; it goes away at the end."""

    def add(self, name: str, content: bytes | Path) -> int:
        """Write one file and return its size.

        Args:
            name: Where: `"train/inputs/a.png"`; each name once.
            content: The bytes, or a file that holds them; it is gone afterwards.

        Raises:
            ValueError: The name cannot be one on every system; nothing was written.
        """


@attrs.frozen
class WriteResult:
    """What an exporter wrote of one input."""

    media_bytes: int = 0
    labels: int = 0
    """Labels of any kind that the format holds."""
    lost: Mapping[str, int] = attrs.field(factory=dict)
    """What it cannot hold, in the plural, and how many: `{"masks": 2}`."""


class Exporter(Protocol):
    """Writes inputs in one format; called by one thread.

    Besides, an exporter may have `add_labels(split, message)`, which writes what is known about an
    input whose media did not come, and returns a `WriteResult`: called before `finish`, for inputs
    that `add` was not called for. And `notes`, sentences for the report, read after `finish`.
    """

    def add(
        self, split: str, message: Message, media: Sequence[tuple[str, bytes | Path]]
    ) -> WriteResult:
        """Write one input.

        Args:
            split: Its split. No path leads out of a folder by it, nor by the id; but they may be
                names of devices, or differ from others in case only:
                `clarifai_inputs.file_names.FileNames` gives files their names.
            message: The `Input` with all that is known about it.
            media: Kind (`"image"`, `"text"`, `"audio"`, `"video"`) and content of each piece.

        Raises:
            ValueError: The format cannot hold this input: it is reported as failed.
        """

    def finish(self) -> None:
        """Write what stands at the end; called once, when all inputs are written."""


class Poller(Protocol):
    """How a runner gets items of work and returns their results. Its methods block.

    Several threads call them: one `poll` for each of the runner's `num_parallel_polls` at a time.

    Besides, a poller may have `interrupt()`, called when the runner stops: polls that wait return
    soon, without an item or with one, which is then worked on; outputs are still posted afterwards.
    And `close()`, which is the last call.
    """

    def poll(self, timeout_seconds: float) -> list[Message]:
        """Return the runner items that are ready, or an empty list after `timeout_seconds`."""

    def post(self, item: Message, outputs: Message) -> None:
        """Return the outputs of one item; raises ApiError or ApiClientError when not accepted."""


@runtime_checkable
class QuickPoller(Poller, Protocol):
    """A poller that can post without a thread that waits: cheaper where there are many items."""

    def start_post(self, item: Message, outputs: Message) -> Future[None]:
        """Begin `post`; what it would raise, the future does. The next attempt is a `post`."""

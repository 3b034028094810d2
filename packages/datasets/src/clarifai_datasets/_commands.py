"""`clarifai dataset upload | export | convert | detect | formats | status`."""

from __future__ import annotations

import errno
import inspect
import os
import tempfile
from collections import Counter
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.command_arguments import APP, Argument, Option, command
from clarifai_core.command_deletions import no_version
from clarifai_core.errors import FileError, Interrupted, NotFound, UserError
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import named, shown
from clarifai_datasets import _convert
from clarifai_datasets._description import describe
from clarifai_datasets._export import options as exporting
from clarifai_datasets._export import pipeline as exports
from clarifai_datasets._kinds import DATASET_VERSION
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload import _outage, detection
from clarifai_datasets.upload._conflicts import CONFLICTS
from clarifai_datasets.upload.loader import open_loader
from clarifai_datasets.upload.report import UploadFailed, UploadReport

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from clarifai_core.command_context import CommandContext
    from clarifai_core.contracts import DataLoader, LoaderSpec

_BY_NAME = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def opened(
    source: str, name: str, options: dict[str, Any], *, strict: bool
) -> tuple[DataLoader, list[str]]:
    """Return a loader with options that it knows, and what its choice passes over.

    Args:
        source: The file, folder or URL.
        name: Of the loader; `""`: the one that is detected.
        options: What it takes besides.
        strict: Whether it is to check everything first.

    Raises:
        UserError: It takes no such option, or refuses the source.
        PluginError: There is no such loader.
    """
    found = None if name else detection.detect(source)
    spec = detection.named(name) if found is None else found.spec
    also = ("split",) if found is not None and found.sighting.parts else ()
    options = _known(spec, options, strict=strict, also=also)
    if found is None:
        return open_loader(source, name, **options), []
    return detection.open_detected(found, options), list(found.notes)


def _known(
    spec: LoaderSpec, options: dict[str, Any], *, strict: bool, also: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Return the options of a loader, with `strict` if it has that.

    Raises:
        UserError: It has no such option.
    """
    parameters = list(inspect.signature(spec.load()).parameters.values())
    known = [one.name for one in parameters[1:] if one.kind in _BY_NAME]
    if strict or "strict" in known:
        options = {**options, "strict": strict}
    takes_any = any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters)
    unknown = [] if takes_any else [one for one in options if one not in (*known, *also)]
    if unknown:
        shown = ", ".join(known) or "none"
        raise UserError(
            f"The loader {spec.name!r} has no option {unknown[0]!r}; there are: {shown}."
        )
    return options


def parsed(pairs: Iterable[str]) -> dict[str, Any]:
    """Return options that are written `key=value`; `true` and `false` are switches.

    Raises:
        UserError: One has no `=`.

    Example:
        >>> parsed(["split=train", "labels=false"])
        {'split': 'train', 'labels': False}
    """
    found: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key:
            raise UserError(f"--option must read KEY=VALUE, got {pair!r}.")
        found[key.strip().replace("-", "_")] = {"true": True, "false": False}.get(value, value)
    return found


def formats_known() -> Iterator[dict[str, str]]:
    """Yield a row for each loader and each export format, ours and those of plugins."""
    for what in ("loaders", "exporters"):
        for spec in plugins().specs(what):
            yield {"kind": what.removesuffix("s"), "name": spec.name, "help": spec.help}


_LOADER = Option("--loader", "By default as detected.", "NAME")
_PAIRS = Option("--option", "For the loader.", "KEY=VALUE", many=True, name="pairs")
_DATASET = Option("--dataset-id", "The dataset.", "ID", is_required=True)
_SOURCE = Argument("source")


@command(
    _SOURCE,
    _DATASET,
    _LOADER,
    _PAIRS,
    Option("--strict", "Check everything first; send nothing if wrong.", kind="flag"),
    Option("--retry", "Times to try failures.", kind="integer", default=0, least=0, most=10),
    Option("--resume/--no-resume", "Go on with a run that broke off.", kind="switch", default=True),
    Option("--batch-size", "Inputs of a request.", kind="integer", default=128, least=1),
    Option(
        "--on-conflict", "What to do where other content is.", choices=CONFLICTS, default="fail"
    ),
    Option("--report", "Save as JSON Lines.", "FILE", name="path"),
    *APP,
)
def upload(
    context: CommandContext,
    source: str,
    dataset_id: str,
    loader: str,
    pairs: tuple[str, ...],
    strict: bool,
    retry: int,
    resume: bool,
    batch_size: int,
    on_conflict: Any,
    path: str,
    **where: str,
) -> int:
    """Upload SOURCE, a file, folder or URL, into a dataset.

    What is there already, with the same content, is not sent again: run it again to go on.
    Exit code 1: something failed, see the report.

    Args:
        context: The command's.
        source: What to upload.
        dataset_id: Where to.
        loader: What reads it.
        pairs: Options of that.
        strict: Whether to check first.
        retry: How often to try again.
        resume: Whether to go on with a run that broke off.
        batch_size: Inputs of a request.
        on_conflict: What to do where other content is.
        path: Where to write the report.
        **where: The app.
    """
    _check_report(path)
    opened_, found = opened(source, loader, parsed(pairs), strict=strict)
    dataset = Dataset(dataset_id=dataset_id, **context.connection(**where))
    _outage.AGAIN.set(f"`{context.command_line}`")
    with _naming_near(context, dataset_id, where), _saving(path):
        report = dataset.upload_dataset(opened_, batch_size, resume=resume, on_conflict=on_conflict)
    report.notes[:0] = found
    for number in range(1, retry + 1):
        if report.ok:
            break
        context.output.remark(f"{report}\nretry {number} of {retry}")
        report = dataset.retry_failed(report, opened_)
    return _finish(context, report, path)


@command(
    Argument("save_path", "TARGET"),
    Option("--dataset-id", "The dataset; not needed with --archive.", "ID"),
    Option("--format", "The format to write.", "NAME", default="clarifai", name="form"),
    Option("--version-id", "A version of it; else what it holds now.", "ID"),
    Option("--split", "Only this one.", "NAME", default="all"),
    Option("--archive", "A Clarifai archive to read.", "FILE"),
    Option("--image-format", "By default the original.", "png"),
    Option("--workers", "Downloads at once.", kind="integer", default=4, least=1, most=64),
    *APP,
)
def export(
    context: CommandContext,
    save_path: str,
    dataset_id: str,
    form: str,
    version_id: str,
    split: str,
    archive: str,
    image_format: str,
    workers: int,
    **where: str,
) -> int:
    """Write a dataset as files to TARGET: a zip, or a folder.

    Exit code 1: something failed, see the report.

    Args:
        context: The command's.
        save_path: Where to.
        dataset_id: Which.
        form: The format.
        version_id: Which version of it.
        split: Only this one.
        archive: An archive in place of the dataset.
        image_format: Of pictures.
        workers: Downloads at once.
        **where: The app.
    """
    if not dataset_id and not archive:
        raise UserError("Nothing to export: give --dataset-id, or --archive.")
    if version_id and not dataset_id:
        raise UserError(f"--version-id {named(version_id)} is of a dataset: give --dataset-id.")
    order = exporting.checked(save_path, "", archive, split, workers, form, image_format)
    at: Any = {"dataset_version_id": version_id} if version_id else {}
    dataset = Dataset(dataset_id=dataset_id, **at, **context.connection(**where))
    progress = False if context.is_quiet else None
    with _naming_near(context, dataset_id, where, version_id):
        report = exports.export(dataset, order, progress=progress, shows_report=True)
    return _finish(context, report, "")


@command(
    _SOURCE,
    Argument("target"),
    Option("--format", "To write.", "NAME", is_required=True, name="form"),
    _LOADER,
    Option("--split", "Only this one.", "NAME"),
    _PAIRS,
)
def convert(
    context: CommandContext,
    source: str,
    target: str,
    form: str,
    loader: str,
    split: str,
    pairs: tuple[str, ...],
) -> int:
    """Write what SOURCE holds to TARGET, a new zip or folder, in another format.

    No platform is asked. Exit code 1: something failed, see the report.

    Args:
        context: The command's.
        source: What to read.
        target: What to write.
        form: The format to write.
        loader: What reads.
        split: Only this one.
        pairs: Options of the loader.
    """
    told = parsed(pairs)
    if loader:
        told = _known(detection.named(loader), told, strict=False)
    report = _convert.convert(source, target, form, loader=loader, split=split, options=told)
    return _finish(context, report, "")


@command(_SOURCE, _LOADER)
def detect(context: CommandContext, source: str, loader: str) -> int:
    """Show the format of SOURCE, its splits, and what is in them; nothing is sent.

    Exit code 1: items have faults; 2: no loader knows it, or several do.

    Args:
        context: The command's.
        source: What to look at.
        loader: What reads it.
    """
    return _finish(context, describe(source, loader), "")


@command()
def formats(context: CommandContext) -> None:
    """List the loaders and the export formats, ours and those of plugins.

    Args:
        context: The command's.
    """
    context.output.table(formats_known())


@command(Argument("dataset_id", "DATASET"), *APP)
def status(context: CommandContext, dataset_id: str, **where: str) -> None:
    """Show how many inputs a dataset holds, by what became of them.

    Args:
        context: The command's.
        dataset_id: Which.
        **where: The app.
    """
    dataset: Any = context.open("dataset", dataset_id, **where)
    counted: Counter[tuple[int, str]] = Counter()
    with context.progress("counting") as show:
        for number, one in enumerate(dataset.list_inputs(), 1):
            counted[one.status.code, one.status.description] += 1
            show(number)
    context.output.table(
        ({"status": text, "code": code, "inputs": n} for (code, text), n in counted.items()),
        empty=f"The dataset {shown(dataset.id)} is empty.",
    )


@contextmanager
def _naming_near(
    context: CommandContext, dataset_id: str, where: dict[str, str], version_id: str = ""
) -> Iterator[None]:
    """Have a dataset that is not there be told with the nearest that is, and a version, too.

    It is looked for afterwards: an upload or export has its own patience with a silent platform.
    """
    try:
        yield
    except NotFound as error:
        if dataset_id:
            context.find("dataset", dataset_id, **where)
        if version_id and error.rpc == "GetDatasetVersion":
            raise no_version(DATASET_VERSION, dataset_id, [version_id]) from error
        raise


@contextmanager
def _saving(path: str) -> Iterator[None]:
    """Have the report of an upload that ends early written, too."""
    try:
        yield
    except (UploadFailed, Interrupted) as error:
        if path and isinstance(error.report, UploadReport):
            error.report.save(path)
        raise


def _check_report(path: str) -> None:
    """Refuse a place where no report can be written, before anything is sent.

    Raises:
        UserError: It cannot be written there.
    """
    if not path:
        return
    try:
        if Path(path).is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        with tempfile.TemporaryFile(dir=Path(path).absolute().parent):
            pass
    except OSError as error:
        raise _no_report(path, error) from error


def _no_report(path: str, error: OSError) -> FileError:
    text = f"--report {path!r} cannot be written: {error.strerror or error}."
    return FileError.of(text, error)


def _finish(context: CommandContext, report: Any, path: str) -> int:
    """Show the report and return the exit code that it means."""
    context.output.report(report.summary(), str(report))
    if context.output.form != "table":
        for note in getattr(report, "notes", getattr(report, "remarks", ())):
            context.output.remark(note)
    if path:
        try:
            report.save(path)
        except OSError as error:
            raise _no_report(path, error) from error
    return 0 if report.ok else 1

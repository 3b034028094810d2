"""`clarifai dataset upload | export | convert | detect | formats`, from the command line.

The functions do the work and can be called by a program. The commands wrap them with click, which
the command line brings: they are made when first asked for.
"""

from __future__ import annotations

import errno
import functools
import inspect
import json
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clarifai_core.errors import FileError, UserError
from clarifai_core.plugins import plugins
from clarifai_core.safe_text import fit
from clarifai_datasets._convert import convert as converted
from clarifai_datasets._description import describe
from clarifai_datasets.handle import Dataset
from clarifai_datasets.upload import detection
from clarifai_datasets.upload.encode import CONFLICTS
from clarifai_datasets.upload.loader import open_loader

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from clarifai_core.contracts import DataLoader, LoaderSpec

COMMANDS = ("upload", "export", "convert", "detect", "formats")

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


def __getattr__(name: str) -> object:
    if name in COMMANDS:
        return _commands()[name]
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


@functools.cache
def _commands() -> dict[str, Any]:
    import click

    def shared(function: Callable[..., Any]) -> Callable[..., Any]:
        for option in (
            click.option("--base-url", default="", metavar="URL", help="The platform."),
            click.option("--app-id", default="", metavar="ID", help="The app."),
            click.option("--user-id", default="", metavar="ID", help="Its owner."),
            click.option("--dataset-id", required=True, metavar="ID", help="The dataset."),
        ):
            function = option(function)
        return function

    as_json = click.option("--json", "in_json", is_flag=True, help="Print the result as JSON.")

    @click.command()
    @click.argument("source")
    @shared
    @click.option("--loader", "name", default="", metavar="NAME", help="By default as detected.")
    @click.option("--option", "pairs", multiple=True, metavar="KEY=VALUE", help="For the loader.")
    @click.option("--strict", is_flag=True, help="Check everything first; send nothing if wrong.")
    @click.option("--retry", default=0, type=click.IntRange(0, 10), help="Times to try failures.")
    @click.option("--resume/--no-resume", default=True, help="Go on with a run that broke off.")
    @click.option("--batch-size", default=128, type=click.IntRange(1), show_default=True)
    @click.option("--on-conflict", default="fail", type=click.Choice(CONFLICTS), show_default=True)
    @click.option("--report", "path", default="", metavar="FILE", help="Save as JSON Lines.")
    def upload(
        source: str,
        name: str,
        pairs: tuple[str, ...],
        strict: bool,
        retry: int,
        resume: bool,
        batch_size: int,
        on_conflict: Any,
        path: str,
        **where: str,
    ) -> None:
        """Upload SOURCE, a file, folder or URL, into a dataset.

        What is there already, with the same content, is not sent again: run it again to go on.
        Exit code 1: something failed, see the report.
        """
        _check_report(path)
        dataset = _dataset(where)
        loader, found = opened(source, name, parsed(pairs), strict=strict)
        report = dataset.upload_dataset(loader, batch_size, resume=resume, on_conflict=on_conflict)
        report.notes[:0] = found
        for number in range(1, retry + 1):
            if report.ok:
                break
            click.echo(fit(f"{report}\nretry {number} of {retry}"), err=True)
            report = dataset.retry_failed(report, loader)
        _finish(click, report, path)

    @click.command()
    @click.argument("save_path")
    @shared
    @click.option("--format", "name", default="clarifai", show_default=True, metavar="NAME")
    @click.option("--split", default="all", show_default=True)
    @click.option("--archive", default="", metavar="FILE", help="A Clarifai archive to read.")
    @click.option("--image-format", default="", metavar="png", help="By default the original.")
    @click.option("--workers", default=4, type=click.IntRange(1, 64), show_default=True)
    def export(
        save_path: str,
        name: str,
        split: str,
        archive: str,
        image_format: str,
        workers: int,
        **where: str,
    ) -> None:
        """Write a dataset as files to SAVE_PATH: a zip, or a folder.

        Exit code 1: something failed, see the report.
        """
        report = _dataset(where).export(
            save_path,
            "",
            archive,
            split=split,
            num_workers=workers,
            format=name,
            image_format=image_format,
        )
        _finish(click, report, "")

    @click.command()
    @click.argument("source")
    @click.argument("target")
    @click.option("--format", "name", required=True, metavar="NAME", help="To write.")
    @click.option("--loader", default="", metavar="NAME", help="By default as detected.")
    @click.option("--split", default="", metavar="NAME", help="Only this one.")
    @click.option("--option", "pairs", multiple=True, metavar="KEY=VALUE", help="For the loader.")
    @as_json
    def convert(
        source: str,
        target: str,
        name: str,
        loader: str,
        split: str,
        pairs: tuple[str, ...],
        in_json: bool,
    ) -> None:
        """Write what SOURCE holds to TARGET, a new zip or folder, in another format.

        No platform is asked. Exit code 1: something failed, see the report.
        """
        options = parsed(pairs)
        if loader:
            options = _known(detection.named(loader), options, strict=False)
        report = converted(source, target, name, loader=loader, split=split, options=options)
        _finish(click, report, "", as_json=in_json)

    @click.command()
    @click.argument("source")
    @click.option("--loader", default="", metavar="NAME", help="By default as detected.")
    @as_json
    def detect(source: str, loader: str, in_json: bool) -> None:
        """Show the format of SOURCE, its splits, and what is in them; nothing is sent.

        Exit code 1: items have faults; 2: no loader knows it, or several do.
        """
        _finish(click, describe(source, loader), "", as_json=in_json)

    @click.command()
    def formats() -> None:
        """List the loaders and the export formats, ours and those of plugins."""
        for row in formats_known():
            click.echo(fit(f"{row['kind']:<8}  {row['name']:<24}  {row['help']}"))

    made = (upload, export, convert, detect, formats)
    return dict(zip(COMMANDS, made, strict=True))


def _dataset(where: dict[str, str]) -> Dataset:
    given: dict[str, Any] = {key: value for key, value in where.items() if value}
    for name in ("context", "base_url"):  # the program's own options, before the command
        value = getattr(_program(), name, "")
        if value:
            given.setdefault(name, value)
    return Dataset(**given)


def _program() -> object:
    """Return what the program's own options said."""
    import click

    return click.get_current_context().find_root().obj


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


def _finish(click: Any, report: Any, path: str, *, as_json: bool = False) -> None:
    """Print the report and end with the exit code that it means."""
    as_json = as_json or getattr(_program(), "as_json", False)
    click.echo(json.dumps(report.summary(), indent=2) if as_json else str(report))
    if as_json:
        for note in getattr(report, "notes", getattr(report, "remarks", ())):
            click.echo(fit(note), err=True)
    if path:
        try:
            report.save(path)
        except OSError as error:
            raise _no_report(path, error) from error
    if not report.ok:
        raise click.exceptions.Exit(1)

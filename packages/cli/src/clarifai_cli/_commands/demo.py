"""`clarifai demo`: the whole job on real data, by default with no account and no network."""

from __future__ import annotations

import secrets
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import attrs
import click

from clarifai_cli._demo.five_lines import five_lines
from clarifai_cli._demo.folders import read_folder
from clarifai_cli._demo.job import BASE_WORKFLOWS, DemoRun
from clarifai_cli._demo.progress import Narrator
from clarifai_cli._demo.tables import read_table
from clarifai_cli._invocation import Invocation
from clarifai_cli._output import say
from clarifai_core.errors import ClarifaiError, MissingFile, PluginError, UserError
from clarifai_core.installation import doors_fault

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai.client.user import User
    from clarifai_cli._demo.findings import Findings
    from clarifai_cli._demo.samples import LabelledData

DEFAULT_DIRECTORY = "~/.clarifai/demo"
LOCAL_USER_ID = "me"
HURRIED_SECONDS = 0.6
"""How long Ctrl-C waits for the app to be deleted again."""


@attrs.frozen
class DemoPlatform:
    """The platform that the demo runs on."""

    user_id: str
    base_url: str
    context: str = ""
    directory: Path | None = None
    """Where an embedded platform keeps everything; None for a server."""

    def describe(self) -> str:
        """Return where the results lie."""
        if self.directory is None:
            return f"The apps are on {self.base_url}, of user {self.user_id}."
        return (
            f"Everything lies in {self.directory}; serve it with:\n"
            f"  clarifai local up --path {self.directory}"
        )


@click.command()
@click.option("--data", metavar="PATH", help="Folder of labelled folders, or FILE.csv.")
@click.option(
    "--path",
    metavar="DIRECTORY",
    help=f"Where the embedded platform keeps its state.  [default: {DEFAULT_DIRECTORY}]",
)
@click.option("--hosted", is_flag=True, help="Run on the platform of your settings instead.")
@click.option("--app-id", metavar="ID", help="Id of the app to create; else a new one each time.")
@click.option(
    "--keep/--no-keep",
    default=None,
    help="Keep the app, or delete it at the end.  [default: keep it when all went well]",
)
def demo(
    data: str | None, path: str | None, hosted: bool, app_id: str | None, keep: bool | None
) -> None:
    """Upload labelled data, train on it, evaluate, predict and search; print a summary.

    Without --data it runs on scikit-learn's handwritten digits, on photographs where scikit-image
    is installed, and on 120 short texts. --base-url
    or --hosted choose another platform than the embedded one.
    """
    invocation = Invocation.current()
    _want_our_doors()
    platform = _platform(invocation, path, hosted)
    with ExitStack() as stack:
        sets = list(_data(data, stack))
        user = _open_user(platform)
        found = []
        for one in sets:
            with _app(user, one, _app_id(app_id, one, sets), keep) as app:
                found.append(DemoRun(one, app, Narrator()).run())
        _show(invocation, platform, found)


def _data(given: str | None, stack: ExitStack) -> Iterator[LabelledData]:
    if given is None:
        from clarifai_cli._demo import bundled

        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="clarifai-digits-"))
        yield bundled.digits(Path(folder))
        photographs = bundled.photographs(
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="clarifai-photographs-")))
        )
        if photographs is not None:
            yield photographs
        yield bundled.texts()
        return
    path = Path(given).expanduser()
    if path.is_dir():
        yield read_folder(path)
    elif path.suffix.lower() == ".csv" and path.is_file():
        yield read_table(path)
    elif path.exists():
        raise UserError(f"--data must be a folder or a .csv file, got {given!r}.")
    else:
        raise MissingFile(f"--data {given!r} does not exist: give a folder or a .csv file.")


def _platform(invocation: Invocation, path: str | None, hosted: bool) -> DemoPlatform:
    if hosted or invocation.base_url:
        if path:
            raise UserError("--path is for the embedded platform: not with --hosted or --base-url.")
        settings = invocation.settings()
        user_id = settings.user_id or (LOCAL_USER_ID if settings.endpoint.is_plugin else "")
        if not user_id:
            raise UserError(
                f"Whose app on {settings.endpoint.where}? Set CLARIFAI_USER_ID, or store it with "
                "`clarifai login --user-id ID`."
            )
        return DemoPlatform(user_id, settings.base_url, invocation.context)
    directory = Path(path or DEFAULT_DIRECTORY).expanduser().resolve()
    if directory.exists() and not directory.is_dir():
        raise UserError(f"--path {str(directory)!r} is a file: give a directory.")
    return DemoPlatform(LOCAL_USER_ID, f"local:{directory}", directory=directory)


def _want_our_doors() -> None:
    fault = doors_fault()
    if fault:
        raise UserError(f"The demo comes in by the doors, as any program does. {fault}")


def _open_user(platform: DemoPlatform) -> User:
    try:
        from clarifai.client import User
    except ImportError as error:
        text = 'The demo needs the whole SDK: pip install "clarifai[all]>=13".'
        raise PluginError(text) from error
    user = User(platform.user_id, base_url=platform.base_url, context=platform.context)
    _ = user.session  # opens the platform, so that its faults come first
    return user


def _app_id(asked: str | None, data: LabelledData, sets: list[LabelledData]) -> str:
    if not asked:
        return f"demo-{data.kind}s-{time.strftime('%Y%m%d-%H%M%S')}-{secrets.token_hex(2)}"
    if len(sets) == 1:
        return asked
    alike = [one for one in sets if one.kind == data.kind]
    number = alike.index(data) + 1
    return f"{asked}-{data.kind}s" if number == 1 else f"{asked}-{data.kind}s-{number}"


@contextmanager
def _app(user: Any, data: LabelledData, app_id: str, keep: bool | None) -> Iterator[Any]:
    """Create an app; delete it when something goes wrong, or always, or never, as `keep` says."""
    app = user.create_app(app_id, base_workflow=BASE_WORKFLOWS[data.kind])
    try:
        yield app
    except BaseException as error:  # why: Ctrl-C, too, must leave nothing behind; raised again
        if not keep:
            is_hurried = isinstance(error, KeyboardInterrupt)
            _take_back(user, app_id, HURRIED_SECONDS if is_hurried else None)
        raise
    if keep is False:
        user.delete_app(app_id)


def _take_back(user: Any, app_id: str, seconds: float | None) -> None:
    """Delete an app that nobody wants, and say so; after so many seconds nobody waits for it."""
    said: list[str] = []

    def take_back() -> None:
        try:
            user.delete_app(app_id)
        except ClarifaiError as error:
            said.append(f"The app {app_id!r} was left behind: {error}")
        else:
            said.append(f"The app {app_id!r} was deleted again; --keep leaves it.")

    thread = threading.Thread(target=take_back, daemon=True)
    thread.start()
    with suppress(KeyboardInterrupt):  # why: a second one means now; the first one goes on
        thread.join(seconds)
    no_answer = f"The app {app_id!r} was left behind, as the platform does not answer: delete it."
    say(said[0] if said else no_answer, to=sys.stderr)


def _show(invocation: Invocation, platform: DemoPlatform, found: list[Findings]) -> None:
    output = invocation.output
    if output.form in ("json", "yaml"):
        output.document({"base_url": platform.base_url, "runs": [one.document() for one in found]})
        return
    if output.form != "table":
        output.table(one.document() for one in found)
        return
    for one in found:
        say("")
        for line in one.lines():
            say(line)
    program = five_lines(found[0].data, platform.user_id, platform.base_url)
    say(f"\n{platform.describe()}\n\nFive lines of Python do the same with your data:\n")
    for line in program.splitlines():
        say(f"  {line}".rstrip())

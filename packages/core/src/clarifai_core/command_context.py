"""What a command of the `clarifai` program is given, whoever wrote it.

A click command gets it with `@click.pass_obj`; a function described by `command_arguments.command`
gets it as its first argument. Neither imports the command line for it:

    @command(Argument("greeting"))
    def greet(context: CommandContext, greeting: str) -> None:
        context.output.record({"greeting": greeting, "to": context.settings().user_id})
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from clarifai_core.handles import Handle
    from clarifai_core.settings import Settings

__all__ = ["CommandContext", "CommandOutput"]


class CommandOutput(Protocol):
    """Where a command's results go: data to stdout in the form of `--output`, the rest to stderr.

    An *item* is a mapping, a handle, a message of the platform, or anything that
    `clarifai_core.records.record` makes a row of.
    """

    @property
    def form(self) -> str:
        """Return what `--output` says: table, json, jsonl, yaml, csv or ids."""

    def record(self, item: object, /) -> None:
        """Show one thing.

        Args:
            item: See above.
        """

    def table(
        self,
        items: Iterable[object],
        *,
        empty: str = "",
        id_of: Callable[[Any], str] | None = None,
    ) -> int:
        """Show many things of one kind, at most `--limit`, as they come; returns how many.

        Args:
            items: See above; a pager is asked for no more pages than are shown.
            empty: What to remark when there are none.
            id_of: Makes of an item what `-o ids` prints; None: the column `id`, else the first.
        """

    def done(self, item: object, sentence: str, /) -> None:
        """Tell what was done: the sentence to people, on stderr; the item to programs, on stdout.

        Args:
            item: One thing, or a list of them.
            sentence: Such as `"Deleted the model 'm'."`.
        """

    def streamed(self, items: Iterable[object], show: Callable[[int], None], /) -> int:
        """Do what makes items, and show them to programs as they come; returns how many.

        People are told by a sentence afterwards. Unlike with `table`, all of it is done, whatever
        `--limit` says.

        Args:
            items: Done one by one as they are asked for.
            show: Called with how many are done, as `CommandContext.progress` gives it.
        """

    def report(self, summary: Mapping[str, Any], text: str, /) -> None:
        """Show what became of something, on stdout.

        Args:
            summary: For programs.
            text: For people.
        """

    def document(self, content: object, /) -> None:
        """Show content that is no row, such as a file's; where that needs it, as JSON.

        Args:
            content: Lists, dicts and plain values.
        """

    def remark(self, text: str, /) -> None:
        """Say something to people, on stderr; nothing with `--quiet`.

        Args:
            text: One line, or several.
        """


class CommandContext(Protocol):
    """What every command is given: settings, output, progress, confirmation."""

    @property
    def output(self) -> CommandOutput:
        """Return where results go."""

    @property
    def limit(self) -> int | None:
        """Return what `--limit` says; `output.table` keeps to it by itself."""

    @property
    def command_line(self) -> str:
        """Return the command line that runs, for a remark about running it again."""

    @property
    def is_quiet(self) -> bool:
        """Return whether `--quiet` was given."""

    def settings(self, **arguments: Any) -> Settings:
        """Return the settings that the options, the environment and the context give.

        Args:
            **arguments: Further settings, such as `user_id`; an empty value counts as not given.
        """

    def connection(self, **arguments: Any) -> dict[str, Any]:
        """Return what a handle is made with, to be on the platform that the options name.

        Args:
            **arguments: Further ones, such as `app_id`; those that are empty are left out.
        """

    def place(self, *, app_id: str = "", user_id: str = "") -> Handle:
        """Return a handle for the user and app that a command names, on the platform it names.

        Args:
            app_id: Else that of the settings.
            user_id: Else that of the settings, else whose key it is.
        """

    def find(self, kind: str, name: str, *, app_id: str = "", user_id: str = "") -> Any:
        """Return the message of a thing that exists; as `open`, for kinds without a handle.

        Args:
            kind: As it is registered: `"input"`.
            name: Its id, or its web address.
            app_id: Else that of the settings.
            user_id: Else that of the settings, else whose key it is.
        """

    def open(self, kind: str, name: str, *, app_id: str = "", user_id: str = "") -> Handle:
        """Return the handle of a thing that exists; when it does not, a near one is named.

        Args:
            kind: As it is registered: `"model"`.
            name: Its id, or its web address.
            app_id: Else that of the settings.
            user_id: Else that of the settings, else whose key it is.
        """

    def words(self, given: Iterable[str], /) -> Iterator[str]:
        """Yield arguments; for `-` the lines of stdin, as they come.

        Args:
            given: Ids, paths or URLs.
        """

    def confirm(self, question: str, /) -> None:
        """Ask before something is lost; with `--yes` nobody is asked.

        Args:
            question: Such as `"Delete the app 'zoo' and everything in it?"`.

        Raises:
            UserError: There is no terminal to ask at.
        """

    def progress(
        self, what: str, /, total: int | None = None
    ) -> AbstractContextManager[Callable[[int], None]]:
        """Show how far something is, on stderr, if somebody is looking.

        Args:
            what: Such as `"uploading"`.
            total: Of how many, if that is known.

        Returns:
            Enter it for a function that is called with how many are done.
        """

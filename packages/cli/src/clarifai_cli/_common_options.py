"""The options that the program and every command have, as data: listings of them need no click."""

from __future__ import annotations

HELP_NAMES = ("-h", "--help")

FORMS = ("table", "json", "jsonl", "yaml", "csv", "ids")
"""What `--output` may say: the forms of `_output.Output`."""


class Common:
    """One option.

    Args:
        flags: Its names.
        about: Its line of help.
        name: The field of the `Invocation` that gets its value; empty for the program's own.
        takes: What stands behind it: nothing for a flag, else `text`, `form`, `count`, `context`.
        metavar: What help calls that.
    """

    # No attrs class: `--help` would wait for attrs.
    __slots__ = ("flags", "help", "metavar", "name", "takes")

    def __init__(
        self, *flags: str, about: str, name: str = "", takes: str = "", metavar: str = ""
    ) -> None:
        self.flags, self.help, self.name = flags, about, name
        self.takes, self.metavar = takes, metavar

    @property
    def row(self) -> tuple[str, str]:
        """Return how help shows it, as click does: what to write, and what comes of it."""
        range_ = "  [x>=1]" if self.takes == "count" else ""
        return f"{', '.join(self.flags)} {self.metavar}".rstrip(), f"{self.help}{range_}"


NO_PLUGINS = Common("--no-plugins", about="Import no plugins but our own packages.")
VERSION = Common("--version", about="Show the version and exit.")
HELP = Common(*HELP_NAMES, about="Show this message and exit.")

COMMON = (
    Common(
        "--context",
        name="context",
        takes="context",
        metavar="NAME",
        about="Use the settings of this context.",
    ),
    Common(
        "--base-url",
        name="base_url",
        takes="text",
        metavar="URL",
        about="The platform: https://HOST, or local:DIRECTORY.",
    ),
    Common(
        "-o",
        "--output",
        name="form",
        takes="form",
        metavar="FORM",
        about=f"How to print the result: {', '.join(FORMS)}.",
    ),
    Common("--json", name="as_json", about="The same as -o json."),
    Common("--limit", name="limit", takes="count", metavar="N", about="Show no more than N."),
    Common("-q", "--quiet", name="is_quiet", about="Print results and errors, and nothing else."),
    Common("-y", "--yes", name="says_yes", about="Do not ask before deleting."),
    Common("--debug", name="debug", about="Log everything; show tracebacks."),
)
"""Those of every command."""

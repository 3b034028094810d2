"""Write `docs/commands.md`: every command of the program with its options, and the official verbs.

It is read from the commands that the installed packages register, as `clarifai --help` is:

    uv run python -m tools.command_reference           # write it
    uv run python -m tools.command_reference --check   # end with 1 if it is not as it should be
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click

from clarifai_cli._frame import program
from clarifai_cli._options import CommonOption
from tools.official_verbs import ABSENT, VERBS, VERSION
from tools.wheels import ROOT

PAGE = ROOT / "docs" / "commands.md"

_HEAD = """# The commands

*Written by `python -m tools.command_reference` from the commands themselves; a test compares it.*

Data goes to stdout and everything else to stderr, so that another program can read any command. The
exit code is 0 when all went well, 2 for a mistake of yours (nothing was sent), 1 when something
failed, and 130 after Ctrl-C. `NO_COLOR` and the width of the terminal are kept to. An argument `-`
reads ids, paths or addresses from stdin, one a line:

```console
$ clarifai search --concept blurry --all -o ids | clarifai input delete - --yes
```

[job-at-the-prompt.md](job-at-the-prompt.md) shows a whole job. Commands are added by plugins:
[plugins.md](plugins.md#clarifai_register_commands); a kind of resource of theirs has the verbs
list, show, create, update and delete as ours have.

## Options of every command

They may stand before and behind the verb.

"""

_FORMS = """
| form of `-o` | what is printed |
|---|---|
| `table` | columns for people; those in which no row says anything are left out, on a terminal \
those with no room, too, which stderr names; on a very narrow one each row is a block |
| `json`, `yaml` | one document: a list, or one thing |
| `jsonl` | a JSON object for each thing, as they come |
| `csv` | all columns, as rows come |
| `ids` | the id of each thing, as they come: what `-` of the next command reads |
"""


def page() -> str:
    """Return the page."""
    parts = [_HEAD + "\n".join(_common()), _FORMS]
    # With its settings: click keeps the help option of a command as it was first asked for.
    ctx = click.Context(program, info_name="clarifai", **program.context_settings)
    for name in program.list_commands(ctx):
        command = program.get_command(ctx, name)
        if command is not None:
            parts.append("\n".join(_section(command, name, ctx)))
    parts.append("\n".join(_official()))
    return "\n".join(part.rstrip() + "\n" for part in parts)


def _common() -> Iterator[str]:
    yield "| option | what it does |"
    yield "|---|---|"
    for one in program.params:
        if isinstance(one, CommonOption):
            yield _row(one)
    yield "| `-h, --help` | Show what a command does, and its options. |"


def _section(command: click.Command, name: str, parent: click.Context) -> Iterator[str]:
    ctx = click.Context(command, info_name=name, parent=parent)
    if isinstance(command, click.Group) and command.list_commands(ctx):
        yield f"## `{ctx.command_path}`\n"
        if command.invoke_without_command:
            yield f"{command.help}\n"
        for nested in command.list_commands(ctx):
            found = command.get_command(ctx, nested)
            if found is not None:
                yield from _command(found, nested, ctx, "###")
    else:
        yield from _command(command, name, parent, "##")


def _command(command: click.Command, name: str, parent: click.Context, mark: str) -> Iterator[str]:
    ctx = click.Context(command, info_name=name, parent=parent)
    own = [one for one in command.params if not isinstance(one, CommonOption)]
    arguments = [one.make_metavar(ctx) for one in own if isinstance(one, click.Argument)]
    yield f"{mark} `{' '.join([ctx.command_path, *arguments])}`\n"
    yield f"{_prose(command.help or '')}\n"
    options = [one for one in own if isinstance(one, click.Option)]
    if options:
        yield "| option | what it does |"
        yield "|---|---|"
        yield from map(_row, options)
        yield ""


def _prose(text: str) -> str:
    return "\n".join(line.rstrip() for line in text.replace("\b", "").strip().splitlines())


def _row(option: click.Option) -> str:
    flags = ", ".join(option.opts)
    if option.secondary_opts:
        flags += f" / {', '.join(option.secondary_opts)}"
    value = "" if option.is_flag else f" {_value(option)}"
    more = " Required." if option.required else ""
    default = option.default
    if option.show_default and not option.is_flag and default not in (None, ""):
        more += f" By default {default}."
    text = (option.help or "").replace("|", "\\|")
    return f"| `{flags}{value}` | {text}{more} |".replace("  ", " ")


def _value(option: click.Option) -> str:
    if isinstance(option.type, click.Choice) and not isinstance(option, CommonOption):
        return "\\|".join(map(str, option.type.choices))
    return (option.metavar or option.type.name.upper()).replace("|", "\\|")


def _official() -> Iterator[str]:
    yield "## The verbs of the official command line, and ours\n"
    yield (
        f"Of `clarifai` {VERSION}, as its `--help` names them: {len(VERBS)} verbs. "
        f"{sum(1 for ours in VERBS.values() if ours not in ABSENT)} have one here.\n"
    )
    yield "| official | ours |"
    yield "|---|---|"
    for verb, ours in VERBS.items():
        yield f"| `{verb}` | {ABSENT.get(ours) or f'`clarifai {ours}`'} |"


def main() -> int:
    """Write the page, or compare it with `--check`, and return the exit code."""
    made = page()
    if "--check" not in sys.argv[1:]:
        PAGE.write_text(made, "utf-8")
        return 0
    if PAGE.is_file() and PAGE.read_text("utf-8") == made:
        return 0
    sys.stderr.write(f"{PAGE} is not as it should be: python -m tools.command_reference\n")
    return 1


if __name__ == "__main__":
    raise SystemExit(main())

"""The prompt as its surroundings have it: terminals, pipes, shells, missing packages."""

from __future__ import annotations

import io
import os
import pty
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from clarifai_cli import _entries
from clarifai_cli._frame import Program, program
from clarifai_cli._output import Output
from clarifai_cli._tables import LOOKED_AT, lines_of, narrowed
from clarifai_cli._verbs import HELPS
from clarifai_core.command_arguments import Argument, Option, command
from clarifai_core.contracts import CommandSpec, ResourceSpec
from clarifai_core.transport.session import close_sessions
from clarifai_resources.user import User
from tests.cli.world import run


class Terminal(io.StringIO):
    def isatty(self):
        return True


ROWS = [{"id": f"number-{n}", "text": "long " * 40, "empty": ""} for n in range(3)]


@pytest.mark.parametrize("width", [40, 60, 200])
def test_a_table_keeps_to_the_width_of_the_terminal(width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    lines = list(lines_of(ROWS, Terminal()))
    assert max(map(len, lines)) <= width
    assert "number-2" in lines[-1]
    assert ("…" in lines[-1]) == (width < 200 + 10)


LISTED = [
    {
        "id": f"flowers-{n}",
        "name": f"Flowers of the garden {n}",
        "user_id": "ann",
        "visibility": "PRIVATE",
        "description": "What grew there " * (n + 1),
        "default_workflow_id": "Universal",
        "created_at": f"2026-11-29 19:23:0{n}",
        "modified_at": f"2026-11-30 19:23:0{n}",
    }
    for n in range(3)
]


def on_terminal(rows, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("NO_COLOR", "1")
    remarks = []
    lines = list(lines_of(rows, Terminal(), remarks.append))
    assert max(map(len, lines)) <= width
    return lines, " ".join(remarks)


def test_on_a_wide_terminal_all_columns_are_shown_and_nothing_is_said(monkeypatch):
    lines, said = on_terminal(LISTED, 200, monkeypatch)
    assert lines[0].split() == list(LISTED[0])
    assert said == ""


def test_what_all_rows_say_is_left_out_first_and_said_once(monkeypatch):
    lines, said = on_terminal(LISTED, 80, monkeypatch)
    heading = ["id", "name", "visibility", "description", "created_at", "modified_at"]
    assert lines[0].split() == heading
    assert said == "In every row: user_id ann, default_workflow_id Universal."


def test_then_the_last_columns_are_left_out_and_named(monkeypatch):
    lines, said = on_terminal(LISTED, 40, monkeypatch)
    assert lines[0].split() == ["id", "name", "description"]
    assert [line[:9] for line in lines[1:]] == ["flowers-0", "flowers-1", "flowers-2"]
    assert said.endswith(
        "No room for: created_at, modified_at (a wider terminal or -o csv shows them)."
    )


@pytest.mark.parametrize(("width", "length"), [(30, 7), (40, 17)])
def test_where_hardly_a_column_has_room_each_row_is_a_block(width, length, monkeypatch):
    ids = [str(n) * length for n in range(3)]
    rows = [{**row, "id": one} for row, one in zip(LISTED, ids, strict=True)]
    lines, said = on_terminal(rows, width, monkeypatch)
    blocks = "\n".join(lines).split("\n\n")
    assert [block.splitlines()[0].split() for block in blocks] == [["id", one] for one in ids]
    assert all("modified_at" in block for block in blocks)
    assert said == ""


def test_the_figures_of_one_evaluation_are_shown_before_what_was_asked_for(monkeypatch):
    names = ("id", "user_id", "app_id", "model_id", "model_version_id", "dataset_id", "status")
    texts = ("e" * 32, "ann", "zoo", "m", "v" * 32, "train", "MODEL_EVALUATED")
    row = dict(zip(names, texts, strict=True))
    lines, said = on_terminal([{**row, "accuracy": 0.5, "roc_auc": 0.75}], 80, monkeypatch)
    assert lines[0].split() == ["id", "model_id", "dataset_id", "status", "accuracy"]
    assert said.startswith("No room for: user_id, app_id, model_version_id, roc_auc")


def test_of_many_rows_nothing_is_said_of_all_since_not_all_were_seen(monkeypatch):
    many = [{**LISTED[0], "id": f"flowers-{n}"} for n in range(LOOKED_AT)]
    _, said = on_terminal([*many, {**LISTED[0], "visibility": "PUBLIC"}], 60, monkeypatch)
    assert said.startswith("No room for: user_id, default_workflow_id, created_at, modi")


def test_the_remark_of_columns_is_no_part_of_the_result(monkeypatch, capsys):
    monkeypatch.setenv("COLUMNS", "80")
    shown = Terminal()
    assert Output(stream=shown).table(LISTED) == 3
    assert "In every row" in capsys.readouterr().err
    assert "In every row" not in shown.getvalue()
    assert Output(stream=Terminal(), is_quiet=True).table(LISTED) == 3
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("form", ["json", "jsonl", "yaml", "csv", "ids"])
def test_other_forms_know_no_width(form, monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    narrow, wide = Terminal(), io.StringIO()
    Output(form, stream=narrow).table(LISTED)
    Output(form, stream=wide).table(LISTED)
    assert narrow.getvalue() == wide.getvalue()


def test_in_a_pipe_nothing_is_cut():
    lines = list(lines_of(ROWS, io.StringIO()))
    assert lines[1].endswith("long")
    assert lines[0].split() == ["id", "text"]


@pytest.mark.parametrize(("no_color", "bold"), [("", True), ("1", False)])
def test_the_heading_is_bold_unless_no_color_says_no(no_color, bold, monkeypatch):
    monkeypatch.setenv("NO_COLOR", no_color)
    heading = next(iter(lines_of(ROWS, Terminal())))
    assert heading.startswith("\x1b[1m") == bold
    assert "\x1b" not in next(iter(lines_of(ROWS, io.StringIO())))


def test_columns_never_become_less_than_can_be_read():
    assert narrowed([100, 100, 3], 20) == [8, 8, 3]


def test_rows_are_printed_as_they_come():
    stream, seen = io.StringIO(), []

    def rows():
        for number in range(3):
            seen.append(stream.getvalue().count("\n"))
            yield {"id": str(number)}

    for form, before in (("ids", [0, 1, 2]), ("jsonl", [0, 1, 2]), ("csv", [0, 2, 3])):
        stream.truncate(0), stream.seek(0), seen.clear()
        Output(form, stream=stream).table(rows())
        assert seen == before


def test_a_limit_asks_for_no_more_than_it_shows():
    asked = []

    def rows():
        for number in range(100):
            asked.append(number)
            yield {"id": str(number)}

    Output("ids", 3, stream=io.StringIO()).table(rows())
    assert asked == [0, 1, 2]


@pytest.fixture
def platform(monkeypatch, tmp_path):
    base_url = f"local:{tmp_path / 'p'}"
    app = User("me", base_url=base_url).create_app("zoo")
    inputs = app.inputs()
    inputs.upload_inputs([inputs.get_text_input(one, one) for one in ("cat", "dog", "rat")])
    for name, value in {"API_BASE": base_url, "USER_ID": "me", "APP_ID": "zoo"}.items():
        monkeypatch.setenv(f"CLARIFAI_{name}", value)
    monkeypatch.chdir(tmp_path)
    yield base_url
    close_sessions()


def test_ids_go_from_one_command_into_another(platform):
    listed = run(["input", "list", "-o", "ids", "--limit", "2"])
    done = run(["input", "delete", "-", "--yes"], listed.out)
    assert (done.code, done.out) == (0, "")
    assert len(run(["input", "list", "-o", "ids"]).out.splitlines()) == 1
    none = run(["input", "delete", "-", "--yes"], "\n\n")
    assert (none.code, "Nothing to delete" in none.err) == (0, True)


def test_paths_come_from_a_pipe(platform, tmp_path):
    for name in ("one", "two"):
        (tmp_path / f"{name}.txt").write_text(name)
    done = run(["input", "upload", "-", "-o", "ids"], "one.txt\ntwo.txt\n")
    assert (done.code, done.out.split()) == (0, ["one", "two"])
    shown = run(["input", "show", "two", "-o", "ids"])
    assert shown.out == "two\n"


def test_what_is_gone_is_told_and_the_rest_is_deleted(platform):
    done = run(["input", "delete", "cat", "gone", "--yes", "-o", "ids"])
    assert (done.code, done.out) == (1, "cat\n")
    assert "There is no input 'gone'" in done.err
    assert "Deleted the input 'cat'" in done.err
    assert run(["input", "list", "-o", "ids"]).out.split() == ["rat", "dog"]


def test_a_listing_can_be_cut_off_by_its_reader(platform):
    close_sessions()
    script = "from clarifai_cli.main import main; import sys; sys.exit(main())"
    listing = [sys.executable, "-c", script, "input", "list", "-o", "ids"]
    with subprocess.Popen(listing, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        said = process.stderr.read().decode()
    assert said == ""


def test_at_a_terminal_a_deletion_is_asked_for(platform):
    master, slave = pty.openpty()
    script = "from clarifai_cli.main import main; import sys; sys.exit(main())"
    close_sessions()
    with subprocess.Popen(
        [sys.executable, "-c", script, "app", "delete", "zoo"],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
    ) as process:  # fmt: skip
        os.close(slave)
        said = b""
        while b"[y/N]" not in said:
            said += os.read(master, 1024)
        os.write(master, b"n\n")
        assert process.wait(timeout=60) == 1
    os.close(master)
    assert b"Delete the app 'zoo' and everything in it" in said
    assert run(["app", "list", "-o", "ids"]).out == "zoo\n"


# Shells


def completed(line: str, monkeypatch, capsys) -> list[str]:
    from clarifai_cli._completion import complete

    words = line.split(" ")
    monkeypatch.setenv("_CLARIFAI_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", line)
    monkeypatch.setenv("COMP_CWORD", str(len(words) - 1))
    assert complete() == 0
    return [one.partition(",")[2] for one in capsys.readouterr().out.split()]


@pytest.mark.parametrize(
    ("line", "proposed"),
    [
        ("clarifai ap", ["app"]),
        ("clarifai app sh", ["show"]),
        ("clarifai app list --contex", ["--context"]),
        ("clarifai app list -o js", ["json", "jsonl"]),
        ("clarifai app show z", ["zoo"]),
        ("clarifai input show d", ["dog"]),
        ("clarifai input delete cat r", ["rat"]),
        ("clarifai input list --app-id z", ["zoo"]),
        ("clarifai app delete nothing-is-called-so", []),
        ("clarifai --base-url nowhere:x app show z", []),
    ],
)
def test_the_shell_completes_verbs_options_values_and_ids(
    line, proposed, platform, monkeypatch, capsys
):
    assert completed(line, monkeypatch, capsys) == proposed


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_is_printed_and_installed_once(shell, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    shown = run(["completion", shell])
    assert (shown.code, "_CLARIFAI_COMPLETE" in shown.out) == (0, True)
    first, second = (run(["completion", "install", shell]) for _ in range(2))
    assert (first.code, second.code) == (0, 0)
    assert "already" in second.err
    (file,) = (one for one in tmp_path.rglob("*") if one.is_file())
    assert file.read_text().count("clarifai completion") == 2  # the line, and its mark


# Packages


@pytest.mark.parametrize("module", ["clarifai", "clarifai_cli"])
def test_the_program_is_a_module_too(module, platform):
    close_sessions()
    done = subprocess.run(
        [sys.executable, "-m", module, "app", "list", "-o", "ids"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "zoo\n"


# Third parties


@command(Argument("name"), Option("--loud", "Shout.", kind="flag"))
def greet(context, name: str, loud: bool) -> int:
    """Greet NAME.

    Args:
        context: The command's.
        name: Whom.
        loud: How.
    """
    context.output.record({"id": name, "words": f"Hello, {name}".upper() if loud else "Hello"})
    return 3


@click.command()
@click.option("--limit", default=7)
@click.option("-o", "--out", default="")
@click.pass_obj
def own(context, limit: int, out: str) -> None:
    """Do things, with options of its own."""
    context.output.record({"limit": limit, "out": out, "quiet": context.is_quiet})


@pytest.fixture
def theirs() -> Program:
    here = "tests.cli.test_prompt"
    specs = [CommandSpec("greet", f"{here}:greet"), CommandSpec("own", f"{here}:own")]
    return Program("clarifai", table=lambda: _entries.arrange(specs))


def test_a_command_of_a_third_party_needs_no_click_and_has_the_common_options(theirs):
    done = CliRunner().invoke(theirs, ["greet", "Ann", "--loud", "-o", "csv"])
    assert (done.exit_code, done.stdout) == (3, 'id,words\nAnn,"HELLO, ANN"\n')
    shown = CliRunner().invoke(theirs, ["greet", "-h"]).stdout
    assert "Greet NAME." in shown
    assert "Args:" not in shown
    assert "--context" in shown


def test_what_a_command_calls_its_own_stays_its_own(theirs):
    done = CliRunner().invoke(theirs, ["own", "--limit", "3", "-o", "x", "--output", "ids", "-q"])
    assert done.exit_code == 0, done.output
    assert done.stdout == "3\n"


def test_a_kind_of_a_third_party_has_verbs():
    spec = ResourceSpec("wing", "m:Wing", "Wings", "m:WING", tuple(HELPS), ("description",))
    entries = _entries.of_kinds({}, [spec])
    assert list(entries["wing"].nested) == ["list", "show", "create", "update", "delete"]
    assert entries["wing"].help == "Wings: list, show, create, update, delete."
    assert program.list_commands(click.Context(program)) == sorted(_entries.registered())


@pytest.mark.parametrize(
    "line", ["app list", "input upload", "model train", "dataset upload", "search", "local up"]
)
def test_the_help_of_a_verb_imports_nothing_heavy(line):
    code = (
        "import sys; from clarifai_cli.main import main; main([*sys.argv[1:], '-h']);"
        "print(sorted({n.partition('.')[0] for n in sys.modules}"
        " & {'grpc', 'google', 'numpy', 'yaml', 'rich', 'httpx'}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *line.split()], capture_output=True, text=True, check=True
    )
    assert done.stderr == "[]\n"

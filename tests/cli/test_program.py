"""The program itself: version, help, exit codes, and one sentence for every error."""

from __future__ import annotations

import json
import signal
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

import clarifai
from clarifai_cli import _front_page
from clarifai_cli._entries import arrange
from clarifai_cli._frame import Program, program
from clarifai_cli.main import main
from clarifai_core.contracts import CommandSpec
from clarifai_core.errors import ApiClientError, ApiError, PluginError, UserError

HEAVY = ("click", "rich", "yaml", "grpc", "pluggy", "attrs", "numpy", "google.protobuf")


def test_version_is_that_of_the_sdk_and_loads_nothing_heavy(shell):
    code = (
        "import sys; from clarifai_cli.main import main; code = main(['--version']);"
        f"print(code, sorted(set(sys.modules) & set({HEAVY!r})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    version, loaded = done.stdout.splitlines()
    assert version == f"clarifai {clarifai.__version__}"
    assert loaded == "0 []"


def test_version_and_help_in_any_company(shell):
    plain = shell()
    assert plain.run("--version").stdout == plain.run("--debug", "--version").stdout
    shown = plain.run("--help")
    assert shown.returncode == 0
    for line in ("doctor", "login", "Upload, train, evaluate, predict, search."):
        assert line in shown.stdout


@pytest.mark.parametrize("columns", [*range(20, 125, 7), 200])
def test_the_first_help_is_laid_out_as_click_does(columns, monkeypatch, capsys):
    """It is written without click; click writes the same page behind any other option."""
    monkeypatch.setenv("COLUMNS", str(columns))
    pages = []
    for arguments in (["--help"], ["-h"], ["--quiet", "--help"]):
        assert main(arguments) == 0
        pages.append(capsys.readouterr().out)
    assert pages == [pages[0]] * 3
    assert "demo" in pages[0]


def test_the_first_help_with_commands_of_others(monkeypatch, capsys):
    about = {
        "a": "",
        "a-very-long-word-of-thirty-one-ch": "Its help.",
        "w": "word " * 40,
        "u": "x" * 90,
    }
    specs = [CommandSpec(name, "m:c", help=text) for name, text in about.items()]
    monkeypatch.setattr(_front_page, "registered", lambda: arrange(specs))
    shown = _front_page.page(82)  # click takes the width of the text, not of the terminal
    monkeypatch.setattr(program, "_table", lambda: arrange(specs))
    assert shown == CliRunner().invoke(program, ["--help"], terminal_width=80).output.rstrip()
    assert len(shown.splitlines()) > 20


def test_the_first_help_says_in_a_sentence_that_it_fails(monkeypatch, capsys):
    def fail():
        raise PluginError("The plugin 'x' is broken.")

    monkeypatch.setattr(_front_page, "registered", fail)
    assert main(["--help"]) == 2
    assert capsys.readouterr().err == "Error: The plugin 'x' is broken.\n"


def test_help_imports_no_command_and_nothing_heavy(shell):
    code = (
        "import sys; from clarifai_cli.main import main; main(['--help']);"
        "print([n for n in sys.modules if n.split('.')[0] in ('rich', 'yaml', 'grpc', 'numpy')"
        " or n.startswith('clarifai_cli._commands.')], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["nope"], "Error: No such command 'nope'. See: clarifai --help"),
        (["whoami", "--nope"], "Error: No such option '--nope'. See: clarifai whoami --help"),
        (["config", "use"], "Error: Missing argument 'NAME'. See: clarifai config use --help"),
        (["whoami", "--base-url", "ftp://x"], "--base-url must look like 'https://host[:port]'"),
        (["--context", "gone", "whoami"], "No context 'gone' in"),
        (["--base-url", "nowhere:x", "doctor"], "no plugin opens 'nowhere:'"),
    ],
)
def test_a_mistake_of_the_user_is_one_sentence_and_exit_code_2(shell, arguments, sentence):
    done = shell().run(*arguments)
    assert done.returncode == 2
    assert sentence in done.stderr
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("option", ["--pat", "--token"])
def test_a_key_on_the_command_line_is_refused_and_not_repeated(shell, option):
    done = shell().run("whoami", option, "k3y")
    assert done.returncode == 2
    assert "Keys never go on a command line: set CLARIFAI_PAT" in done.stderr
    assert "k3y" not in done.stderr + done.stdout


FAILURES = {
    "mistake": UserError("The colour must be red, got 'blue'."),
    "refusal": ApiError("GetApp", description="No", code=11102),
    "silence": ApiClientError("GetApp: no answer."),
    "defect": ZeroDivisionError("division by zero"),
    "no": click.Abort(),
}


@pytest.fixture
def failing(monkeypatch) -> Program:
    """A program whose commands fail, each in its way."""
    made = Program("clarifai", table=dict)
    for name, error in FAILURES.items():
        made.add_command(click.command(name)(_raiser(error)))
    return made


def _raiser(error: Exception):
    def run() -> None:
        raise error

    return run


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("mistake", 2, "Error: The colour must be red, got 'blue'.\n"),
        ("refusal", 1, "Error: GetApp failed: No [11102].\n"),
        ("silence", 1, "Error: GetApp: no answer.\n"),
        ("no", 1, "Aborted.\n"),
    ],
)
def test_an_error_has_its_exit_code(failing, name, code, text):
    result = CliRunner().invoke(failing, [name])
    assert (result.exit_code, result.output) == (code, text)


def test_a_defect_of_ours_shows_its_traceback_only_with_debug(failing):
    quiet = CliRunner().invoke(failing, ["defect"])
    assert quiet.exit_code == 1
    assert "unexpected ZeroDivisionError: division by zero" in quiet.output
    assert "Traceback" not in quiet.output
    loud = CliRunner().invoke(failing, ["defect", "--debug"])
    assert "Traceback" in loud.output
    assert "in _raiser" in loud.output or "in run" in loud.output


def test_a_group_is_made_of_the_specs_of_its_commands():
    hello = CommandSpec("acme hello", "tests.cli.hello:hello", "Greet.")
    made = Program("clarifai", table=lambda: arrange([hello]))
    shown = CliRunner().invoke(made, ["--help"])
    assert "Commands: hello." in shown.output
    nested = CliRunner().invoke(made, ["acme", "--help"])
    assert "Greet." in nested.output


def test_a_command_that_cannot_be_imported_harms_itself_only():
    gone = CommandSpec("gone", "no.such.module:gone", "It is gone.")
    text = CommandSpec("text", "json:__name__", "It is no command.")
    made = Program("clarifai", table=lambda: arrange([gone, text]))
    assert "It is gone." in CliRunner().invoke(made, ["--help"]).output
    result = CliRunner().invoke(made, ["gone"])
    assert result.exit_code == 2
    assert "The command 'gone' cannot be imported: ModuleNotFoundError" in result.output
    assert "is no click command" in CliRunner().invoke(made, ["text"]).output


def test_ctrl_c_ends_with_130_and_one_word():
    waiting = (
        "import signal, sys, click; from clarifai_cli._frame import program\n"
        # Behind a `&` of a script SIGINT is ignored, and children inherit that.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "@program.command()\n"
        "def wait():\n"
        "    click.echo('waiting'); sys.stdout.flush(); sys.stdin.read()\n"
        "sys.exit(program.run(['wait']))"
    )
    with subprocess.Popen(
        [sys.executable, "-c", waiting],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "waiting\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors.strip()) == (130, "Interrupted.")


def test_json_is_one_document_wherever_the_option_stands(shell):
    plain = shell()
    before = plain.run("--json", "whoami")
    after = plain.run("whoami", "--json")
    assert json.loads(before.stdout) == json.loads(after.stdout)
    assert json.loads(before.stdout)["base_url"] == "https://api.clarifai.com:443"


def test_the_program_can_be_called_from_python():
    assert program.run(["config", "--help"]) == 0

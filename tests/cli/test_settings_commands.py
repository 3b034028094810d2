"""`clarifai login`, `config` and `whoami`: keys go in, and never come out."""

from __future__ import annotations

import json
import os
import pty
import stat
import subprocess
import sys

import pytest

from tests.cli.conftest import PAT


@pytest.fixture
def shell(shell_here):
    return shell_here


def login(shell, *arguments, pat=PAT):
    return shell.run("login", *arguments, stdin=f"{pat}\n")


def test_login_stores_the_key_for_its_owner_only_and_never_shows_it(shell):
    plain = shell()
    done = login(plain, "--user-id", "ann")
    assert done.returncode == 0, done.stderr
    assert "context 'default'" in done.stderr
    assert not done.stdout
    assert PAT not in done.stdout + done.stderr
    assert PAT in plain.contexts.read_text()
    assert stat.S_IMODE(plain.contexts.stat().st_mode) == 0o600
    shown = plain.run("whoami")
    assert shown.stdout.splitlines() == [
        "base_url  https://api.clarifai.com:443",
        "user_id   ann",
        "app_id",
        "key       pat",
    ]


def test_on_a_terminal_the_key_is_asked_for_and_not_echoed(shell):
    plain = shell()
    master, slave = pty.openpty()
    code = "import sys; from clarifai_cli.main import main; sys.exit(main())"
    with subprocess.Popen(
        [sys.executable, "-c", code, "login"],
        env=plain.environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    ) as process:
        os.close(slave)
        said = read_until(master, b": ")
        os.write(master, f"{PAT}\n".encode())
        said += read_until(master, b"contexts.yaml.")
        assert process.wait(timeout=60) == 0
    os.close(master)
    assert b"PAT for api.clarifai.com" in said
    assert PAT.encode() not in said
    assert PAT in plain.contexts.read_text()


def read_until(terminal: int, end: bytes) -> bytes:
    said = b""
    while end not in said:
        said += os.read(terminal, 1024)
    return said


@pytest.mark.parametrize("pat", ["", "two words", "käse"])
def test_what_is_no_key_is_refused_and_nothing_is_stored(shell, pat):
    plain = shell()
    done = login(plain, pat=pat)
    assert done.returncode == 2
    assert "copy it again from the account's security settings" in done.stderr
    assert not plain.contexts.exists()


def test_an_embedded_platform_needs_no_login(shell):
    done = login(shell(), "--base-url", "local:")
    assert done.returncode == 2
    assert "'local:' needs no key" in done.stderr


def test_contexts_are_listed_shown_and_chosen(shell):
    plain = shell()
    assert "`clarifai login` makes one" in plain.run("config", "list").stderr
    login(plain, "--context", "work", "--user-id", "ann")
    login(plain, "--context", "home", "--base-url", "localhost:9000", "--session-token")
    listed = json.loads(plain.run("config", "list", "--json").stdout)
    assert [(row["name"], row["current"], row["key"]) for row in listed] == [
        ("work", False, "pat"),
        ("home", True, "token"),
    ]
    assert plain.run("config", "use", "work").returncode == 0
    shown = plain.run("config", "show")
    assert "context   work" in shown.stdout
    assert "pat       ***" in shown.stdout
    assert PAT not in shown.stdout
    gone = plain.run("config", "use", "gone")
    assert gone.returncode == 2
    assert "No context 'gone'" in gone.stderr
    assert "home, work" in gone.stderr


def test_config_show_without_a_context_names_the_remedy(shell):
    done = shell().run("config", "show")
    assert done.returncode == 2
    assert "run `clarifai login`" in done.stderr


def test_whoami_explains_where_each_value_comes_from(shell):
    plain = shell()
    login(plain, "--context", "work", "--user-id", "ann", "--app-id", "zoo")
    other = shell(CLARIFAI_PAT="0therk3y", CLARIFAI_APP_ID="farm")
    rows = json.loads(other.run("whoami", "--explain", "--json").stdout)
    assert {row["setting"]: (row["value"], row["source"]) for row in rows} == {
        "base_url": ("https://api.clarifai.com:443", "context work"),
        "user_id": ("ann", "context work"),
        "app_id": ("farm", "environment CLARIFAI_APP_ID"),
        "pat": ("***", "environment CLARIFAI_PAT"),
    }
    chosen = json.loads(other.run("--context", "work", "whoami", "--explain", "--json").stdout)
    assert ("app_id", "context work") in {(row["setting"], row["source"]) for row in chosen}


def test_whoami_without_a_key_names_the_remedy(shell):
    done = shell().run("whoami")
    assert done.returncode == 0
    assert "none: set CLARIFAI_PAT or run `clarifai login`" in done.stdout


def test_a_contexts_file_that_is_no_yaml_is_named(shell):
    plain = shell()
    plain.contexts.parent.mkdir()
    plain.contexts.write_text("a: [")
    done = plain.run("config", "list")
    assert done.returncode == 2
    assert f"The contexts file {plain.contexts} is not YAML" in done.stderr

"""What comes from outside neither moves the cursor, nor ends a command, nor tells a secret."""

from __future__ import annotations

import json

import pytest

from clarifai_cli._output import Output
from clarifai_cli._tables import plain_table
from tests.cli.conftest import PAT

WILD = "a\x1b[2J\x9b31m\u202eb\udc80\r\x07"
SHOWN = r"a\x1b[2J\x9b31m\u202eb\udc80\r\x07"
PROXY = "http://me:s3cr3t-pw@127.0.0.1:9"


def printed(capsys):
    found = capsys.readouterr()
    text = found.out + found.err
    text.encode("utf-8")
    return text


def test_tables_records_and_remarks_show_control_characters(capsys):
    output = Output()
    output.table([{"name": WILD, "list": [WILD, "b\nc"]}])
    output.record({"name": WILD})
    output.remark(f"{WILD}\nnext line")
    text = printed(capsys)
    assert text.count(SHOWN) == 4
    assert r"b\nc" in text
    assert "\nnext line" in text
    assert text.replace("\n", "").isprintable()


def test_json_says_exactly_what_there_is(capsys):
    Output("json").document({"name": WILD})
    assert json.loads(printed(capsys)) == {"name": WILD}


def test_columns_are_as_wide_as_what_is_shown():
    lines = list(plain_table([{"a": "\x1b", "b": "x"}, {"a": "four", "b": "y"}]))
    assert lines == ["a     b", r"\x1b  x", "four  y"]


@pytest.mark.parametrize(
    "arguments",
    [["whoami"], ["whoami", "--explain"], ["doctor"], ["config", "show"], ["config", "list"]],
)
def test_settings_from_outside_are_shown_escaped(shell, arguments):
    made = shell(CLARIFAI_USER_ID="a\x1b[2Jb", CLARIFAI_API_BASE="http://127.0.0.1:9")
    made.run("login", "--user-id", "x\u202ey\x1b", "--context", "work", stdin=f"{PAT}\n")
    done = made.run(*arguments)
    text = done.stdout + done.stderr
    assert "Traceback" not in text
    assert text.replace("\n", "").isprintable()
    assert PAT not in text


@pytest.mark.parametrize("variable", ["http_proxy", "HTTPS_PROXY", "ALL_PROXY", "grpc_proxy"])
@pytest.mark.parametrize("debug", [[], ["--debug"]])
def test_the_doctor_tells_no_password_of_a_proxy(shell, variable, debug):
    scheme = "https" if variable == "HTTPS_PROXY" else "http"
    made = shell(
        **{variable: PROXY},
        CLARIFAI_API_BASE=f"{scheme}://platform.invalid",
        CLARIFAI_PAT=PAT,
        CLARIFAI_USER_ID="me",
        CLARIFAI_TIMEOUT_SECONDS="3",
    )
    done = made.run(*debug, "doctor")
    text = done.stdout + done.stderr
    assert done.returncode == 1
    assert "s3cr3t" not in text
    assert PAT not in text


@pytest.mark.parametrize(
    "arguments",
    [
        ["login", "0123abcd4567ef890123abcd4567ef89"],
        ["0123abcd4567ef890123abcd4567ef89"],
        ["whoami", "--context", "0123abcd4567ef890123abcd4567ef89"],
        ["whoami", "--base-url", "0123abcd4567ef890123abcd4567ef89"],
        ["whoami", "--base-url", "https://0123abcd4567ef890123abcd4567ef89@host"],
        ["--debug", "whoami", "--base-url", "https://host/0123abcd4567ef890123abcd4567ef89"],
        ["config", "use", "0123abcd4567ef890123abcd4567ef89"],
        ["login", "--pat=0123abcd4567ef890123abcd4567ef89"],
        ["login", "--context", "a b 0123abcd4567ef890123abcd4567ef89"],
    ],
)
def test_a_key_on_the_command_line_is_not_repeated(shell, arguments):
    done = shell().run(*arguments)
    assert done.returncode == 2
    assert "0123abcd4567ef89" not in done.stdout + done.stderr


def test_a_whole_run_at_debug_tells_no_secret(shell, tmp_path):
    from clarifai.client.user import User
    from clarifai_local.platform import Platform

    (tmp_path / "x.jsonl").write_text('{"id": "x1", "text": "one"}\n{"id": "x2", "text": ""}\n')
    with Platform(tmp_path / "platform") as platform, platform.serve(0) as server:
        User("me", base_url=server.base_url, pat=server.pat).create_app("a").create_dataset("d")
        made = shell(
            CLARIFAI_API_BASE=server.base_url,
            CLARIFAI_PAT=server.pat,
            CLARIFAI_USER_ID="me",
            CLARIFAI_APP_ID="a",
            CLARIFAI_STATE_DIR=str(tmp_path / "state"),
        )
        for arguments in (
            ["doctor"],
            ["dataset", "upload", "x.jsonl", "--dataset-id", "d"],
            ["dataset", "export", "out.zip", "--dataset-id", "d"],
            ["dataset", "upload", "gone.jsonl", "--dataset-id", "d"],
            ["dataset", "export", "other.zip", "--dataset-id", "gone"],
        ):
            done = made.run("--debug", *arguments)
            text = done.stdout + done.stderr
            assert "DEBUG" in text or "gone.jsonl" in text
            assert server.pat not in text
            assert "signature=" not in text

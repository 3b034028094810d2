"""`clarifai local up | status | reset`."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from click.testing import CliRunner

from clarifai_local import Platform, _commands, plugin

_UP = "from clarifai_local import _commands; _commands.up(standalone_mode=True)"


def run(command, *arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def test_every_announced_command_is_one():
    for spec in plugin.clarifai_register_commands():
        assert spec.load().help, spec.name


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_up_prints_what_the_shell_needs_and_stops_on_a_signal(tmp_path, number):
    with subprocess.Popen(
        [sys.executable, "-c", _UP, "--path", str(tmp_path), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        lines: list[str] = []
        while not lines or "Ctrl-C" not in lines[-1]:
            line = process.stdout.readline()
            assert line, process.stderr and process.stderr.read()
            lines.append(line.rstrip())
        said = "\n".join(lines)
        assert f'CLARIFAI_PAT="$(cat "{tmp_path / "pat"}")"' in said
        assert "export CLARIFAI_API_BASE=http://127.0.0.1:" in said
        assert (tmp_path / "pat").read_text().strip() not in said
        running = run(_commands.show, "--path", tmp_path)
        assert f"process {process.pid}" in running.output
        assert lines[0].split()[-1] in running.output
        refused = run(_commands.reset, "--path", tmp_path, "--yes")
        assert refused.exit_code == 1
        assert str(process.pid) in refused.output
        process.send_signal(number)
        rest, errors = process.communicate(timeout=60)
    assert (process.returncode, rest, errors) == (0, "stopping\n", "")


def test_status_and_reset_of_a_directory(tmp_path):
    Platform(tmp_path).close()
    (tmp_path / "mine.txt").write_text("stays")
    shown = run(_commands.show, "--path", tmp_path)
    assert "running    no" in shown.output
    assert "apps       0" in shown.output
    assert "inputs     0" in shown.output
    assert run(_commands.reset, "--path", tmp_path, "--yes").exit_code == 0
    assert [p.name for p in tmp_path.iterdir()] == ["mine.txt"]
    assert run(_commands.show, "--path", tmp_path).exit_code == 2


def test_a_directory_in_use_is_refused(tmp_path):
    with Platform(tmp_path):
        result = run(_commands.up, "--path", tmp_path, "--port", "0")
    assert result.exit_code == 1
    assert "in use by process" in result.output


def test_a_taken_port_is_refused_by_number(tmp_path):
    with Platform() as platform, platform.serve() as server:
        result = run(_commands.up, "--path", tmp_path, "--port", server.port)
    assert result.exit_code == 1
    assert str(server.port) in result.output
    assert "--port" in result.output

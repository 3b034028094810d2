"""Write `docs/job-at-the-prompt.md`: a whole job, typed into a shell, with what the shell answered.

Every line is run, against a platform that `clarifai local up` serves; what stands on the page is
what was printed, but for numbers that differ in each run.

    uv run python -m tools.job_at_the_prompt
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from clarifai_inputs.png import png
from tools.wheels import ROOT

PAGE = ROOT / "docs" / "job-at-the-prompt.md"

HEAD = """# A whole job at the prompt

*Written by `python -m tools.job_at_the_prompt`, which runs every line of it; ids and times are
shortened.*

From nothing to a model that was evaluated, and back to files. Nothing but a shell is needed: the
platform is the embedded one. With an account it is the same, behind `clarifai login`.
[commands.md](commands.md) has every command.
"""

STEPS: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (
        "Install",
        "As [the README](../README.md#install-what-you-need) says; then this tells what is there.",
        ("clarifai --version",),
    ),
    (
        "A platform",
        "In one shell, until Ctrl-C:",
        ("clarifai local up --path platform --port {port}",),
    ),
    (
        "A context",
        "In another one. The key is read from the file that `local up` names; it is tried, and "
        "kept, so that no command has to name it.",
        (
            "clarifai login --base-url http://127.0.0.1:{port} --context local < platform/pat",
            "clarifai doctor",
            "clarifai app create pictures --base-workflow Universal",
            "clarifai app use pictures",
        ),
    ),
    (
        "Upload",
        "A folder of folders: each is named like what its pictures show.",
        (
            "ls pictures",
            "clarifai dataset detect pictures",
            "clarifai dataset create train",
            "clarifai dataset create test",
            "clarifai dataset upload pictures --loader folder --option labels=true "
            "--dataset-id train",
            "clarifai dataset upload held-out --loader folder --option labels=true "
            "--dataset-id test",
            "clarifai dataset status train",
            "clarifai concept list",
        ),
    ),
    (
        "Train and evaluate",
        "",
        (
            "clarifai model create colours --model-type-id embedding-classifier",
            "clarifai model train colours --dataset-id train",
            "clarifai model evaluate colours --dataset-id test",
        ),
    ),
    (
        "Predict",
        "Files, addresses, or whatever a pipe brings.",
        (
            "clarifai model predict colours new/unknown.png",
            "ls held-out/red/*.png | clarifai model predict colours - -o csv",
        ),
    ),
    (
        "Search",
        "",
        (
            "clarifai search --image new/unknown.png --limit 3 -o ids",
            "clarifai search --concept red --count",
            "clarifai search --concept red --all --save-as reds",
        ),
    ),
    (
        "Export",
        "",
        (
            "clarifai dataset export out --dataset-id reds --format csv",
            "clarifai dataset export reds.zip --dataset-id reds",
            "clarifai dataset detect reds.zip",
        ),
    ),
    (
        "Clean up",
        "A deletion asks, unless `--yes` is given, and says so when there is nothing of that name.",
        (
            "clarifai input list -o ids --limit 2 | clarifai input delete - --yes",
            "clarifai model delete color --yes",
            "clarifai app delete pictures --yes",
        ),
    ),
)
"""Heading, what is said, and what is typed."""

COLOURS = {"red": (220, 30, 30), "green": (30, 200, 40), "blue": (30, 40, 220)}


def main() -> int:
    """Run the job and write the page; returns the exit code."""
    with tempfile.TemporaryDirectory(prefix="clarifai-job-") as name:
        PAGE.write_text(page(Path(name)), "utf-8")
    return 0


def page(folder: Path) -> str:
    """Return the page.

    Args:
        folder: Where the job is done; it is empty.
    """
    _pictures(folder)
    shell = _environment(folder)
    parts = [HEAD]
    with _served(folder, shell) as (port, said):
        for title, text, lines in STEPS:
            shown = [f"$ {line.format(port=port)}" for line in lines]
            if "local up" in lines[0]:
                shown.append(said)
            else:
                shown = list(_typed([line.format(port=port) for line in lines], folder, shell))
            block = "\n".join(["```console", *shown, "```"])
            parts.append("\n".join(filter(None, [f"## {title}\n", text and f"{text}\n", block])))
    return "\n".join(_tidied(f"{part}\n", folder, port) for part in parts)


def _typed(lines: list[str], folder: Path, shell: dict[str, str]) -> Iterator[str]:
    for line in lines:
        done = subprocess.run(  # noqa: S602  why: a page for people who type into a shell
            line, shell=True, cwd=folder, env=shell, text=True, check=False, timeout=300,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        yield f"$ {line}"
        if done.stdout.strip():
            yield done.stdout.rstrip()
        expected = 1 if " color " in line else 0
        if done.returncode != expected:
            raise SystemExit(f"{line}: exit code {done.returncode}\n{done.stdout}")


@contextmanager
def _served(folder: Path, shell: dict[str, str]) -> Iterator[tuple[int, str]]:
    """Run `clarifai local up` as in another shell; yields its port and what it printed."""
    command = ["clarifai", "local", "up", "--path", "platform", "--port", "0"]
    with subprocess.Popen(
        command, cwd=folder, env=shell, text=True, stdout=subprocess.PIPE
    ) as process:
        lines: list[str] = []
        try:
            for line in process.stdout or ():
                lines.append(line.rstrip())
                if "Ctrl-C" in line:
                    break
            said = "\n".join(lines)
            found = re.search(r"127\.0\.0\.1:(\d+)", said)
            if found is None:
                raise SystemExit(f"the platform does not say where it is:\n{said}")
            yield int(found[1]), said
        finally:
            process.terminate()
            process.communicate(timeout=60)


def _environment(folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("CLARIFAI_")}
    programs = f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"
    return {
        **kept,
        "PATH": programs,
        "HOME": str(folder),
        "CLARIFAI_CONTEXTS_FILE": str(folder / "contexts.yaml"),
        "CLARIFAI_STATE_DIR": str(folder / "state"),
        "CLARIFAI_BLOCK_PLUGINS": "clarifai-models",
        "COLUMNS": "100",
    }


def _pictures(folder: Path) -> None:
    """Draw pictures of three colours, for training and for the test, and one to ask about."""
    for place, count in (("pictures", 8), ("held-out", 3)):
        for name, colour in COLOURS.items():
            (folder / place / name).mkdir(parents=True)
            for number in range(count):
                shade = tuple(min(255, part + 5 * number) for part in colour)
                path = folder / place / name / f"{place}-{name}-{number}.png"
                path.write_bytes(_picture(shade))
    (folder / "new").mkdir()
    (folder / "new" / "unknown.png").write_bytes(_picture((200, 40, 35)))


def _picture(colour: tuple[int, ...], size: int = 32) -> bytes:
    return png([bytes(colour) * size] * size, colours=3)


_OFTEN: tuple[tuple[str, str], ...] = (
    (r"\b[0-9a-f]{26}([0-9a-f]{6})(?=  )", rf"...\1{' ' * 23}"),  # why: a column keeps its width
    (r"\b[0-9a-f]{26}([0-9a-f]{6})\b", r"...\1"),
    (r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8}", "2026-01-02 03:04:05"),
)


def _tidied(text: str, folder: Path, port: int) -> str:
    """Return a text without what is of this machine and this run only."""
    for name in (str(folder.resolve()), str(folder)):
        text = text.replace(name, "/home/me/job")
    text = text.replace(f":{port}", ":18080").replace(f"port {port}", "port 18080")
    text = text.replace(f"--port {port}", "--port 18080")
    text = re.sub(r"process \d+", "process 4711", text)
    for pattern, shorter in _OFTEN:
        text = re.sub(pattern, shorter, text)
    return "\n".join(line.rstrip() for line in text.splitlines()) + "\n"


if __name__ == "__main__":
    if shutil.which("clarifai", path=str(Path(sys.executable).parent)) is None:
        raise SystemExit("the program clarifai is not installed in this environment")
    raise SystemExit(main())

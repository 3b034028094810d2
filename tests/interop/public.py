"""Programs as strangers write them, and which client runs which: a table.

python -m tests.interop.public              runs all of them, and writes docs/programs.md anew
python -m tests.interop.public sdk spark    runs the programs of these folders only
"""

from __future__ import annotations

import ast
import json
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import IO

import attrs

from tests.interop import checkout, reading
from tests.interop.clients import CLIENTS, NEW, OLD, OURS, PROGRAMS, Client
from tests.interop.public_reasons import NEVER, STOPS
from tests.interop.world import World
from tools import environments

DOCUMENT = Path(__file__).parents[2] / "docs/programs.md"
START, END = "<!-- table: tests/interop/public.py -->", "<!-- end of the table -->"
COLUMNS = (OLD, NEW, OURS)
USER_ID = "local"
"""The owner of the key: programs leave the user out where the service knows it by the key."""

PROGRAM_SECONDS = 240


@attrs.frozen
class Group:
    """Programs that need the same packages besides a client."""

    name: str
    """Their folder."""
    requirements: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    """Requirements that are installed without what they ask for: mostly the official SDK."""
    tested_with: tuple[str, ...] = ()
    """Clients that the tests run them with; the others take minutes to install."""

    def programs(self) -> list[Path]:
        """Return the files."""
        return sorted((PROGRAMS / "public" / self.name).glob("*.py"))


_STREAMLIT = (
    "blinker==1.9.0", "cachetools==5.5.2", "click", "packaging", "pillow", "protobuf", "tenacity",
    "toml==0.10.2", "tornado==6.5.2", "typing-extensions",
)  # fmt: skip
"""What a page without tables needs of streamlit: not its 250 MB of pyarrow and pydeck."""

GROUPS = {
    group.name: group
    for group in (
        Group("sdk", tested_with=COLUMNS),
        Group(
            "packages",
            ("langchain-core==1.8.3", "numpy", "requests", *_STREAMLIT),
            ("langchain-community==0.4.2", "streamlit==1.40.2"),
            tested_with=(OURS,),
        ),
        Group("evaluation", ("pandas", "seaborn", "tabulate")),
        Group(
            "llama_index",
            ("llama-index-core==0.10.33",),
            ("llama-index-llms-clarifai==0.1.2", "llama-index-embeddings-clarifai==0.1.2"),
        ),
        Group("datautils", ("datumaro==1.6.1",), ("clarifai-datautils==0.0.7",)),
        Group("spark", ("pyspark==3.5.0", "pandas", "requests"), ("clarifai-pyspark==0.0.4",)),
    )
}


@attrs.frozen
class Outcome:
    """What became of a program with a client."""

    program: str
    client: str
    fault: str | None
    """The end of what it raised; nothing when it ran to its end."""

    @property
    def cell(self) -> str:
        """What the table says."""
        return "runs" if self.fault is None else "stops"


def run(client: Client, group: Group, folder: Path) -> list[Outcome]:
    """Run the programs of a group with a client, on a platform of their own.

    Raises:
        environments.Unavailable: The client or a package cannot be installed.
    """
    left = [one for one in group.programs() if (one.stem, client.name) not in NEVER]
    outcomes: list[Outcome] = []
    if not left:
        return outcomes
    interpreter = _interpreter(client, group)
    folder.mkdir(parents=True)
    with World(folder / "world") as world:
        if group.name == "datautils":
            reading.lay_out(world.materials / "exported")
        paths = {"PYTHONPATH": checkout.path(folder / "ours")} if client.name == OURS else {}
        while left:
            home = folder / f"from-{left[0].stem}"
            home.mkdir()
            found = _turns([str(interpreter)], left, home, world, paths)
            outcomes += [Outcome(name, client.name, fault) for name, fault in found.items()]
            left = left[len(found) :]
        if world.errors:
            raise AssertionError("\n".join(world.errors))
    return outcomes


def _interpreter(client: Client, group: Group) -> Path:
    if not group.requirements:
        return client.interpreter()
    own = client.requirements or checkout.requirements()
    return environments.make(
        f"{client.name}-{group.name}",
        (*own, *group.requirements),
        python=client.python or environments.old_python(),
        alone=group.alone,
    ).python


def _turns(
    python: Sequence[str], programs: Sequence[Path], home: Path, world: World, paths: dict[str, str]
) -> dict[str, str | None]:
    """Return what each ended with, up to the first that took its process down."""
    found: dict[str, str | None] = {}
    with (
        (home / "errors.txt").open("w+", encoding="utf-8") as errors,
        world.listening(),
        subprocess.Popen(
            [*python, PROGRAMS / "turns.py", world.materials, *programs],
            cwd=home,
            env={**world.environment(USER_ID, home), **paths},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        lines = _lines(process.stdout)
        try:
            for program in programs:
                while (line := lines.get(timeout=PROGRAM_SECONDS)) is not None:
                    said = json.loads(line)
                    if "fault" in said:
                        found[said["program"]] = said["fault"]
                        break
                else:
                    errors.seek(0)
                    found[program.stem] = f"took its process down:\n{errors.read()[-3000:]}"
                    break
        except queue.Empty:
            found[program.stem] = f"did not end within {PROGRAM_SECONDS} s"
        finally:
            process.kill()
    return found


def _lines(stream: IO[str]) -> queue.Queue[str | None]:
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in stream:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    return lines


def documented() -> dict[tuple[str, str], str]:
    """Return the cells of the table in the document, by program and client."""
    text = DOCUMENT.read_text("utf-8").partition(START)[2].partition(END)[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines()]
    return {
        (row[0].strip("`"), client): cell
        for row in rows
        if row[0].startswith("`") and len(row) > len(COLUMNS)  # the titles of reasons have one
        for client, cell in zip(COLUMNS, row[-len(COLUMNS) :], strict=True)
    }


def table(cells: dict[tuple[str, str], str]) -> str:
    """Return the table: a row for each program, a column for each client, and the reasons."""
    lines = [
        f"| program | with | what it is | {' | '.join(COLUMNS)} |",
        f"|---|---|---|{'---|' * len(COLUMNS)}",
    ]
    for group in GROUPS.values():
        for program in group.programs():
            row = [cells.get((program.stem, client), "?") for client in COLUMNS]
            lines.append(
                f"| `{program.stem}` | {group.name} | {_about(program)} | {' | '.join(row)} |"
            )
    for title, reasons in (("stops", STOPS), ("-", NEVER)):
        lines += ["", f"`{title}`:", ""]
        lines += [f"- `{program}`, {client}: {why}" for (program, client), why in reasons.items()]
    return "\n".join(lines)


def _about(program: Path) -> str:
    """Return what a program says of itself."""
    said = ast.get_docstring(ast.parse(program.read_text("utf-8"))) or ""
    return " ".join(said.partition("\n\n")[0].split())


def cells(outcomes: Iterable[Outcome]) -> dict[tuple[str, str], str]:
    """Return what the table says of outcomes."""
    return {(one.program, one.client): one.cell for one in outcomes}


def main() -> None:
    """Write the table into the document."""
    folder = Path(tempfile.mkdtemp())
    known = {**documented(), **dict.fromkeys(NEVER, "-")}
    for name in sys.argv[1:] or GROUPS:
        for column in COLUMNS:
            try:
                outcomes = run(CLIENTS[column], GROUPS[name], folder / name / column)
            except environments.Unavailable as error:
                print(f"{name}, {column}: {error}", file=sys.stderr)  # noqa: T201
                continue
            known.update(cells(outcomes))
            for one in outcomes:
                expected = (one.program, one.client) in STOPS
                if (one.fault is not None) != expected:
                    said = one.fault or "runs, though the reasons say that it stops"
                    print(f"{one.program}, {column}: {said}", file=sys.stderr)  # noqa: T201
    text = DOCUMENT.read_text("utf-8")
    before, _, rest = text.partition(START)
    after = rest.partition(END)[2]
    DOCUMENT.write_text(f"{before}{START}\n{table(known)}\n{END}{after}", "utf-8")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

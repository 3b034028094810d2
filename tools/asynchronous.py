"""Make `clarifai_aio` of the blocking packages: `python -m tools.asynchronous [--check]`.

What waits for the platform is written once, as blocking code. This tool rewrites it: calls that
wait are awaited, listings are gone through by `async for`, and so on outwards until the handles.
What asks nobody is shared. The session, pagers, the base of handles and the turning of uploads are
written by hand: see `tools.asynchronous_tables`, which also says what is left out, and why.

The output is part of the repository. `--check` says whether it is what the sources make.
"""

from __future__ import annotations

import ast
import subprocess
import sys
import tempfile
from pathlib import Path

from tools.asynchronous_rewrite import Rewriter, emitted_names
from tools.asynchronous_scan import World, path_of

ROOT = Path(__file__).parent.parent
RULES = "F401,I,TC,RUF022"
"""What ruff mends of the output: imports that are not needed, or for type checkers only."""


def generated() -> dict[Path, str]:
    """Return the files that there should be, with their content."""
    world = World.read()
    emitted = emitted_names(world)
    asked = _asked(world)
    made: dict[Path, str] = {}
    for name, module in world.modules.items():
        if module.is_written or not emitted[name]:
            continue
        text = Rewriter(world, module, emitted, asked.get(name, set())).made()
        made[path_of(module.target)] = text
    return _formatted(made)


def _asked(world: World) -> dict[str, set[str]]:
    """Return what modules are asked for by `module.name` elsewhere."""
    found: dict[str, set[str]] = {}
    for module in world.modules.values():
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
                where, inner = module.imported.get(node.value.id, ("", ""))
                if where in world.modules and not inner and not world.modules[where].is_written:
                    found.setdefault(where, set()).add(node.attr)
    return found


def _formatted(made: dict[Path, str]) -> dict[Path, str]:
    """Return texts as ruff writes them: all in one run, in a folder of their own."""
    with tempfile.TemporaryDirectory(prefix="asynchronous-") as name:
        places = {path: Path(name) / path.relative_to(ROOT) for path in made}
        for path, place in places.items():
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(made[path], "utf-8")
        for command in (
            ["check", "--quiet", "--select", RULES, "--fix", "--unsafe-fixes", "--exit-zero"],
            ["format", "--quiet"],
        ):
            done = subprocess.run(
                [sys.executable, "-m", "ruff", *command, "--config", "pyproject.toml", name],
                capture_output=True,
                text=True,
                check=False,
                cwd=ROOT,
            )
            if done.returncode:
                raise SystemExit(done.stderr or done.stdout)
        return {path: place.read_text("utf-8") for path, place in places.items()}


def stale() -> list[str]:
    """Return the files that are not what the sources make."""
    made = generated()
    there = {path for path in (ROOT / "packages/aio/src").rglob("*.py") if _is_made(path)}
    wrong = [path for path in made if not path.exists() or path.read_text("utf-8") != made[path]]
    return sorted(str(path.relative_to(ROOT)) for path in {*wrong, *(there - made.keys())})


def _is_made(path: Path) -> bool:
    return path.read_text("utf-8").startswith("# Made of clarifai_")


def main() -> None:
    """Write the files, or say which are stale."""
    if "--check" in sys.argv:
        found = stale()
        if found:
            sys.exit("Run `python -m tools.asynchronous`; stale: " + ", ".join(found))
        return
    for path, text in generated().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")


if __name__ == "__main__":
    main()

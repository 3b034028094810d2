"""Which import paths of the official SDK work, and what the others say: the table of a page.

    python -m tools.import_paths     # rewrite docs/import-paths.md

The paths are those of `clarifai_compat/official_names.txt`; each is tried here.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import attrs

from clarifai_compat.not_here import official_names

PAGE = Path(__file__).resolve().parent.parent / "docs" / "import-paths.md"
START, END = "<!-- table: tools/import_paths.py -->", "<!-- end of the table -->"
_SAID = " is not part of this SDK: "


@attrs.frozen
class Path_:  # noqa: N801  why: pathlib has the name
    """What became of a module and its names."""

    module: str
    works: tuple[str, ...]
    """Names that lead somewhere."""
    said: tuple[tuple[str, tuple[str, ...]], ...]
    """Sentences, each with the names that say it; no names: the module itself."""
    faults: tuple[str, ...]
    """What is neither."""

    @property
    def is_there(self) -> bool:
        """Return whether the module can be imported."""
        return all(names for _, names in self.said)


def tried(module: str, names: tuple[str, ...]) -> Path_:
    """Import a module and ask it for names."""
    try:
        found = importlib.import_module(module)
    except ImportError as error:
        before, mark, said = str(error).partition(_SAID)
        fault = () if mark and before == module else (str(error),)
        return Path_(module, (), ((said, ()),), fault)
    works: list[str] = []
    sentences: dict[str, list[str]] = {}
    faults: list[str] = []
    for name in names:
        try:
            getattr(found, name)
        except ImportError as error:
            before, mark, said = str(error).partition(_SAID)
            if not mark or before != f"{module}.{name}":
                faults.append(f"{module}.{name}: {error}")
            sentences.setdefault(said, []).append(name)
        except AttributeError as error:
            faults.append(str(error))
        else:
            works.append(name)
    told = tuple((said, tuple(names)) for said, names in sentences.items())
    return Path_(module, tuple(works), told, tuple(faults))


def paths() -> list[Path_]:
    """Return what becomes of every module of the official SDK."""
    return [tried(module, names) for module, names in sorted(official_names().items())]


def table(found: list[Path_]) -> str:
    """Return the rows; modules of one package that say the same share one."""
    lines = ["| path | works | says what to use instead |", "|---|---|---|"]
    above = ""
    for one in found:
        if not one.is_there:
            (said, _), package = one.said[0], one.module.rpartition(".")[0]
            key = f"{package}|{said}"
            if key == above:
                lines[-1] = lines[-1].replace("` |", f"`, `{one.module.rpartition('.')[2]}` |", 1)
            else:
                lines.append(f"| `{one.module}` | | {said} |")
            above = key
            continue
        above = ""
        works = ", ".join(f"`{name}`" for name in one.works) or "(empty)"
        says = "; ".join(f"{', '.join(f'`{n}`' for n in names)}: {s}" for s, names in one.said)
        lines.append(f"| `{one.module}` | {works} | {says} |")
    return "\n".join(lines)


def render(text: str) -> str:
    """Return the page with the table as it is now."""
    before, _, rest = text.partition(START)
    return f"{before}{START}\n\n{table(paths())}\n\n{END}{rest.partition(END)[2]}"


if __name__ == "__main__":
    PAGE.write_text(render(PAGE.read_text("utf-8")), "utf-8")

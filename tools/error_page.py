"""Writes docs/errors.md: every error of the SDK, and every status of the platform with its error.

python -m tools.error_page            # write it
python -m tools.error_page --check    # exit code 1 when it is not as it would be written
"""

from __future__ import annotations

import inspect
import re
import sys
import textwrap
from collections.abc import Iterator

# The modules themselves: `from` gives stand-ins.
import clarifai_core.errors as errors
import clarifai_core.status as status
from tools.wheels import ROOT

PAGE = ROOT / "docs" / "errors.md"

_HEAD = """\
# Errors

Every error of the SDK is a `ClarifaiError`, and says in one sentence what is wrong and what to do.
They are imported from `clarifai.errors` or `clarifai_core.errors`.
[How to handle them](howto/errors.md); [what messages mean](troubleshooting.md).

"""
_STATUSES = """\
## Statuses of the platform

The platform answers every request with a status. What a status means to the SDK stands once, in
`clarifai_core.status`; a code that is not listed is an `ApiError`.

| code | name | error | what then | hint in the message |
|---|---|---|---|---|
"""


def page() -> str:
    """Return the page as it should be."""
    parts = [_HEAD, "```text\n", _tree(), "```\n\n"]
    parts += ["\n".join(_described(cls)) + "\n\n" for cls in _classes()]
    return "".join([*parts, _STATUSES, *_statuses()])


def _tree() -> str:
    tree = r"^    ClarifaiError\n.*?until then\n"
    (found,) = re.findall(tree, errors.__doc__ or "", re.DOTALL | re.MULTILINE)
    return textwrap.dedent(found)


def _classes() -> list[type]:
    known = [one for one in vars(errors).values() if inspect.isclass(one)]
    return [one for one in known if one.__module__ == errors.__name__]


def _described(cls: type) -> Iterator[str]:
    bases = " and ".join(f"`{base.__name__}`" for base in cls.__bases__)
    doc = inspect.cleandoc(cls.__doc__ or "")
    head, *parts = re.split(r"^(?=\w+:$)", doc, flags=re.MULTILINE)
    yield f"### {cls.__name__}\n\nA kind of {bases}: {head.strip()}"
    for part in parts:
        heading, _, body = part.partition(":\n")
        if heading == "Attributes":
            yield ""
            text = re.sub(r"\n {8,}", " ", body.rstrip())
            yield re.sub(r"^ {4}(\w+):", r"- `\1`:", text, flags=re.MULTILINE)


def _statuses() -> Iterator[str]:
    for code, meaning in sorted(status._MEANINGS.items()):
        yield _row(str(code), status.status_name(code), meaning)
    for codes, meaning in status._RANGES:
        yield _row(f"{codes.start} to {codes.stop - 1}", "all others of the range", meaning)


def _row(code: str, name: str, meaning: status.StatusMeaning) -> str:
    told = f"`{meaning.error.__name__}` | {meaning.advice.value} | {meaning.hint}"
    return f"| {code} | {name} | {told} |\n"


def main() -> int:
    """Write the page, or say whether it is as it should be."""
    fresh = page()
    if "--check" in sys.argv:
        return int(PAGE.read_text("utf-8") != fresh)
    PAGE.write_text(fresh, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

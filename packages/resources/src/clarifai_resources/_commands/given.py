"""What people give a command to look at: paths, addresses, texts, `-`."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from clarifai_core.command_arguments import Argument, Option
from clarifai_core.errors import MissingFile, UserError
from clarifai_core.safe_text import named
from clarifai_inputs.media import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TypeVar

    from clarifai_core.command_context import CommandContext

    T = TypeVar("T")

SOURCES = Argument("sources", "PATH|URL", is_required=False, many=True)
TEXT = Option("--text", "A text; may be given several times.", "TEXT", many=True, name="texts")
TYPE = Option("--type", "What it is; else its ending or its first bytes tell.", choices=KINDS,
              name="input_type")  # fmt: skip


def is_url(word: str) -> bool:
    """Return whether a word is an address.

    Args:
        word: A path or an address.

    Example:
        >>> is_url("https://example.com/a.png"), is_url("a.png")
        (True, False)
    """
    return word.startswith(("http://", "https://", "s3://", "gs://"))


def sources_of(
    context: CommandContext, given: tuple[str, ...], texts: tuple[str, ...]
) -> Iterator[str]:
    """Yield paths and addresses; `-` reads them, one a line, and a file that is missing is named.

    Args:
        context: The command's.
        given: As they were written.
        texts: What is given besides.

    Raises:
        UserError: There is nothing at all.
        MissingFile: There is no such file.
    """
    if not given and not texts:
        raise UserError("Nothing was given: name paths or URLs, - for those on stdin, or --text.")
    for word in context.words(given):
        if not is_url(word):
            path = Path(word).expanduser()
            if path.is_dir():
                raise UserError(
                    f"{named(word)} is a folder: name its files, or use `clarifai dataset upload`."
                )
            if not path.is_file():
                raise MissingFile(f"There is no file {named(word)}; a text goes behind --text.")
        yield word


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Yield items in lists, each as soon as it is full.

    Args:
        items: Anything.
        size: Of a list.

    Example:
        >>> list(chunks("abc", 2))
        [['a', 'b'], ['c']]
    """
    every = iter(items)
    while some := list(islice(every, size)):
        yield some

"""The words of the prompt in sentences that were written for programs.

Where the SDK says `app_id=`, somebody at the prompt has to give `--app-id`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

_QUOTED = re.compile(r"""('(?:[^'\\]|\\.)*'|"[^"]*"|`[^`]*`)""")
"""What is somebody's value or a command, and stays as it is."""


def in_words_of(command: click.Command, sentence: str) -> str:
    """Return a sentence in which parameters are called as a command calls them.

    Args:
        command: The command that failed.
        sentence: What the error says.

    Example:
        >>> option = click.Option(["--app-id"])
        >>> in_words_of(click.Command("show", params=[option]), "Give app_id= or set X_APP_ID.")
        'Give --app-id or set X_APP_ID.'
    """
    words = dict(_words(command))
    for name, word in words.items():
        sentence = re.sub(rf"^{re.escape(name)}(?= must |: | \W)", word, sentence)
    parts = _QUOTED.split(sentence)
    for place in range(0, len(parts), 2):  # those between the quoted ones
        for name, word in words.items():
            parts[place] = _replaced(parts[place], name, word)
    return remedies("".join(parts))


def remedies(sentence: str) -> str:
    """Return a sentence with what can be done at the prompt, instead of in a program.

    Example:
        >>> remedies("Check the PAT: CLARIFAI_PAT, `pat=`, or `clarifai login`.")
        'Check the PAT: CLARIFAI_PAT, or that of `clarifai login`.'
    """
    for text, more in _REMEDIES.items():
        sentence = sentence.replace(text, more)
    return sentence


_REMEDIES = {
    " or set CLARIFAI_APP_ID.": ", set CLARIFAI_APP_ID, or run `clarifai app use ID`.",
    "Give pat= (or CLARIFAI_PAT), token= (or CLARIFAI_SESSION_TOKEN), or run `clarifai login`.": (
        "Run `clarifai login`, choose a context by `clarifai config use NAME`, or set CLARIFAI_PAT."
    ),
    "Give pat= (or CLARIFAI_PAT) for": "Set CLARIFAI_PAT, or run `clarifai login --base-url`, for",
    "Give pat= (or CLARIFAI_PAT)": "Set CLARIFAI_PAT",
    "Check the PAT: CLARIFAI_PAT, `pat=`, or `clarifai login`.": (
        "Check the PAT: CLARIFAI_PAT, or that of `clarifai login`."
    ),
    "Check base_url and the network.": "`clarifai doctor` names the hop that fails.",
    " See the status of each item in `error.response`.": "",
}
"""What a program is told -> what is told at the prompt, where there is more to do."""


def _words(command: click.Command) -> Iterator[tuple[str, str]]:
    for one in command.params:
        if isinstance(one, click.Option):
            word = max(one.opts, key=len)
            yield str(one.name), word
            yield word.lstrip("-").replace("-", "_"), word
        elif isinstance(one, click.Argument):
            yield str(one.name), one.make_metavar(click.Context(command)).strip("[].")


def _replaced(text: str, name: str, word: str) -> str:
    """Return a text with `name=`, and the bare name where it can be nothing else, in our words."""
    before = r"(?<![\w.\-/{])"
    text = re.sub(rf"{before}{re.escape(name)}=$", f"{word} ", text)  # a quoted value follows
    text = re.sub(rf"{before}{re.escape(name)}=(?=[\s,.;:)])", word, text)
    if "_" in name:
        text = re.sub(rf"{before}{re.escape(name)}(?![\w(=./])", word, text)
    return text

"""A client of a language server, as an editor is one: it asks for completions and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any


class LanguageServer:
    """A language server for a folder; a context manager that ends it.

    Args:
        command: What starts the server, which speaks over its stdin and stdout.
        folder: The folder that is open in the editor.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._uri = folder.as_uri()
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder
        )
        self._asked = 0

    def __enter__(self) -> LanguageServer:
        workspace = [{"uri": self._uri, "name": "program"}]
        self._ask("initialize", rootUri=self._uri, capabilities={}, workspaceFolders=workspace)
        self._tell("initialized")
        return self

    def __exit__(self, *error: object) -> None:
        self._process.kill()
        self._process.communicate()

    def completions(self, name: str, text: str) -> set[str]:
        """Return what is offered at the end of a program that is opened under a name."""
        document = {"uri": f"{self._uri}/{name}"}
        opened = {**document, "languageId": "python", "version": 1, "text": text}
        self._tell("textDocument/didOpen", textDocument=opened)
        line = text.rpartition("\n")[2]
        place = {"line": text.count("\n"), "character": len(line)}
        found = self._ask("textDocument/completion", textDocument=document, position=place)
        return {one["label"] for one in found["items"]}

    def _ask(self, method: str, **params: Any) -> Any:
        self._asked += 1
        self._send(id=self._asked, method=method, params=params)
        while True:
            message = self._read()
            if "method" in message and "id" in message:  # it asks for settings: there are none
                count = len(message["params"].get("items", ()))
                self._send(id=message["id"], result=[None] * count)
            elif message.get("id") == self._asked:
                return message["result"]

    def _tell(self, method: str, **params: Any) -> None:
        self._send(method=method, params=params)

    def _send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        stdin = self._open(self._process.stdin)
        stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        stdin.flush()

    def _read(self) -> dict[str, Any]:
        stdout, size = self._open(self._process.stdout), 0
        while line := stdout.readline().strip():
            name, _, value = line.partition(b":")
            size = int(value) if name.lower() == b"content-length" else size
        if not size:
            raise EOFError("the language server ended")
        found: dict[str, Any] = json.loads(stdout.read(size))
        return found

    @staticmethod
    def _open(pipe: IO[bytes] | None) -> IO[bytes]:
        assert pipe is not None
        return pipe

"""Which vectors the files hold, as the database says it: blocks, and what changed since.

A vector is in `vectors`, always. `vector_changes` names the inputs whose vector was put or deleted
since it was last written to a file: what a file holds of those does not count. A block in
`vector_blocks` is one file, with the inputs of its rows and marks of those rows that are gone.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TypeAlias

import attrs
import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Iterable, Sequence

Floats: TypeAlias = NDArray[np.float32]
Numbers: TypeAlias = NDArray[np.int64]
Marks: TypeAlias = NDArray[np.bool_]


TABLES = ("vector_blocks", "vector_changes")
"""What the database says of files."""


@attrs.frozen(eq=False)
class FiledBlock:
    """A block, as the database describes it."""

    number: int
    file: str
    digest: bytes
    seqs: Numbers
    """Inputs of its rows, ascending."""
    gone: Marks
    """Rows that do not count any more."""


@attrs.frozen(eq=False)
class Changes:
    """Some of what changed in a space since it was written to files, by ascending input."""

    seqs: Numbers
    numbers: Numbers
    """Of the changes: a later change of the same input has a greater one."""


def note(db: sqlite3.Connection, space: int, seqs: Iterable[int]) -> None:
    """Note that the vectors of inputs change in this transaction."""
    db.executemany(
        "INSERT OR REPLACE INTO vector_changes (space, input) VALUES (?, ?)",
        [(space, seq) for seq in seqs],
    )


def note_all(db: sqlite3.Connection) -> None:
    """Note all vectors, in a database that has no files."""
    db.execute(
        "INSERT INTO vector_changes (space, input)"
        " SELECT space, input FROM vectors ORDER BY space, input"
    )


def forget_files(db: sqlite3.Connection) -> None:
    """Forget all files, in a snapshot that goes without them; `note_all` makes it whole again."""
    known = {name for (name,) in db.execute("SELECT name FROM sqlite_master")}
    for table in known.intersection(TABLES):
        db.execute(f"DELETE FROM {table}")  # noqa: S608 - constants
        db.execute("DELETE FROM sqlite_sequence WHERE name = ?", (table,))


def filed(db: sqlite3.Connection, space: int, seqs: Numbers | None = None) -> list[FiledBlock]:
    """Return the blocks of a space; with `seqs` those that may have rows of these inputs."""
    query = "SELECT block, file, digest, seqs, gone FROM vector_blocks WHERE space = ?"
    values = [space]
    if seqs is not None:
        query += " AND first <= ? AND last >= ?"
        values += [int(seqs.max()), int(seqs.min())]
    return [_filed(*row) for row in db.execute(query, values)]


def add(db: sqlite3.Connection, space: int, block: FiledBlock) -> int:
    """Record a file that is complete; returns the block's number."""
    cursor = db.execute(
        "INSERT INTO vector_blocks (space, file, digest, first, last, seqs, gone)"
        " VALUES (?, ?, ?, ?, ?, ?, ?)",
        (
            space,
            block.file,
            block.digest,
            int(block.seqs[0]),
            int(block.seqs[-1]),
            block.seqs.astype("<i8").tobytes(),
            np.packbits(block.gone).tobytes(),
        ),
    )
    return int(cursor.lastrowid or 0)


def set_gone(db: sqlite3.Connection, number: int, gone: Marks) -> None:
    """Record which rows of a block do not count any more."""
    values = (np.packbits(gone).tobytes(), number)
    db.execute("UPDATE vector_blocks SET gone = ? WHERE block = ?", values)


def give_up(db: sqlite3.Connection, number: int) -> str | None:
    """Forget a block: its vectors count as not written to any file.

    Returns:
        The file, None when there is no such block any more.
    """
    query = "SELECT space, file, seqs, gone FROM vector_blocks WHERE block = ?"
    row = db.execute(query, (number,)).fetchone()
    if row is None:
        return None
    space, file, *rest = row
    seqs, gone = _rows(*rest)
    # A change that is noted already stays as it is: it may be a deletion, and is the newer word.
    db.executemany(
        "INSERT OR IGNORE INTO vector_changes (space, input) VALUES (?, ?)",
        [(space, seq) for seq in seqs[~gone].tolist()],
    )
    db.execute("DELETE FROM vector_blocks WHERE block = ?", (number,))
    return str(file)


def changed(db: sqlite3.Connection, space: int, limit: int = -1) -> Changes:
    """Return the first changes of a space, all by default."""
    query = "SELECT input, change FROM vector_changes WHERE space = ? ORDER BY input LIMIT ?"
    return _changes(db.execute(query, (space, limit)).fetchall())


def changed_between(db: sqlite3.Connection, space: int, first: int, last: int) -> Changes:
    """Return the changes of a range of inputs."""
    query = (
        "SELECT input, change FROM vector_changes WHERE space = ? AND input BETWEEN ? AND ?"
        " ORDER BY input"
    )
    return _changes(db.execute(query, (space, first, last)).fetchall())


def settle(db: sqlite3.Connection, changes: Iterable[int]) -> None:
    """Forget changes that the blocks hold now."""
    db.executemany("DELETE FROM vector_changes WHERE change = ?", [(one,) for one in changes])


def counts(db: sqlite3.Connection) -> dict[int, int]:
    """Return the number of changes by space."""
    return dict(db.execute("SELECT space, COUNT(*) FROM vector_changes GROUP BY space"))


def stored(db: sqlite3.Connection, space: int, seqs: Numbers) -> tuple[Numbers, Floats]:
    """Return those of some inputs that have a vector, in the same order, and their vectors."""
    # SQLite goes through the left side of a CROSS JOIN first, and through an array in its order.
    query = (
        "SELECT v.input, v.vector FROM (SELECT value FROM json_each(?)) asked"
        " CROSS JOIN vectors v ON v.space = ? AND v.input = asked.value"
    )
    found = db.execute(query, (json.dumps(seqs.tolist()), space)).fetchall()
    inputs = np.array([seq for seq, _ in found], np.int64)
    data = b"".join(vector for _, vector in found)
    rows = np.frombuffer(data, np.float32).reshape(len(found), -1 if found else 0)
    return inputs, rows


def files(db: sqlite3.Connection) -> set[str]:
    """Return the names of all files that count."""
    return {file for (file,) in db.execute("SELECT file FROM vector_blocks")}


def delete_spaces(db: sqlite3.Connection, spaces: Sequence[int]) -> list[str]:
    """Forget spaces with all that they had; returns their files."""
    lost: list[str] = []
    for space in spaces:
        query = "SELECT file FROM vector_blocks WHERE space = ?"
        lost += [file for (file,) in db.execute(query, (space,))]
        for table, column in (
            ("vector_blocks", "space"),
            ("vector_changes", "space"),
            ("vectors", "space"),
            ("spaces", "seq"),
        ):
            db.execute(f"DELETE FROM {table} WHERE {column} = ?", (space,))  # noqa: S608 - constants
    return lost


def _filed(number: int, file: str, digest: bytes, seqs: bytes, gone: bytes) -> FiledBlock:
    return FiledBlock(number, file, digest, *_rows(seqs, gone))


def _rows(seqs: bytes, gone: bytes) -> tuple[Numbers, Marks]:
    numbers = np.frombuffer(seqs, "<i8").astype(np.int64, copy=False)
    marks = np.unpackbits(np.frombuffer(gone, np.uint8), count=len(numbers))
    return numbers, marks.astype(np.bool_)


def _changes(found: list[tuple[int, int]]) -> Changes:
    both = np.array(found, np.int64).reshape(-1, 2)
    return Changes(both[:, 0].copy(), both[:, 1].copy())

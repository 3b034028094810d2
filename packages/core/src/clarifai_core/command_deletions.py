"""Versions of a dataset, model or workflow at the prompt: deleting them, and those not there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core import ops
from clarifai_core.errors import ApiClientError, NotFound
from clarifai_core.safe_text import named, shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from clarifai_core.command_context import CommandContext
    from clarifai_core.handles import Handle
    from clarifai_core.kinds import ResourceKind

__all__ = ["delete_versions", "no_version"]


def delete_versions(
    context: CommandContext, handle: Handle, kind: ResourceKind, ids: Iterable[str]
) -> None:
    """Delete versions of a thing, after asking; those that there are not are named.

    Args:
        context: The command's.
        handle: Of the thing.
        kind: That of its versions, with the thing's kind as its parent.
        ids: Of the versions; `-` reads them from stdin.

    Raises:
        ApiClientError: There is no such version; the others are deleted.
    """
    wanted = list(dict.fromkeys(context.words(ids)))
    if not wanted:
        context.output.remark("Nothing to delete: no id was given.")
        return
    whose = f"the {kind.parent} {shown(handle.id)}"
    where = handle.settings.endpoint.where
    context.confirm(f"Delete {_versions(wanted)} of {whose}, on {where}?")
    field = {f"{kind.parent}_id": handle.id}
    gone: list[str] = []
    missing: list[str] = []
    for one in wanted:
        try:
            ops.get(handle, kind, one, **field)
        except NotFound:
            missing.append(one)
            continue
        ops.delete(handle, kind, [one], **field)
        gone.append(one)
    if gone:
        rows = [{"id": one, "status": "deleted"} for one in gone]
        context.output.done(rows, f"Deleted {_versions(gone)} of {whose}.")
    if missing:
        raise no_version(kind, handle.id, missing)


def no_version(kind: ResourceKind, thing_id: str, ids: Iterable[str]) -> ApiClientError:
    """Return what says that there is no such version of a thing, and how to see which there are.

    Args:
        kind: That of the versions.
        thing_id: Of the thing.
        ids: Of the versions.

    Example:
        >>> from clarifai_core.kinds import kind_named
        >>> str(no_version(kind_named("dataset_version"), "train", ["v1"])).partition(":")[0]
        "There is no version 'v1' of the dataset 'train'"
    """
    return ApiClientError(
        f"There is no version {', '.join(map(named, ids))} of the {kind.parent} "
        f"{shown(thing_id)}: `clarifai {kind.parent} versions {thing_id}` shows what there is."
    )


def _versions(ids: list[str]) -> str:
    return f"the version {shown(ids[0])}" if len(ids) == 1 else f"{len(ids)} versions"

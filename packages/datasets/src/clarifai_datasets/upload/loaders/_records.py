"""An input as a record of plain values, as JSON Lines and Parquet have it, and its faults."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from clarifai_datasets.upload.features import MediaFeatures, RegionFeatures
from clarifai_datasets.upload.limits import MAX_REGIONS
from clarifai_datasets.upload.loaders._record_keys import INPUT, MEDIA
from clarifai_inputs import regions
from clarifai_inputs.contents import bytes_in, kind_of_bytes
from clarifai_inputs.geo_points import geo_point_in
from clarifai_inputs.identity import item_id
from clarifai_inputs.label_values import plain_value
from clarifai_inputs.media import KINDS, kind_of_name, size_fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KEYS = ("id", "input_type", "text", "file", "url", "labels", "regions", "metadata", "geo", "split")
REGION_KEYS = ("labels", "bbox", "polygon", "point")

_SOURCES = ("text", "file", "url")


NO_LABELS = "empty values among the labels (None, nan, -), which are no labels"
UNUSED = "keys and columns that nothing is read from"
"""Kinds of remarks that every reader of records makes."""


def content_of(record: dict[str, Any]) -> bytes | None:
    """Return the bytes that a record has with it; what only names a content becomes its key.

    Args:
        record: Its keys `input` and `media` are taken out of it.

    Raises:
        ValueError: It is no content.
        TypeError: The same.
    """
    given, media = record.pop(INPUT, None), record.pop(MEDIA, None)
    if media is None and isinstance(given, str):
        record[_form_of(given)] = given
        return None
    is_media = media is not None
    if is_media and given is not None:
        raise ValueError(f"it has both {INPUT} and {MEDIA}: give one")
    media = media if is_media else given
    if isinstance(media, dict):
        # As Hugging Face keeps media: the bytes count, and beside them the path tells the kind.
        path, media = media.get("path"), media.get("bytes")
        if path and media is None:
            record.setdefault("file", path)
        elif path:
            record.setdefault("input_type", kind_of_name(str(path)) or "image")
    if isinstance(media, (str, os.PathLike)):
        key = "url" if isinstance(media, str) and "://" in media else "file"
        record.setdefault(key, os.fspath(media))
        return None
    if media is None:
        return None
    content = bytes_in(media, "the content")
    if not record.get("input_type"):
        kind = kind_of_bytes(content) or ("image" if is_media else "")
        if not kind:
            raise ValueError(
                f"its {len(content):,} bytes do not tell what they are: give input_type"
            )
        record["input_type"] = kind
    return content


def _form_of(text: str) -> str:
    """Return what a text is that may also be a name of something: `text`, `file` or `url`."""
    bare = text.strip()
    is_media = kind_of_name(bare.partition("?")[0]) not in ("", "text")
    if not is_media or any(map(str.isspace, bare)):
        return "text"
    return "url" if "://" in bare else "file"


def features_of(
    record: dict[str, Any], made_id: str | None, where: str, fitting: regions.Fitting
) -> MediaFeatures:
    """Return the features of a record without faults; its file is not looked at.

    Args:
        record: The record.
        made_id: The id where it has none; None: its content tells.
        where: The record, for people.
        fitting: What becomes of its regions; the bad ones are left out.
    """
    own = record.get("id")
    made = MediaFeatures(
        input_type(record),
        list(record.get("labels") or ()),
        url=record.get("url") or "",
        geo_info=plain_value(record.get("geo")),
        id=made_id if own is None else item_id(own),
        metadata=record.get("metadata"),
        regions=list(_regions(record.get("regions") or (), where, fitting)),
    )
    if record.get("text") is not None:
        made.content = record["text"].encode()
    return made


def faults_of(record: dict[str, Any]) -> list[str]:
    """Return everything that is wrong with a record, apart from its file and single regions."""
    faults: list[str] = []
    given = [key for key in _SOURCES if record.get(key) is not None]
    if len(given) != 1:
        faults.append(f"it must have one of text, file, url, got {', '.join(given) or 'none'}")
    faults += [
        f"{key} must be text that is not empty, got {record[key]!r}"
        for key in given
        if not isinstance(record[key], str) or not record[key].strip()
    ]
    faults += [] if faults else _source_faults(record)
    if not faults and input_type(record) not in KINDS:
        faults.append(f"input_type must be one of {', '.join(KINDS)}")
    if not isinstance(record.get("id", ""), (str, int)) or record.get("id") == "":
        faults.append(f"id must be text that is not empty, got {record['id']!r}")
    faults += _label_faults(record.get("labels"), "labels")
    if not isinstance(record.get("metadata") or {}, dict):
        faults.append(f"metadata must be an object, got {record['metadata']!r}")
    faults += _geo_faults(record.get("geo"))
    listed = record.get("regions") or []
    if not isinstance(listed, list):
        return [*faults, f"regions must be a list, got {listed!r}"]
    if len(listed) > MAX_REGIONS:
        return [*faults, f"{len(listed):,} regions are over the limit of {MAX_REGIONS:,}"]
    return faults


def _regions(
    listed: Sequence[Any], where: str, fitting: regions.Fitting
) -> Iterator[RegionFeatures]:
    """Yield what of the regions lies in the image."""
    for number, region in enumerate(listed, 1):
        place = f"{where}: region {number}"
        if faults := _region_faults(region):
            fitting.leave_out(place, "; ".join(faults))
            continue
        if unknown := [key for key in region if key not in REGION_KEYS]:
            fitting.note("regions with keys that are not read", f"{place}: {', '.join(unknown)}")
        given = RegionFeatures(**{key: region[key] for key in REGION_KEYS if key in region})
        if (made := regions.taken(given, place, fitting)) is not None:
            yield RegionFeatures(given.labels, **{made.kind: made.numbers})


def _source_faults(record: dict[str, Any]) -> list[str]:
    text, url = record.get("text"), record.get("url")
    if url is not None and "://" not in url:
        return [f"url {url[:80]!r} is no URL"]
    if text is not None and (fault := size_fault("text", len(text.encode()))):
        return [f"text: {fault}"]
    return []


def _region_faults(region: Any) -> list[str]:
    if not isinstance(region, dict):
        return [f"no object, but {region!r}"]
    if "labels" not in region:
        return ["it has no labels"]
    return _label_faults(region.get("labels"), "labels")


def _label_faults(labels: Any, name: str) -> list[str]:
    if labels is None:
        return []
    if not isinstance(labels, list):
        return [f"{name} must be a list, got {labels!r}"]
    if len(labels) > MAX_REGIONS:
        return [f"{len(labels):,} {name} are over the limit of {MAX_REGIONS:,}"]
    wrong = [one for one in labels if not isinstance(one, (str, int)) or not str(one).strip()]
    return [f"{name} must be texts that are not empty, got {one!r}" for one in wrong]


def _geo_faults(geo: Any) -> list[str]:
    if geo is None:
        return []
    try:
        geo_point_in(geo, "geo")
    except ValueError as error:
        return [str(error)]
    return []


def input_type(record: dict[str, Any]) -> str:
    """Return the kind of an input: what the record says, or what its file's ending tells."""
    if record.get("input_type"):
        return str(record["input_type"])
    if record.get("text") is not None:
        return "text"
    return kind_of_name(str(record.get("file") or record.get("url"))) or "image"

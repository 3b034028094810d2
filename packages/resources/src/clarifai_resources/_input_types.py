"""What kind of input a prediction is about, where the caller leaves it out.

The model says it: its type has input fields. Where it takes several kinds, or the platform does not
tell, the content does: by how it begins, or by the ending of its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from clarifai_core.errors import InvalidArgument, NotFound, NotSupported, UserError
from clarifai_core.heavy import service_pb2
from clarifai_inputs import texts
from clarifai_inputs.contents import kind_of_bytes
from clarifai_inputs.media import KINDS, kind_of_name
from clarifai_inputs.signatures import format_of
from clarifai_resources.inputs._builders import check_media_type

if TYPE_CHECKING:
    from collections.abc import Callable

    from clarifai_core.handles import Handle


def of_model_type(handle: Handle, type_id: str) -> tuple[str, ...]:
    """Return the kinds of media that models of a type take; none where the platform does not tell.

    Args:
        handle: Whose platform is asked.
        type_id: Such as `"visual-classifier"`.

    Example:
        >>> from clarifai_resources.app import App
        >>> of_model_type(App("https://clarifai.com/clarifai/main"), "visual-classifier")
        ('image',)
    """
    if not type_id:
        return ()
    request = service_pb2.GetModelTypeRequest(user_app_id=handle.user_app_id, model_type_id=type_id)
    try:
        found = handle.session.call("GetModelType", request).model_type
    except (NotFound, NotSupported, InvalidArgument):
        return ()
    fields = ",".join(found.input_fields).split(",")  # "image,text" is one of a multimodal type
    return tuple(kind for kind in fields if kind in KINDS)


def chosen(
    input_type: str | None,
    accepted: Callable[[], tuple[str, ...]],
    told: Callable[[tuple[str, ...]], str],
    what: str,
) -> str:
    """Return the kind of an input.

    Args:
        input_type: What the caller says; empty or None: nothing.
        accepted: Asks for the kinds that the model takes.
        told: Returns what the content tells, given the kinds that it can be; `""`: nothing.
        what: What the content is, for the error: `"input_bytes"`.

    Raises:
        UserError: It is no kind, or nothing tells.
    """
    if input_type:
        return check_media_type(input_type)
    kinds = accepted()
    found = kinds[0] if len(kinds) == 1 else told(kinds or KINDS)
    if not found:
        raise UserError(
            f"{what}: neither the model nor the content tells whether it is {_either(kinds)}; "
            "give input_type."
        )
    return found


def _either(kinds: tuple[str, ...]) -> str:
    *first, last = kinds or KINDS
    return f"{', '.join(first)} or {last}"


def of_bytes(content: object, kinds: tuple[str, ...], name: str = "") -> str:
    """Return the kind of a content by how it begins, else by its name, else as text.

    Args:
        content: The bytes.
        kinds: What it can be.
        name: Of its file, if there is one.

    Example:
        >>> of_bytes(b"GIF89a", ("image", "text")), of_bytes(b"GIF89a", ("video", "text"))
        ('image', 'video')
        >>> of_bytes(b"hello", ("image", "text")), of_bytes(b"hello", ("image", "audio"))
        ('text', '')
    """
    if not isinstance(content, (bytes, bytearray, memoryview)):
        return kinds[0]  # that it is no content is said where it becomes one
    head = bytes(content[:64])
    usual = kind_of_bytes(head)
    media = (usual, *kinds) if usual in kinds else kinds
    found = next((kind for kind in media if kind != "text" and format_of(kind, head)), "")
    found = found or kind_of_name(name, kinds)
    return found or ("text" if "text" in kinds and not usual and _is_text(bytes(content)) else "")


def _is_text(content: bytes) -> bool:
    try:
        return bool(texts.decode(content))
    except UnicodeDecodeError:
        return False


def of_url(url: object, kinds: tuple[str, ...]) -> str:
    """Return the kind of what a URL leads to by the ending of its path; `""`: it does not tell.

    Example:
        >>> of_url("https://samples.example.com/a.MP4?size=1", ("image", "video"))
        'video'
    """
    if not isinstance(url, str) or not url.strip():
        return kinds[0]  # that it is none is said where it becomes an input
    try:
        return kind_of_name(urlsplit(url).path, kinds)
    except ValueError:
        return ""

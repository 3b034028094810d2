# Made of clarifai_resources._input_types by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What kind of input a prediction is about, where the caller leaves it out.

The model says it: its type has input fields. Where it takes several kinds, or the platform does not
tell, the content does: by how it begins, or by the ending of its name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_core.errors import InvalidArgument, NotFound, NotSupported, UserError
from clarifai_core.heavy import service_pb2
from clarifai_inputs.media import KINDS
from clarifai_resources._input_types import _either
from clarifai_resources._input_types import of_bytes as of_bytes
from clarifai_resources._input_types import of_url as of_url
from clarifai_resources.inputs._builders import check_media_type

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from clarifai_aio._core.handles import Handle


async def of_model_type(handle: Handle, type_id: str) -> tuple[str, ...]:
    """Return the kinds of media that models of a type take; none where the platform does not tell.

    Args:
        handle: Whose platform is asked.
        type_id: Such as `"visual-classifier"`.

    Example:
        >>> from clarifai.aio import App
        >>> await of_model_type(App("https://clarifai.com/clarifai/main"), "visual-classifier")
        ('image',)
    """
    if not type_id:
        return ()
    request = service_pb2.GetModelTypeRequest(user_app_id=handle.user_app_id, model_type_id=type_id)
    try:
        found = (await handle.session.call("GetModelType", request)).model_type
    except (NotFound, NotSupported, InvalidArgument):
        return ()
    fields = ",".join(found.input_fields).split(",")  # "image,text" is one of a multimodal type
    return tuple(kind for kind in fields if kind in KINDS)


async def chosen(
    input_type: str | None,
    accepted: Callable[[], Awaitable[tuple[str, ...]]],
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
    kinds = await accepted()
    found = kinds[0] if len(kinds) == 1 else told(kinds or KINDS)
    if not found:
        raise UserError(
            f"{what}: neither the model nor the content tells whether it is {_either(kinds)}; "
            "give input_type."
        )
    return found

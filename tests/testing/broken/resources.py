"""Kinds of resources with one fault each."""

from __future__ import annotations

import contextlib
import threading
from typing import Any, ClassVar

from clarifai_core.contracts import ResourceSpec, ServiceSpec
from clarifai_core.errors import UserError
from clarifai_core.handles import Handle
from clarifai_core.hookspecs import hookimpl
from clarifai_core.kinds import ResourceKind
from clarifai_testing import ResourceContract
from tests.testing.cases import Cases, Plugin, giving

KIND = ResourceKind("collector")
UNKNOWN = ResourceKind("shelf")
FIVE = 5
SERVICES = "tests.testing.broken.services"


class Contract(ResourceContract):
    name = "collector"
    fields: ClassVar[Any] = {"description": "All that is asked."}


def plugin(target: Any, kind: str = "KIND", service: str = "Collectors") -> Plugin:
    where = f"{__name__}:{target.__name__}"
    found = giving(
        "resources",
        ResourceSpec("collector", where, "Collectors.", kind=f"{__name__}:{kind}"),
    )

    def clarifai_register_services() -> list[ServiceSpec]:
        return [ServiceSpec("collectors", f"{SERVICES}:{service}", "Keeps collectors.")]

    vars(found)["clarifai_register_services"] = hookimpl(clarifai_register_services)
    return found


cases = Cases(__name__, Contract, plugin)


@cases.good
class Collector(Handle):
    kind = "collector"


def case(title: str, check: str, says: str, **more: Any) -> None:
    cases.add(title, check, plugin(Collector, **more), {}, says)


case("Kindless", "test_kind_is_a_resource_kind", "must be a clarifai_core", kind="FIVE")
case("Lost", "test_kind_is_a_resource_kind", "cannot be imported", kind="NOWHERE")
case("Unwired", "test_kind_is_on_the_wire", "no kind 'shelf'", kind="UNKNOWN")
case("Forgiving", "test_what_is_missing_is_not_found", "succeeds", service="Inventing")
case("Undying", "test_is_listed_until_it_is_deleted", "still listed", service="Undying")
case("Unlisted", "test_is_listed_until_it_is_deleted", "is not listed", service="Unlisting")


@cases.fails("test_target_is_a_handle", "subclass of")
class Plain:
    kind = "collector"


@cases.fails("test_handle_says_its_kind", "it must be 'collector'")
class Misnamed(Handle):
    kind = "collection"


@cases.fails("test_naming_one_sends_nothing", "calls GetCollector")
class Eager(Handle):
    kind = "collector"

    def __init__(self, *arguments: Any, **fields: Any) -> None:
        super().__init__(*arguments, **fields)
        from clarifai_core import ops
        from clarifai_core.errors import ApiError

        with contextlib.suppress(ApiError):
            ops.get(self, KIND, self.id)


@cases.fails("test_handle_has_its_ids", "hand all arguments")
class Forgetful(Handle):
    kind = "collector"

    def __init__(self, *arguments: Any, app_id: str = "", **fields: Any) -> None:
        super().__init__(*arguments, **fields)


@cases.fails("test_shows_no_key", "shows the key")
class Showing(Handle):
    kind = "collector"

    def __repr__(self) -> str:
        credentials = self.settings.credentials
        return f"Showing({credentials.secret.reveal() if credentials else ''})"


@cases.fails("test_can_be_pickled", "cannot be pickled")
class Locked(Handle):
    kind = "collector"

    def __getstate__(self) -> Any:
        return {"lock": threading.Lock()}


@cases.fails("test_is_opened_by_name", "NotFound")
class Elsewhere(Handle):
    kind = "collector"

    @classmethod
    def of(cls, message: Any, parent: Any) -> Any:
        from clarifai_core.errors import PluginError

        raise PluginError("NotFound: it was there a moment ago")


@cases.fails("test_shows_no_key", "UserError")
class Shy(Handle):
    kind = "collector"

    def __str__(self) -> str:
        raise UserError("it says nothing of itself")

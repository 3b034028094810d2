"""Listings through a stub, as Streamlit modules written for release 9 ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from clarifai_core.errors import UserError
from clarifai_core.heavy import resources_pb2
from clarifai_core.status import error_from, is_success
from clarifai_core.transport import catalogue
from clarifai_core.transport.calls import RpcCall

if TYPE_CHECKING:
    from collections.abc import Iterator

    from clarifai_compat.stub import V2Stub


class ClarifaiResourceLister:
    """Lists what an app holds, each kind as messages.

    For each kind there are `<kind>_generator(page_size)` and `list_all_<kind>(page_size)`, which
    returns a list.

    Args:
        stub: What `create_stub` returns.
        user_id: User that holds the app.
        app_id: The app.
        page_size: Items of a request.

    Example:
        >>> from clarifai_compat.auth_helper import ClarifaiAuthHelper, create_stub
        >>> auth = ClarifaiAuthHelper("clarifai", "main", base="local:")
        >>> lister = ClarifaiResourceLister(create_stub(auth), auth.user_id, auth.app_id)
        >>> [dataset.id for dataset in lister.list_all_datasets()]
        []
    """

    def __init__(self, stub: V2Stub, user_id: str, app_id: str, page_size: int = 16) -> None:
        self.stub = stub
        self.user_id = user_id
        self.app_id = app_id
        self.user_app_id_proto = resources_pb2.UserAppIDSet(user_id=user_id, app_id=app_id)
        self.default_page_size = page_size

    def models_generator(
        self, page_size: int | None = None, only_in_app: bool = False
    ) -> Iterator[resources_pb2.Model]:
        """Yield the models that the app can use, or with `only_in_app` those that it holds."""
        for model in self._listed("ListModels", page_size):
            if not only_in_app or model.app_id == self.app_id:
                yield model

    def list_all_models(
        self, page_size: int | None = None, only_in_app: bool = False
    ) -> list[resources_pb2.Model]:
        """Return what `models_generator` yields."""
        return list(self.models_generator(page_size, only_in_app))

    def datasets_generator(self, page_size: int | None = None) -> Iterator[resources_pb2.Dataset]:
        """Yield the datasets of the app."""
        return self._listed("ListDatasets", page_size)

    def list_all_datasets(self, page_size: int | None = None) -> list[resources_pb2.Dataset]:
        """Return the datasets of the app."""
        return list(self.datasets_generator(page_size))

    def concepts_generator(self, page_size: int | None = None) -> Iterator[resources_pb2.Concept]:
        """Yield the concepts of the app."""
        return self._listed("ListConcepts", page_size)

    def list_all_concepts(self, page_size: int | None = None) -> list[resources_pb2.Concept]:
        """Return the concepts of the app."""
        return list(self.concepts_generator(page_size))

    def inputs_generator(self, page_size: int | None = None) -> Iterator[resources_pb2.Input]:
        """Yield the inputs of the app."""
        return self._listed("ListInputs", page_size)

    def list_all_inputs(self, page_size: int | None = None) -> list[resources_pb2.Input]:
        """Return the inputs of the app."""
        return list(self.inputs_generator(page_size))

    def dataset_inputs_generator(
        self, page_size: int | None = None, dataset_id: str = ""
    ) -> Iterator[resources_pb2.Input]:
        """Yield the inputs of a dataset."""
        for one in self._listed("ListDatasetInputs", page_size, dataset_id=dataset_id):
            yield one.input

    def list_all_dataset_inputs(
        self, page_size: int | None = None, dataset_id: str = ""
    ) -> list[resources_pb2.Input]:
        """Return the inputs of a dataset."""
        return list(self.dataset_inputs_generator(page_size, dataset_id))

    def installed_module_versions_generator(self, page_size: int | None = None) -> Iterator[Any]:
        """Yield the modules that are installed in the app."""
        return self._listed("ListInstalledModuleVersions", page_size)

    def list_all_installed_module_versions(self, page_size: int | None = None) -> list[Any]:
        """Return the modules that are installed in the app."""
        return list(self.installed_module_versions_generator(page_size))

    def module_generator(self, page_size: int | None = None) -> Iterator[Any]:
        """Yield the modules of the app."""
        return self._listed("ListModules", page_size)

    def list_all_modules(self, page_size: int | None = None) -> list[Any]:
        """Return the modules of the app."""
        return list(self.module_generator(page_size))

    def module_versions_generator(
        self, module_id: str, page_size: int | None = None
    ) -> Iterator[Any]:
        """Yield the versions of a module."""
        return self._listed("ListModuleVersions", page_size, module_id=module_id)

    def list_all_module_versions(self, module_id: str, page_size: int | None = None) -> list[Any]:
        """Return the versions of a module."""
        return list(self.module_versions_generator(module_id, page_size))

    def _listed(self, rpc_name: str, page_size: int | None, **fields: str) -> Iterator[Any]:
        """Yield the items of all pages; a server may give fewer than asked: an empty one ends."""
        rpc = catalogue.rpc(rpc_name)
        size = self.default_page_size if page_size is None else page_size
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise UserError(f"page_size must be a whole number above 0, got {size!r}.")
        page = 0
        while True:
            page += 1
            request = rpc.request_class(
                user_app_id=self.user_app_id_proto, page=page, per_page=size, **fields
            )
            response = getattr(self.stub, rpc_name)(request)
            if not is_success(response.status):
                call = RpcCall(rpc, request, rpc.limits, where="the stub's platform")
                raise error_from(response, call, 1)
            found = getattr(response, rpc.items_field)
            if not found:
                return
            yield from found

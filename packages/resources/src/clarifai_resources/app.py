"""Apps, and the way to everything in one: inputs, datasets, models, workflows, modules, searches.

Importing this module costs nothing; what is heavy comes in with the first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from clarifai_core import existing, ops
from clarifai_core import kinds as core_kinds
from clarifai_core import scope as scopes
from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL, Handle, open_class
from clarifai_core.wire import ids
from clarifai_resources import (
    _installed_modules,
    _kinds,
    _older_names,
    _patches,
    _versions,
    trainable,
)
from clarifai_resources import model as models
from clarifai_resources._absent import Absent
from clarifai_resources._concept_methods import ConceptMethods
from clarifai_resources._fields import AppFields
from clarifai_resources.lister import Lister
from clarifai_resources.module import Module
from clarifai_resources.workflow import Workflow, _creation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from os import PathLike

    from clarifai_grpc.grpc.api import resources_pb2
    from typing_extensions import Unpack

    from clarifai_core.kinds import ResourceKind
    from clarifai_core.ops import PatchAction
    from clarifai_core.paging import Pager
    from clarifai_datasets.arguments import DatasetChanges, DatasetValues, ExistingDataset
    from clarifai_datasets.handle import Dataset
    from clarifai_resources.arguments import (
        AppArguments,
        ExistingModel,
        ExistingModule,
        ExistingWorkflow,
        ModelChanges,
        ModuleValues,
        NewModel,
        WorkflowChanges,
    )
    from clarifai_resources.inputs import Inputs
    from clarifai_resources.model import Model
    from clarifai_search.arguments import SearchArguments
    from clarifai_search.handle import Search

H = TypeVar("H", bound=Handle)

__all__ = ["App"]

_NO_FILTER: Mapping[str, Any] = {}
"""The documented default; only read."""

_CONNECTION = frozenset(
    ("base_url", "pat", "token", "context", "root_certificates_path", "timeout_seconds")
)


class App(Absent, ConceptMethods, Lister, AppFields):
    """An app: a collection of inputs with what is made of them.

    Args:
        url: Its address, `https://clarifai.com/{user_id}/{app_id}`, instead of the ids.
        app_id: Its id.
        base_url: Address of the platform; `"local:"` is the embedded one.
        pat: A personal access token; else that of CLARIFAI_PAT or of the current context.
        token: A session token; else that of CLARIFAI_SESSION_TOKEN.
        **kwargs: `user_id`, `context`, `root_certificates_path` and `timeout_seconds`, or fields of
            the app's message, such as `name` and `description`.

    Raises:
        UserError: Both url and app_id are given, the url names no app, a setting is wrong, or the
            message has no such field.

    Example:
        >>> App("https://clarifai.com/clarifai/main").id
        'main'
    """

    kind = "app"

    def __init__(
        self,
        url: str = "",
        app_id: str = "",
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[AppArguments],
    ) -> None:
        fields: dict[str, Any] = dict(kwargs)
        url = _older_names.with_url(url, fields)
        if isinstance(base_url, str) and base_url.isidentifier() and base_url != "localhost":
            raise UserError(f"{base_url!r} is no base_url: give user_id= by name.")
        super().__init__(app_id, url=url, base_url=base_url, pat=pat, token=token, **fields)

    def create_dataset(self, dataset_id: str, **kwargs: Unpack[DatasetValues]) -> Dataset:
        """Create a dataset.

        Args:
            dataset_id: Its id: letters and digits, with single '-' or '_' between them.
            **kwargs: Further fields of the dataset, such as `description` and `metadata`.

        Raises:
            UserError: The id cannot be one, datasets have no such field, or the extra
                `clarifai[datasets]` is missing.
            AlreadyExists: The app has a dataset of that id.
        """
        cls: type[Dataset] = open_class("dataset")
        return self._create(cls, core_kinds.kind_named("dataset"), dataset_id, kwargs)

    def create_model(self, model_id: str, **kwargs: Unpack[NewModel]) -> Model:
        """Create a model; it can predict once it has a version.

        Args:
            model_id: Its id: letters and digits, with single '-' or '_' between them.
            **kwargs: Further fields of the model, such as `model_type_id` and `description`.

        Raises:
            UserError: The id cannot be one, or models have no such field.
            AlreadyExists: The app has a model of that id.
        """
        return self._create(models.Model, _kinds.MODEL, model_id, kwargs)

    def create_module(
        self, module_id: str, description: str = "", **kwargs: Unpack[ModuleValues]
    ) -> Module:
        """Create a module.

        Args:
            module_id: Its id: letters and digits, with single '-' or '_' between them.
            description: What it is, for people.
            **kwargs: Further fields of the module.

        Raises:
            UserError: The id cannot be one, modules have no such field, or the extra
                `clarifai[modules]` is missing.
        """
        fields = {"description": description, **kwargs}
        return self._create(Module, _kinds.MODULE, module_id, fields)

    def create_workflow(
        self,
        config_filepath: str | PathLike[str],
        generate_new_id: bool = False,
        display: bool = True,
    ) -> Workflow:
        """Create a workflow from a YAML file, and the models of its nodes that are missing.

        A node names its model by `model_id`, with `user_id` and `app_id` for that of another app
        and `model_version_id` for one version. A model that this app does not have is made, if the
        node gives its `model_type_id`; one of this app whose `output_info` is another than the
        node's gets a new version. All models are looked up before anything is made.

        Args:
            config_filepath: Path of the file, which ends in .yml or .yaml.
            generate_new_id: Give it a random id instead of the one in the file.
            display: Print the tree of its nodes.

        Raises:
            UserError: The file cannot be read or has faults (each is told, with its path; nothing
                was sent), or a node needs a version that only training, or another app, can make.
            NotFound: A model is missing that cannot be made.
            AlreadyExists: The app has a workflow of that id.

        Example:
            A file such as this makes the model `cropper`, if it is missing:

                workflow:
                  id: faces
                  nodes:
                    - id: detector
                      model:
                        model_id: face-detection
                        user_id: clarifai
                        app_id: main
                    - id: crop
                      model:
                        model_id: cropper
                        model_type_id: image-crop
                        output_info:
                          params:
                            margin: 1.5
                      node_inputs:
                        - node_id: detector

            >>> workflow = App(app_id="zoo").create_workflow("faces.yml")  # doctest: +SKIP
        """
        message = _creation.create_workflow(self, config_filepath, generate_new_id, display)
        return Workflow.of(message, self)

    def dataset(
        self,
        dataset_id: str,
        dataset_version_id: str | None = None,
        **kwargs: Unpack[ExistingDataset],
    ) -> Dataset:
        """Return a dataset that exists.

        Args:
            dataset_id: Its id.
            dataset_version_id: Id of the version that the handle is about.
            **kwargs: `user_id` and `app_id` of another app; fields to set on the handle.

        Raises:
            UserError: `dataset_id` is empty, or the extra `clarifai[datasets]` is missing.
            NotFound: There is no such dataset.
        """
        cls: type[Dataset] = open_class("dataset")
        kind = core_kinds.kind_named("dataset")
        fields: Mapping[str, Any] = kwargs
        if dataset_version_id:
            version_id = ids.check_id("dataset_version_id", dataset_version_id)
            fields = {**kwargs, "version": {"id": version_id}}
        return existing.existing(self, cls, kind, dataset_id, fields)

    def model(
        self,
        model_id: str,
        model_version_id: str | Mapping[str, Any] = "",
        **kwargs: Unpack[ExistingModel],
    ) -> Model:
        """Return a model that exists.

        Args:
            model_id: Its id.
            model_version_id: Id of the version to use; else the latest that can be used. It may be
                `{"id": ...}`, and may be given as `model_version`, as in newer releases.
            **kwargs: `user_id` and `app_id` of another app; fields to set on the handle.

        Raises:
            UserError: `model_id` is empty, or models have no such field.
            NotFound: There is no such model or version.
        """
        fields = dict(kwargs)
        version_id = _versions.id_in(model_version_id or fields.pop("model_version", ""))
        return existing.existing(
            self, models.Model, _kinds.MODEL, model_id, fields, version_id=version_id
        )

    def module(
        self, module_id: str, module_version_id: str = "", **kwargs: Unpack[ExistingModule]
    ) -> Module:
        """Return a module that exists.

        Args:
            module_id: Its id.
            module_version_id: Id of the version to use; else the one that the platform answers.
            **kwargs: `user_id` and `app_id` of another app; fields to set on the handle.

        Raises:
            UserError: `module_id` is empty, or the extra `clarifai[modules]` is missing.
            NotFound: There is no such module.
        """
        fields: Mapping[str, Any] = kwargs
        if module_version_id:
            fields = {**kwargs, "module_version": {"id": module_version_id}}
        return existing.existing(self, Module, _kinds.MODULE, module_id, fields)

    def workflow(self, workflow_id: str, **kwargs: Unpack[ExistingWorkflow]) -> Workflow:
        """Return a workflow that exists.

        Its predictions take the latest version, as it is then, and `version` tells which one it is
        now; `Workflow(workflow_version=...)` and `list_versions` stay with one version.

        Args:
            workflow_id: Its id.
            **kwargs: `user_id` and `app_id` of another app; fields to set on the handle.

        Raises:
            UserError: `workflow_id` is empty, or workflows have no such field.
            NotFound: There is no such workflow.
        """
        found = existing.existing(self, Workflow, _kinds.WORKFLOW, workflow_id, kwargs)
        if kwargs.get("version"):
            found._told_version = ""
        return found

    def patch_dataset(
        self, dataset_id: str, action: PatchAction = "merge", **kwargs: Unpack[DatasetChanges]
    ) -> Dataset:
        """Change a dataset.

        Args:
            dataset_id: Its id.
            action: `"merge"` adds what is given to what is there, `"overwrite"` puts it in its
                place, `"remove"` takes it away.
            **kwargs: Fields of the dataset, such as `description`, `notes` and `metadata`;
                `visibility`, such as `"PUBLIC"`; `image_url`, the address of its picture.

        Raises:
            UserError: An unknown action, nothing to change, datasets have no such field, or the
                extra `clarifai[datasets]` is missing.
            NotFound: There is no such dataset.

        Example:
            >>> app = App(app_id="main", user_id="me")
            >>> app.create_dataset("cows").description
            ''
            >>> app.patch_dataset("cows", description="Cows, one each").description
            'Cows, one each'
        """
        cls: type[Dataset] = open_class("dataset")
        kind = core_kinds.kind_named("dataset")
        return _patches.patched(self, cls, kind, dataset_id, action, kwargs)

    def patch_model(
        self, model_id: str, action: PatchAction = "merge", **kwargs: Unpack[ModelChanges]
    ) -> Model:
        """Change a model; see `patch_dataset`.

        Args:
            model_id: Its id.
            action: `"merge"`, `"overwrite"` or `"remove"`.
            **kwargs: Fields of the model, such as `description`, `notes`, `toolkits`, `use_cases`
                and `languages`; `visibility` and `image_url` as for a dataset.

        Raises:
            UserError: An unknown action, nothing to change, or models have no such field.
            NotFound: There is no such model.

        Example:
            >>> app = App(app_id="main", user_id="me")
            >>> app.create_model("cropper", model_type_id="image-crop").notes
            ''
            >>> app.patch_model("cropper", notes="Wide").notes
            'Wide'
        """
        return _patches.patched(self, models.Model, _kinds.MODEL, model_id, action, kwargs)

    def patch_workflow(
        self,
        workflow_id: str,
        action: PatchAction = "merge",
        config_filepath: str | PathLike[str] | None = None,
        **kwargs: Unpack[WorkflowChanges],
    ) -> Workflow:
        """Change a workflow; see `patch_dataset`.

        Args:
            workflow_id: Its id.
            action: `"merge"`, `"overwrite"` or `"remove"`.
            config_filepath: Path of a YAML file with its nodes, as `create_workflow` takes it; the
                id in it does not count.
            **kwargs: Fields of the workflow, such as `description`, `notes` and `use_cases`;
                `visibility` and `image_url` as for a dataset.

        Raises:
            UserError: An unknown action, nothing to change, workflows have no such field, or the
                file cannot be read or has faults.
            NotFound: There is no such workflow, or a model of a node is missing.

        Example:
            >>> app = App(app_id="main", user_id="me")
            >>> app.patch_workflow("faces", notes="For cows, too")  # doctest: +SKIP
            Workflow(id='faces', user_id='me', app_id='main')
        """
        ids.check_id("workflow_id", workflow_id)
        fields: dict[str, Any] = dict(kwargs)
        if config_filepath is not None:
            fields["nodes"] = _creation.nodes_of_file(self, config_filepath)
        return _patches.patched(self, Workflow, _kinds.WORKFLOW, workflow_id, action, fields)

    def delete_dataset(self, dataset_id: str) -> None:
        """Delete a dataset; its inputs stay in the app.

        Raises:
            UserError: `dataset_id` is empty, or the extra `clarifai[datasets]` is missing.
        """
        ops.delete(self, core_kinds.kind_named("dataset"), [dataset_id])

    def delete_model(self, model_id: str) -> None:
        """Delete a model with all its versions.

        Raises:
            UserError: `model_id` is empty.
        """
        ops.delete(self, _kinds.MODEL, [model_id])

    def delete_module(self, module_id: str) -> None:
        """Delete a module with all its versions.

        Raises:
            UserError: `module_id` is empty, or the extra `clarifai[modules]` is missing.
        """
        ops.delete(self, _kinds.MODULE, [module_id])

    def delete_workflow(self, workflow_id: str) -> None:
        """Delete a workflow with all its versions.

        Raises:
            UserError: `workflow_id` is empty.
        """
        ops.delete(self, _kinds.WORKFLOW, [workflow_id])

    def inputs(self) -> Inputs:
        """Return the way to the app's inputs and annotations."""
        child: Any = self.child("inputs")
        made: Inputs = child
        return made

    def search(self, **kwargs: Unpack[SearchArguments]) -> Search:
        """Return a search over the app's inputs.

        Args:
            **kwargs: Parameters of `Search`: `top_k` (hits to retrieve), `metric` (`"cosine"` or
                `"euclidean"`).

        Raises:
            UserError: Search has no such parameter, or the extra `clarifai[search]` is missing.
        """
        where: dict[str, Any] = {"user_id": self.user_id, "app_id": self.app_id}
        cls: type[Search] = open_class("search")
        if not _CONNECTION.isdisjoint(kwargs):
            return cls(**{**where, **kwargs})
        made = cls(**{**where, "base_url": self.settings.base_url, **kwargs})
        made._settings = self._settings
        return made

    def list_concepts(
        self, page_no: int | None = None, per_page: int | None = None
    ) -> Pager[resources_pb2.Concept]:
        """Return the concepts of the app, as `Concept` messages.

        Args:
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.
        """
        return ops.pager(self, _kinds.CONCEPT, None, page_no=page_no, per_page=per_page)

    def list_datasets(
        self, page_no: int | None = None, per_page: int | None = None
    ) -> Pager[Dataset]:
        """Return the datasets of the app.

        Args:
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: The extra `clarifai[datasets]` is missing.
        """
        cls: type[Dataset] = open_class("dataset")
        return ops.pager(
            self,
            core_kinds.kind_named("dataset"),
            lambda message: cls.of(message, self),
            page_no=page_no,
            per_page=per_page,
        )

    def list_models(
        self,
        filter_by: Mapping[str, Any] = _NO_FILTER,
        only_in_app: bool = True,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Pager[Model]:
        """Return the models that the app can use and that have a version.

        Args:
            filter_by: Fields of a ListModels request, such as `{"model_type_id": "clusterer"}`.
            only_in_app: Leave out those of other apps; the one page asked for may come short then.
                False lists them, too; without an app those of all the user's apps, and without a
                user, as in `App()`, those that are public.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: An unknown filter, a page that cannot be, or no app to look in.

        Example:
            >>> models = App("https://clarifai.com/clarifai/main").list_models({"query": "face"})
            >>> "face-detection" in [model.id for model in models]
            True
        """
        found = self._available(
            models.Model, _kinds.MODEL, filter_by, only_in_app, page_no, per_page
        )
        return found.where(lambda model: bool(model._message.HasField("model_version")))

    def list_modules(
        self,
        filter_by: Mapping[str, Any] = _NO_FILTER,
        only_in_app: bool = True,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Pager[Module]:
        """Return the modules that the app can use.

        Args:
            filter_by: Fields of a ListModules request.
            only_in_app: Leave out those of other apps; the one page asked for may come short then.
                False lists them, too; without an app those of all the user's apps, and without a
                user, as in `App()`, those that are public.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: An unknown filter, or the extra `clarifai[modules]` is missing.
        """
        return self._available(Module, _kinds.MODULE, filter_by, only_in_app, page_no, per_page)

    def list_workflows(
        self,
        filter_by: Mapping[str, Any] = _NO_FILTER,
        only_in_app: bool = True,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Pager[Workflow]:
        """Return the workflows that the app can use.

        Args:
            filter_by: Fields of a ListWorkflows request.
            only_in_app: Leave out those of other apps; the one page asked for may come short then.
                False lists them, too; without an app those of all the user's apps, and without a
                user, as in `App()`, those that are public.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: An unknown filter, or a page that cannot be.
        """
        return self._available(Workflow, _kinds.WORKFLOW, filter_by, only_in_app, page_no, per_page)

    def list_installed_module_versions(
        self,
        filter_by: Mapping[str, Any] = _NO_FILTER,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Pager[Module]:
        """Return the modules that are installed in the app, each with its version.

        Args:
            filter_by: Fields of a ListInstalledModuleVersions request.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: An unknown filter, or the extra `clarifai[modules]` is missing.
        """
        return ops.pager(
            self,
            _kinds.INSTALLED_MODULE_VERSION,
            lambda message: Module.of(_installed_modules.module_of(message), self),
            filter_by=filter_by,
            page_no=page_no,
            per_page=per_page,
        )

    def list_trainable_model_types(self) -> list[str]:
        """Return the types of models that can be trained.

        Example:
            >>> App(app_id="zoo").list_trainable_model_types()[:2]
            ['visual-classifier', 'visual-detector']
        """
        return list(trainable.TRAINABLE_MODEL_TYPES)

    def _create(
        self, cls: type[H], kind: ResourceKind, resource_id: str, fields: Mapping[str, Any]
    ) -> H:
        checked = ids.check_new_id(f"{kind.name}_id", resource_id)
        return cls.of(ops.create(self, kind, {**fields, "id": checked}), self)

    def _available(
        self,
        cls: type[H],
        kind: ResourceKind,
        filter_by: Mapping[str, Any],
        only_in_app: bool,
        page_no: int | None,
        per_page: int | None,
    ) -> Pager[H]:
        """List what apps share with others: models, modules and workflows."""
        if only_in_app and not self.app_id:
            raise UserError(
                f"The {kind.name}s of which app? Give app_id= or set CLARIFAI_APP_ID, or say "
                "only_in_app=False for those that are public; nothing was sent."
            )
        found = ops.pager(
            self,
            kind,
            lambda message: cls.of(message, self),
            filter_by=filter_by,
            page_no=page_no,
            per_page=per_page,
            anywhere=not only_in_app,
        )
        return found.where(self._holds) if only_in_app else found

    def _holds(self, handle: Handle) -> bool:
        # Once for each item of a listing, whose handles mostly share this one's scope.
        found, own = handle._scope, self._scope
        if found is own:
            return True
        owner = existing.owner_of(self)
        same_user = owner == scopes.ME or found.user_id in (own.user_id, owner)
        return same_user and found.app_id == own.app_id

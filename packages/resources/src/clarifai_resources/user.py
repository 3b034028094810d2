"""Users: their apps and their runners.

Importing this module costs nothing; what is heavy comes in with the first request.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from clarifai_core import existing, ops
from clarifai_core import kinds as core_kinds
from clarifai_core import scope as scopes
from clarifai_core.errors import UserError
from clarifai_core.handles import DEFAULT_BASE_URL, Handle, open_class
from clarifai_core.heavy import service_pb2
from clarifai_core.wire import ids
from clarifai_resources import _kinds, _model_table, _patches
from clarifai_resources import model as models
from clarifai_resources._absent import Absent
from clarifai_resources._fields import UserFields
from clarifai_resources.app import App
from clarifai_resources.lister import Lister

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal, overload

    from typing_extensions import Unpack

    from clarifai_core.ops import PatchAction
    from clarifai_core.paging import Pager
    from clarifai_resources.arguments import AppChanges, AppValues, ExistingApp, UserArguments
    from clarifai_resources.model import Model
    from clarifai_runner.handle import Runner

__all__ = ["User"]

_NO_FILTER: Mapping[str, Any] = {}
_OF_OTHERS = frozenset({"featured_only", "starred_only", "template_only"})
"""Filters with which a listing of apps may hold those of other users."""
"""The documented default; only read."""


class User(Absent, Handle, Lister, UserFields):
    """A user of the platform, and the way to its apps and runners.

    Args:
        user_id: Id of the user; "me" is whoever the credentials belong to.
        base_url: Address of the platform; `"local:"` is the embedded one.
        pat: A personal access token; else that of CLARIFAI_PAT or of the current context.
        token: A session token; else that of CLARIFAI_SESSION_TOKEN.
        **kwargs: `context`, `root_certificates_path` and `timeout_seconds`, or fields of the
            user's message, such as `first_name`.

    Raises:
        UserError: A setting is wrong, or the message has no such field.

    Example:
        >>> user = User("me")
        >>> user.create_app("zoo", base_workflow="Universal").id
        'zoo'
    """

    kind = "user"

    def __init__(
        self,
        user_id: str = "",
        base_url: str = DEFAULT_BASE_URL,
        pat: str = "",
        token: str = "",
        **kwargs: Unpack[UserArguments],
    ) -> None:
        super().__init__(user_id, base_url=base_url, pat=pat, token=token, **kwargs)

    def app(self, app_id: str, **kwargs: Unpack[ExistingApp]) -> App:
        """Return an app that exists.

        Args:
            app_id: Its id.
            **kwargs: `user_id` when another user holds it; fields to set on the handle.

        Raises:
            UserError: `app_id` is empty, or apps have no such field.
            NotFound: There is no such app.
        """
        return existing.existing(self, App, _kinds.APP, app_id, kwargs)

    def create_app(
        self,
        app_id: str,
        base_workflow: str = "Language-Understanding",
        **kwargs: Unpack[AppValues],
    ) -> App:
        """Create an app.

        Args:
            app_id: Its id: letters and digits, with single '-' or '_' between them.
            base_workflow: Workflow of clarifai/main that every input runs through: `"Universal"`,
                `"Empty"`, `"General"` ...
            **kwargs: Further fields of the app, such as `description`.

        Raises:
            UserError: The id cannot be one, or apps have no such field.
            AlreadyExists: The user has an app of that id.
        """
        workflow = _base_workflow(base_workflow)
        fields = {"default_workflow": workflow, **kwargs, "id": ids.check_new_id("app_id", app_id)}
        made = ops.create(self, _kinds.APP, fields)
        return App.of(made, existing.scoped(self, self.user_id, app_id))

    def patch_app(
        self, app_id: str, action: PatchAction = "overwrite", **kwargs: Unpack[AppChanges]
    ) -> App:
        """Change an app.

        Args:
            app_id: Its id.
            action: `"overwrite"` puts what is given in place of what was there, `"merge"` adds it,
                `"remove"` takes it away (an app's picture: `image_url`).
            **kwargs: Fields of the app, such as `description`, `notes` and `metadata`;
                `base_workflow`, the id of a workflow of clarifai/main; `visibility`, such as
                `"PUBLIC"`; `image_url`, the address of its picture.

        Raises:
            UserError: An unknown action, nothing to change, or apps have no such field.
            NotFound: There is no such app.

        Example:
            >>> user = User("me")
            >>> user.create_app("barn").description
            ''
            >>> user.patch_app("barn", description="Where cows live").description
            'Where cows live'
        """
        fields: dict[str, Any] = dict(kwargs)
        if "base_workflow" in fields:
            fields["default_workflow"] = _base_workflow(fields.pop("base_workflow"))
        ids.check_id("app_id", app_id)
        owner = existing.scoped(self, self.user_id, app_id)
        return _patches.patched(owner, App, _kinds.APP, app_id, action, fields)

    def get_user_info(self, user_id: str | None = None) -> service_pb2.SingleUserResponse:
        """Return what the platform tells of a user: the answer, with its `user`.

        Args:
            user_id: Whose; else the handle's. `"me"` is whoever the credentials belong to.

        Raises:
            NotFound: There is no such user.

        Example:
            >>> User("clarifai").get_user_info().user.id
            'clarifai'
        """
        owner = existing.scoped(self, user_id or self.user_id or "me", "")
        request = service_pb2.GetUserRequest(user_app_id=owner.user_app_id)
        answer: service_pb2.SingleUserResponse = self.session.call("GetUser", request)
        return answer

    def delete_app(self, app_id: str) -> None:
        """Delete an app and everything in it.

        Raises:
            UserError: `app_id` is empty.
            NotFound: There is no such app.
        """
        ids.check_id("app_id", app_id)
        ops.delete(existing.scoped(self, self.user_id, app_id), _kinds.APP, [app_id])

    def list_apps(
        self,
        filter_by: Mapping[str, Any] = _NO_FILTER,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Pager[App]:
        """Return the user's apps; those of `"me"` say so, as `app` and `create_app` do.

        Args:
            filter_by: Fields of a ListApps request, such as `{"name": "zoo*"}`.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: An unknown filter, or a page that cannot be.

        Example:
            >>> from clarifai_resources.user import User
            >>> {app.user_id for app in User("me").list_apps()}
            {'me'}
        """
        all_mine = self._scope.user_id == scopes.ME and _OF_OTHERS.isdisjoint(filter_by or ())

        def listed(message: Any) -> App:
            made = App.of(message, self)
            if all_mine:
                made._scope = scopes.Scope(scopes.ME, made._scope.app_id)
            return made

        return ops.pager(
            self,
            _kinds.APP,
            listed,
            filter_by=filter_by,
            page_no=page_no,
            per_page=per_page,
        )

    if TYPE_CHECKING:

        @overload
        def list_models(
            self,
            user_id: str | None = ...,
            app_id: str | None = ...,
            show: bool = ...,
            return_clarifai_model: Literal[False] = ...,
            **kwargs: Any,
        ) -> list[dict[str, Any]]: ...

        @overload
        def list_models(
            self,
            user_id: str | None = ...,
            app_id: str | None = ...,
            show: bool = ...,
            *,
            return_clarifai_model: Literal[True],
            **kwargs: Any,
        ) -> list[Model]: ...

    def list_models(
        self,
        user_id: str | None = None,
        app_id: str | None = None,
        show: bool = True,
        return_clarifai_model: bool = False,
        **kwargs: Any,
    ) -> list[dict[str, Any]] | list[Model]:
        """Return models of a user, of one app or of all; `App.list_models` goes on where this ends.

        Args:
            user_id: Whose; else the handle's. `"all"`: those that are public.
            app_id: Only those of this app.
            show: Whether to print them as a table.
            return_clarifai_model: Whether to return handles instead of dicts.
            **kwargs: Fields of a ListModels request, such as `query="face"`.

        Returns:
            A dict for each: `user_id`, `app_id`, `id`, `model_type`, `url`, and the names of the
            methods that its own code declares, by the kind of call (`UNARY_UNARY` ...), with
            `supported_openai_client`.

        Raises:
            UserError: An unknown filter, or there is no user.

        Example:
            >>> found = User("clarifai").list_models(app_id="main", show=False, query="face")
            >>> found[0]["url"]
            'https://clarifai.com/clarifai/main/models/face-detection'
        """
        scope = "" if user_id == "all" else ids.check_id("user_id", user_id or self.user_id)
        owner = existing.scoped(self, scope, app_id or "")
        found = ops.pager(
            owner,
            _kinds.MODEL,
            lambda message: models.Model.of(message, owner),
            # Of a user, the platform would list all that is public behind their own.
            filter_by={"dont_fetch_from_main": True, **kwargs} if scope else kwargs,
            anywhere=True,
        ).all()
        rows = [_model_table.row(one.message) for one in found]
        if show and sys.stdout is not None:
            sys.stdout.write(_model_table.table(rows))
        return found if return_clarifai_model else rows

    def create_runner(self, runner_id: str, labels: Sequence[str], description: str = "") -> Runner:
        """Create a runner: work for models with one of its labels goes to it.

        Args:
            runner_id: Its id.
            labels: At least one text.
            description: What it is, for people.

        Raises:
            UserError: `labels` is no list of texts, or the extra `clarifai[runner]` is missing.
        """
        listed = isinstance(labels, (list, tuple, set, frozenset))
        if not (listed and all(isinstance(label, str) for label in labels)):
            raise UserError(f"labels must be a list of texts, got {labels!r}.")
        fields = {
            "id": ids.check_new_id("runner_id", runner_id),
            "labels": list(labels),
            "description": description,
        }
        cls: type[Runner] = open_class("runner")
        return cls.of(ops.create(self, core_kinds.kind_named("runner"), fields), self)

    def delete_runner(self, runner_id: str) -> None:
        """Delete a runner.

        Raises:
            UserError: `runner_id` is empty, or the extra `clarifai[runner]` is missing.
        """
        ops.delete(self, core_kinds.kind_named("runner"), [runner_id])

    def list_runners(
        self,
        filter_by: Mapping[str, Any] = _NO_FILTER,
        page_no: int | None = None,
        per_page: int | None = None,
    ) -> Pager[Runner]:
        """Return the user's runners.

        Args:
            filter_by: Fields of a ListRunners request.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page, at most 1000.

        Raises:
            UserError: An unknown filter, or the extra `clarifai[runner]` is missing.
        """
        cls: type[Runner] = open_class("runner")
        return ops.pager(
            self,
            core_kinds.kind_named("runner"),
            lambda message: cls.of(message, self),
            filter_by=filter_by,
            page_no=page_no,
            per_page=per_page,
        )

    def runner(self, runner_id: str) -> Runner:
        """Return a runner that exists.

        Raises:
            UserError: `runner_id` is empty, or the extra `clarifai[runner]` is missing.
            NotFound: There is no such runner.
        """
        cls: type[Runner] = open_class("runner")
        return cls.of(ops.get(self, core_kinds.kind_named("runner"), runner_id), self)


def _base_workflow(workflow_id: str) -> dict[str, str]:
    """Return the workflow of the public library that every input of an app runs through."""
    return {
        "id": ids.check_id("base_workflow", workflow_id),
        "app_id": "main",
        "user_id": "clarifai",
    }

"""A platform that holds models and workflows, for the tests of workflows from and to YAML."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from tests.core.conftest import ScriptedServer


def ok(response: Any) -> Any:
    response.status.code = 10000
    return response


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


class WorkflowPlatform:
    """Answers the methods that workflows from and to files need, from what it holds."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.models: dict[tuple[str, str, str], resources_pb2.Model] = {}
        self.versions: dict[tuple[str, str, str, str], resources_pb2.Model] = {}
        self.workflows: dict[tuple[str, str, str], list[resources_pb2.Workflow]] = {}
        for name in ("GetModel", "PostModels", "PostModelVersions", "PostWorkflows"):
            server.queue(name, getattr(self, name))
        server.queue("GetWorkflow", self.GetWorkflow)
        server.queue("GetWorkflowVersion", self.GetWorkflowVersion)

    @property
    def rpcs(self) -> list[str]:
        return [name for name, _ in self.server.asked]

    def requests(self, name: str) -> list[Any]:
        return [request for asked, request in self.server.asked if asked == name]

    def add(self, user_id: str, app_id: str, model_id: str, version_id: str = "", **fields: Any):
        """Hold a model, with its first version."""
        info = fields.pop("output_info", None)
        model = resources_pb2.Model(id=model_id, user_id=user_id, app_id=app_id, **fields)
        self.models[user_id, app_id, model_id] = model
        if version_id:
            version = resources_pb2.ModelVersion(id=version_id, output_info=info)
            return self._with_version(model, version)
        return model

    def _with_version(self, model: resources_pb2.Model, version: resources_pb2.ModelVersion):
        model.model_version.CopyFrom(version)
        model.model_version.status.code = 21110
        kept = resources_pb2.Model()
        kept.CopyFrom(model)
        self.versions[model.user_id, model.app_id, model.id, version.id] = kept
        return kept

    def GetModel(self, request: Any) -> Any:  # noqa: N802 why: it is called as the method
        scope = (request.user_app_id.user_id, request.user_app_id.app_id, request.model_id)
        found = self.models.get(scope)
        if request.version_id:
            found = self.versions.get((*scope, request.version_id))
        answer = service_pb2.SingleModelResponse()
        if found is None:
            answer.status.code = 21200
            answer.status.description = "Model does not exist"
            return answer
        answer.model.CopyFrom(found)
        return ok(answer)

    def PostModels(self, request: Any) -> Any:  # noqa: N802 why: it is called as the method
        (asked,) = request.models
        fields = {"model_type_id": asked.model_type_id, "description": asked.description}
        scope = request.user_app_id
        made = self.add(scope.user_id, scope.app_id, asked.id, **fields)
        return ok(service_pb2.SingleModelResponse(model=made))

    def PostModelVersions(self, request: Any) -> Any:  # noqa: N802 why: it is called as the method
        scope = (request.user_app_id.user_id, request.user_app_id.app_id, request.model_id)
        (version,) = request.model_versions
        version.id = f"v{len(self.versions) + 1}"
        made = self._with_version(self.models[scope], version)
        return ok(service_pb2.SingleModelResponse(model=made))

    def PostWorkflows(self, request: Any) -> Any:  # noqa: N802 why: it is called as the method
        (workflow,) = request.workflows
        scope = request.user_app_id
        workflow.user_id, workflow.app_id = scope.user_id, scope.app_id
        kept = self.workflows.setdefault((scope.user_id, scope.app_id, workflow.id), [])
        workflow.version.id = f"w{len(kept) + 1}"
        workflow.version.nodes.extend(workflow.nodes)
        kept.append(workflow)
        return ok(service_pb2.MultiWorkflowResponse(workflows=[workflow]))

    def GetWorkflow(self, request: Any) -> Any:  # noqa: N802 why: it is called as the method
        scope = request.user_app_id
        kept = self.workflows[scope.user_id, scope.app_id, request.workflow_id]
        return ok(service_pb2.SingleWorkflowResponse(workflow=kept[-1]))

    def GetWorkflowVersion(self, request: Any) -> Any:  # noqa: N802 why: it is called as the method
        scope = request.user_app_id
        kept = self.workflows[scope.user_id, scope.app_id, request.workflow_id]
        (found,) = [one for one in kept if one.version.id == request.workflow_version_id]
        version = resources_pb2.WorkflowVersion(
            id=found.version.id,
            workflow_id=found.id,
            nodes=found.nodes,
            user_id=found.user_id,
            app_id=found.app_id,
        )
        return ok(service_pb2.SingleWorkflowVersionResponse(workflow_version=version))

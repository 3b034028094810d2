"""Write `docs/platform-coverage.md`: which RPCs of the service the embedded platform answers.

Read from the descriptor of the wire contract and from the platform's services. After a change:

    uv run python -m tools.platform_coverage
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_local import Platform
from clarifai_local.dispatch import SERVICE
from tools.wheels import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterable


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PAGE = ROOT / "docs" / "platform-coverage.md"

MUST = _names("""
    GetApp ListApps PostApps DeleteApp ListDatasets GetDataset PostDatasets DeleteDatasets
    ListDatasetVersions PostDatasetVersions DeleteDatasetVersions
    ListDatasetVersionMetricsGroups ListDatasetInputs PostInputs ListInputs PatchInputs
    DeleteInputs GetInputsAddJob CancelInputsAddJob PostAnnotations ListAnnotations
    ListConcepts PostInputsSearches PostAnnotationsSearches ListModels GetModel PostModels
    DeleteModels ListModelVersions GetModelVersion PostModelVersions DeleteModelVersion
    ListModelTypes PostModelOutputs PostEvaluations GetEvaluation
    ListModelVersionEvaluations ListWorkflows GetWorkflow PostWorkflows DeleteWorkflows
    ListWorkflowVersions PostWorkflowResults ListModules GetModule PostModules DeleteModules
    ListModuleVersions ListInstalledModuleVersions PostRunners GetRunner ListRunners
    DeleteRunners ListRunnerItems PostRunnerItemOutputs
""")
"""What the documented methods call."""

NATURAL = _names("""
    PatchApp PatchDatasets PatchModels PatchWorkflows PatchAnnotations PatchConcepts
    PostConcepts PostConceptRelations ListConceptRelations DeleteConceptRelations GetInput
    GetInputCount DeleteAnnotations PostDatasetInputs DeleteDatasetInputs
    PutDatasetVersionExports GetDatasetVersion GetModelType PatchModelVersions GetUser
    DeleteModel DeleteInput GenerateModelOutputs StreamModelOutputs GetConcept
    PostConceptsSearches PostModelsSearches GetModelOutputInfo DeleteWorkflow StreamInputs
    ListStatusCodes GetAnnotation PatchRunners GetModuleVersion PostModuleVersions
    DeleteModuleVersions PostInstalledModuleVersions GetInstalledModuleVersion
    DeleteInstalledModuleVersions ProcessRunnerItems
""")
"""What a client of any age expects besides."""


def implemented() -> frozenset[str]:
    """Return the RPCs that a platform with the built-in services answers."""
    platform = Platform()
    try:
        return platform.dispatcher.implemented()
    finally:
        platform.close()


def page() -> str:
    """Return the whole page."""
    answered = implemented()
    known = {method.name for method in SERVICE.methods}
    more = sorted(answered - {*MUST, *NATURAL})
    others = sorted(known - answered - {*MUST, *NATURAL})
    lines = [
        "# What the embedded platform answers",
        "",
        "Written by `python -m tools.platform_coverage` from the descriptor of the wire contract "
        "and the",
        "platform's services; a test compares. An RPC that is not answered gets the status "
        "NOT_IMPLEMENTED",
        "(10040), whose details name it.",
        "",
        "| RPCs | in the contract | answered |",
        "|---|---|---|",
        _counted("that the documented methods call", MUST, answered),
        _counted("that clients expect besides", NATURAL, answered),
        f"| further ones | {len(known - {*MUST, *NATURAL})} | {len(more)} |",
        "",
        *_section("That the documented methods call", MUST, answered, known),
        *_section("That clients expect besides", NATURAL, answered, known),
        "## Further ones that are answered",
        "",
        ", ".join(f"`{name}`" for name in more) or "None.",
        "",
        "## Not answered",
        "",
        ", ".join(f"`{name}`" for name in others) or "None.",
        "",
    ]
    return "\n".join(lines)


def _counted(what: str, names: Iterable[str], answered: frozenset[str]) -> str:
    wanted = list(names)
    return f"| {what} | {len(wanted)} | {sum(name in answered for name in wanted)} |"


def _section(
    title: str, names: Iterable[str], answered: frozenset[str], known: set[str]
) -> list[str]:
    rows = [f"| `{name}` | {_state(name, answered, known)} |" for name in names]
    return [f"## {title}", "", "| RPC | |", "|---|---|", *rows, ""]


def _state(name: str, answered: frozenset[str], known: set[str]) -> str:
    if name in answered:
        return "answered"
    return "gap" if name in known else "not in the installed wire contract"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")

"""The verbs of the official command line by their names, and what does the same here.

The names are facts, read off the `--help` of each command of the version below, installed in an
environment of its own; groups and their aliases are left out.
"""

from __future__ import annotations

VERSION = "12.5.0"

ABSENT = {
    "compute": "none: clusters, node pools and deployments are no part of the API that this SDK "
    "documents",
    "pipelines": "none: pipelines are no part of the API that this SDK documents",
    "artifacts": "none: artifacts are no part of the API that this SDK documents",
    "images": "none: it builds a container for the platform's compute; `clarifai runner start` "
    "serves a model from your machine",
    "script": "none: every command and program of this SDK finds the context by itself",
    "skills": "none: it installs instructions for coding assistants",
}
"""Why there is none here."""

VERBS = {
    "app create": "app create",
    "app delete": "app delete",
    "app list": "app list",
    "artifact cp": "artifacts",
    "artifact delete": "artifacts",
    "artifact get": "artifacts",
    "artifact list": "artifacts",
    "computecluster create": "compute",
    "computecluster delete": "compute",
    "computecluster list": "compute",
    "config create-context": "config create",
    "config current-context": "config show",
    "config delete-context": "config delete",
    "config edit": "config update",
    "config env": "whoami --explain",
    "config get-contexts": "config list",
    "config use-context": "config use",
    "config view": "config view",
    "deployment create": "compute",
    "deployment delete": "compute",
    "deployment get": "compute",
    "deployment list": "compute",
    "deployment logs": "compute",
    "list-instances": "compute",
    "login": "login",
    "logout": "logout",
    "model deploy": "compute",
    "model download-checkpoints": "images",
    "model init": "images",
    "model list": "model list",
    "model logs": "compute",
    "model predict": "model predict",
    "model serve": "runner start",
    "model status": "compute",
    "model undeploy": "compute",
    "model upload": "images",
    "nodepool create": "compute",
    "nodepool delete": "compute",
    "nodepool list": "compute",
    "pipeline compile": "pipelines",
    "pipeline init": "pipelines",
    "pipeline list": "pipelines",
    "pipeline run": "pipelines",
    "pipeline upload": "pipelines",
    "pipeline validate-lock": "pipelines",
    "pipeline-step init": "pipelines",
    "pipeline-step list": "pipelines",
    "pipeline-step local-run": "pipelines",
    "pipeline-step upload": "pipelines",
    "pipelinerun cancel": "pipelines",
    "pipelinerun monitor": "pipelines",
    "pipelinerun pause": "pipelines",
    "pipelinerun resume": "pipelines",
    "pipelinestep init": "pipelines",
    "pipelinestep list": "pipelines",
    "pipelinestep local-run": "pipelines",
    "pipelinestep upload": "pipelines",
    "pipelinetemplate info": "pipelines",
    "pipelinetemplate list": "pipelines",
    "run": "script",
    "shell-completion": "completion bash",
    "skills install": "skills",
    "skills list": "skills",
    "skills remove": "skills",
    "skills update": "skills",
    "whoami": "whoami",
}
"""Official verb -> ours, or why there is none."""

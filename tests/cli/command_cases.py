"""How each registered command is run by the tests that go over all of them."""

from __future__ import annotations

import attrs


@attrs.frozen
class Case:
    """One command line that succeeds; `{new}` is a word of its own in each run."""

    arguments: str
    before: tuple[str, ...] = ()
    """Command lines that make what it needs."""
    stdin: str = ""
    offline: bool = False
    """Whether it asks no platform, so that `--context` and `--base-url` are nothing to it."""
    streams: bool = False
    """Whether it prints many things of one kind, which `--limit` cuts."""


APP = ("app create {new}",)
INPUT = ("input upload --text {new} --id {new}",)
VERSION = ("dataset create-version train --id {new} --no-wait",)
CONTEXT = ("config create {new}x --base-url https://h.example --user-id ann",)
PLATFORM = ("local import {state} --path {folder}/{new}",)
PAT = "k3y0f7h3t3st5\n"


def offline(arguments: str, *before: str, stdin: str = "", streams: bool = False) -> Case:
    return Case(arguments, before, stdin, offline=True, streams=streams)


def listing(arguments: str) -> Case:
    return Case(arguments, streams=True)


CASES: dict[str, Case] = {
    "annotation create": Case("cat --concept pet"),
    "annotation delete": Case("{annotation} --yes"),
    "annotation list": listing(""),
    "annotation show": Case("{kept}"),
    "annotation update": Case("{kept} --concept cat"),
    "app create": Case("{new} --description Animals"),
    "app delete": Case("{new} --yes", APP),
    "app list": listing(""),
    "app show": Case("zoo"),
    "app update": Case("zoo --description Changed"),
    "app use": Case("zoo"),
    "completion bash": offline(""),
    "completion fish": offline(""),
    "completion install": offline("bash"),
    "completion zsh": offline(""),
    "concept create": Case("{new} --name {new}"),
    "concept list": listing(""),
    "concept show": Case("id-cat"),
    "concept update": Case("id-rat --name Rat"),
    "dataset convert": offline("{source} {folder}/{new} --format jsonl"),
    "dataset create": Case('{new} --metadata {{"a":1}}'),
    "dataset create-version": Case("train --description Before"),
    "dataset delete-version": Case("train {new} --yes", VERSION),
    "dataset delete": Case("{new} --yes", ("dataset create {new}",)),
    "dataset detect": offline("{source}"),
    "dataset export": Case("{folder}/{new}.zip --dataset-id train"),
    "dataset formats": offline("", streams=True),
    "dataset list": listing(""),
    "dataset show": Case("train"),
    "dataset status": Case("train"),
    "dataset update": Case("train --description Changed"),
    "dataset upload": Case("{source} --dataset-id other"),
    "dataset versions": listing("train"),
    "doctor": Case(""),
    "input create": Case("--text {new} --id {new}"),
    "input delete": Case("{new} --yes", INPUT),
    "input download": Case("cat dog --to {folder}/{new}"),
    "input list": listing(""),
    "input show": Case("cat"),
    "input update": Case("cat --metadata {{}} --concept cat"),
    "input upload": Case("{picture} --id {new} --concept red"),
    "local export": offline("{folder}/{new}.zip --path {platform}"),
    "local import": offline("{state} --path {folder}/{new}"),
    "local models": offline(""),
    "local reset": offline("--path {folder}/{new} --yes", *PLATFORM),
    "local status": offline("--path {platform}"),
    "login": offline("--no-try --user-id ann --base-url https://h.example", stdin=PAT),
    "logout": offline(""),
    "model concepts": listing("animals"),
    "model create": Case("{new} --model-type-id embedding-classifier"),
    "model delete": Case(
        "{new} --yes", ("model create {new} --model-type-id embedding-classifier",)
    ),
    "model delete-version": Case("animals {model_version} --yes"),
    "model evaluate": Case("animals --dataset-id train"),
    "model evaluations": listing("animals"),
    "model list": listing(""),
    "model logs": listing("animals"),
    "model params": listing("animals"),
    "model predict": Case("animals --text purring"),
    "model show": Case("animals"),
    "model status": Case("animals"),
    "model train": Case(
        "{new} --dataset-id train --no-wait",
        ("model create {new} --model-type-id embedding-classifier",),
    ),
    "model update": Case("animals --description Changed"),
    "model versions": listing("animals"),
    "module create": Case("{new} --description Panel"),
    "module delete": Case("{new} --yes", ("module create {new}",)),
    "module list": listing(""),
    "module show": Case("panel"),
    "module versions": listing("panel"),
    "module update": Case("panel --description Changed"),
    "plugins": offline("", streams=True),
    "plugins list": offline("", streams=True),
    "plugins new": offline("loader {new} --path {folder}"),
    "plugins trace": offline("whoami"),
    "runner create": Case("{new} --label gpu"),
    "runner delete": Case("{new} --yes", ("runner create {new} --label gpu",)),
    "runner list": listing(""),
    "runner show": Case("worker"),
    "runner update": Case("worker --description Changed"),
    "search": listing("--concept cat"),
    "user show": Case(""),
    "whoami": Case(""),
    "workflow create": Case("{workflow} --new-id"),
    "workflow delete": Case("{new} --yes", ("workflow create {folder}/{new}.yml",)),
    "workflow delete-version": Case("flow {workflow_version} --yes"),
    "workflow export": Case("flow {folder}/{new}.yml"),
    "workflow list": listing(""),
    "workflow predict": Case("flow --text purring"),
    "workflow show": Case("flow"),
    "workflow update": Case("flow --description Changed"),
    "workflow versions": listing("flow"),
    **{
        f"{group} {verb}": case
        for group in ("config", "context")
        for verb, case in {
            "create": offline("{new} --base-url https://h.example"),
            "delete": offline("{new}x --yes", *CONTEXT),
            "list": offline("", streams=True),
            "show": offline("one"),
            "update": offline("{new}x --app-id zoo", *CONTEXT),
            "use": offline("one"),
        }.items()
    },
    "config view": offline("one"),
}
"""Command -> a line of it that succeeds, behind its name."""

LONG = {
    "demo": "takes minutes: tests/e2e/test_demo.py runs it",
    "local up": "serves until it is stopped: tests/local/test_commands.py runs it",
    "runner start": "works until it is stopped: tests/runner/test_operation.py runs it",
}
"""Commands that are not run here, and where they are."""

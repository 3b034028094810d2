"""What `tools.asynchronous` has to be told: modules, names, and the few pieces that differ."""

from __future__ import annotations

from tools.asynchronous_replacements import REPLACED as REPLACED

MODULES = {
    "clarifai_core._page_walk": "clarifai_aio._core.page_walk",
    "clarifai_core.existing": "clarifai_aio._core.existing",
    "clarifai_core.jobs": "clarifai_aio._core.jobs",
    "clarifai_core.ops": "clarifai_aio._core.ops",
    "clarifai_core.polling": "clarifai_aio._core.polling",
    "clarifai_inputs.bulk": "clarifai_aio._inputs.bulk",
    "clarifai_inputs.sender": "clarifai_aio._inputs.sender",
    "clarifai_resources._concepts": "clarifai_aio._resources._concepts",
    "clarifai_resources._input_types": "clarifai_aio._resources._input_types",
    "clarifai_resources._listing": "clarifai_aio._resources._listing",
    "clarifai_resources._patches": "clarifai_aio._resources._patches",
    "clarifai_resources.app": "clarifai_aio._resources.app",
    "clarifai_resources._concept_methods": "clarifai_aio._resources._concept_methods",
    "clarifai_resources.inputs._changes": "clarifai_aio._resources.inputs._changes",
    "clarifai_resources.inputs.inputs": "clarifai_aio._resources.inputs.inputs",
    "clarifai_resources.inputs._listings": "clarifai_aio._resources.inputs._listings",
    "clarifai_resources.inputs._series": "clarifai_aio._resources.inputs._series",
    "clarifai_resources.inputs._uploads": "clarifai_aio._resources.inputs._uploads",
    "clarifai_resources.lister": "clarifai_aio._resources.lister",
    "clarifai_resources.model._base": "clarifai_aio._resources.model._base",
    "clarifai_resources.model._classifications": "clarifai_aio._resources.model._classifications",
    "clarifai_resources.model._evaluation_methods": (
        "clarifai_aio._resources.model._evaluation_methods"
    ),
    "clarifai_resources.model._evaluations": "clarifai_aio._resources.model._evaluations",
    "clarifai_resources.model._exports": "clarifai_aio._resources.model._exports",
    "clarifai_resources.model.model": "clarifai_aio._resources.model.model",
    "clarifai_resources.model._parameters": "clarifai_aio._resources.model._parameters",
    "clarifai_resources.model._prediction_methods": (
        "clarifai_aio._resources.model._prediction_methods"
    ),
    "clarifai_resources.model.predictions": "clarifai_aio._resources.model.predictions",
    "clarifai_resources.model._runner_selectors": "clarifai_aio._resources.model._runner_selectors",
    "clarifai_resources.model._training": "clarifai_aio._resources.model._training",
    "clarifai_resources.model._version_methods": "clarifai_aio._resources.model._version_methods",
    "clarifai_resources.module": "clarifai_aio._resources.module",
    "clarifai_resources.trainable": "clarifai_aio._resources.trainable",
    "clarifai_resources.user": "clarifai_aio._resources.user",
    "clarifai_resources.workflow._creation": "clarifai_aio._resources.workflow._creation",
    "clarifai_resources.workflow._export": "clarifai_aio._resources.workflow._export",
    "clarifai_resources.workflow.predictions": "clarifai_aio._resources.workflow.predictions",
    "clarifai_resources.workflow.workflow": "clarifai_aio._resources.workflow.workflow",
    "clarifai_datasets._members": "clarifai_aio._datasets._members",
    "clarifai_datasets._upload_status": "clarifai_aio._datasets._upload_status",
    "clarifai_datasets._versions": "clarifai_aio._datasets._versions",
    "clarifai_datasets.handle": "clarifai_aio._datasets.handle",
    "clarifai_datasets._export.source": "clarifai_aio._datasets.archive_source",
    "clarifai_datasets.upload._existing": "clarifai_aio._datasets.upload._existing",
    "clarifai_datasets.upload._processing": "clarifai_aio._datasets.upload._processing",
    "clarifai_datasets.upload._requests": "clarifai_aio._datasets.upload._requests",
    "clarifai_datasets.upload._run": "clarifai_aio._datasets.upload._run",
    "clarifai_search._hits": "clarifai_aio._search._hits",
    "clarifai_search._pages": "clarifai_aio._search._pages",
    "clarifai_search._saving": "clarifai_aio._search._saving",
    "clarifai_search.handle": "clarifai_aio._search.handle",
}
"""Source -> what is generated of it; what of a source waits for nothing is imported, not copied."""

WRITTEN = {
    "clarifai_core.handles": "clarifai_aio._core.handles",
    "clarifai_core.paging": "clarifai_aio._core.paging",
    "clarifai_core.transport.session": "clarifai_aio._core.session",
    "clarifai_datasets._export.pipeline": "clarifai_aio._datasets.export",
    "clarifai_datasets.upload._pipeline": "clarifai_aio._datasets.upload._pipeline",
    "clarifai_resources.inputs._downloads": "clarifai_aio._resources.inputs._downloads",
    "clarifai_resources.model._streams": "clarifai_aio._resources.model._streams",
}
"""Source -> its counterpart that is written by hand."""

ALL = {*MODULES, *WRITTEN}

PACKAGES = {
    "clarifai_resources.inputs": "clarifai_resources.inputs.inputs",
    "clarifai_resources.model": "clarifai_resources.model.model",
    "clarifai_resources.workflow": "clarifai_resources.workflow.workflow",
}
"""Package -> the module that has the handle it hands on."""

AWAITED = (
    r"(^|\.)_?session\.(call|run)$",
    r"(^|\.)downloads\.(read|save)$",
    r"(^|\.)(series|sender)\.send$",
)
"""Where waiting begins: calls, as they are written."""

AMBIGUOUS = {
    "count",
    "export",
    "find",
    "get",
    "load",
    "messages",
    "open",
    "read",
    "result",
    "run",
    "save",
    "send",
    "start",
    "update",
}
"""Names of methods that others have, too: of these only those wait of which the class is known."""

LISTINGS = {
    "generate",
    "hits",
    "list_annotations",
    "list_apps",
    "list_concepts",
    "list_datasets",
    "list_inputs",
    "list_installed_module_versions",
    "list_pages_generator",
    "list_runners",
    "list_versions",
    "list_workflows",
    "query",
    "search_concept_relations",
    "stream",
}
"""Methods of handles that are gone through by `async for`."""

CALLBACKS = {
    "clarifai_core._page_walk": {"get", "self._fetch"},
    "clarifai_core.polling": {"check", "sleep"},
    "clarifai_inputs.bulk": {"self.call.find"},
    "clarifai_resources._input_types": {"accepted"},
    "clarifai_resources.inputs._series": {"send", "self.known"},
}
"""Parameters that are called: coroutine functions come in there."""

NEVER = {
    "clarifai_datasets.upload._requests": {"downloads.read"},
    "clarifai_datasets.upload._run": {"app_concepts"},
    "clarifai_search._saving": {"bulk.post"},
}
"""Calls that are not awaited where they stand."""

ITERATED = {
    "clarifai_resources.model._prediction_methods": {
        "self.generate([one], inference_params, output_config)",
        "self.stream(iter([[one]]), inference_params, output_config)",
    },
    "clarifai_search._hits": {"self"},
    "clarifai_search._saving": {"hits"},
}
"""What is gone through by `async for`, where no annotation says so."""

BLOCKING = {
    "_expected",
    "_log_to_file",
    "_upload_logs.read",
    "builders.from_files",
    "builders.read_file",
    "config.read_config",
    "csv.inputs_of_csv",
    "document.check_writable",
    "document.write",
    "from_files",
    "loaders.of_source",
    "loaders.open_loader",
    "loaders.prepare",
    "parameters.load",
    "parameters.save",
    "read_file",
    "self.reread",
}
"""Calls that read or write files: in functions that wait anyway, they run in threads."""

LONG = {"downloads.downloader.save"}
"""Those that make a function wait."""

DROPPED = {
    "clarifai_resources.inputs._listings:_InputPager": (
        "what a notebook shows of a listing is asked for when it is shown, where nothing is awaited"
    ),
    "clarifai_resources.model._prediction_methods:PredictionMethods.async_predict": (
        "`predict` is awaited itself"
    ),
    "clarifai_resources.model._prediction_methods:PredictionMethods.async_generate": (
        "`generate` is gone through by `async for` itself"
    ),
    "clarifai_resources.model._prediction_methods:PredictionMethods.async_stream": (
        "`stream` is gone through by `async for` itself"
    ),
    **dict.fromkeys(
        (
            f"clarifai_runner.handle:Runner.{name}"
            for name in (
                *("run_input", "run_batch", "start", "stop", "serve", "metrics", "metrics_host"),
                *("metrics_port", "num_parallel_polls", "graceful_shutdown_seconds", "poller"),
                "send_stack_traces",
            )
        ),
        "a runner that works is a process of its own: clarifai.client.runner, whose run_input may "
        "be a coroutine function",
    ),
}
"""`module:Class.method` -> why it is not there on an event loop."""

ANEW = {
    "clarifai_datasets._export.source": ("downloads_of",),
    "clarifai_datasets._members": ("listed",),
    "clarifai_datasets.upload._run": ("_check_items", "_sign"),
    "clarifai_resources.model._parameters": ("defaults", "info"),
    "clarifai_datasets.upload._existing": ("_difference",),
    "clarifai_datasets.upload._requests": ("progress_of",),
    "clarifai_inputs.bulk": ("BulkCall",),
    "clarifai_resources.inputs._uploads": ("_Answer", "_left"),
    "clarifai_resources.model.predictions": ("Kinds",),
    "clarifai_resources.workflow.predictions": ("Kinds",),
}
"""Names that counterparts define though nothing of them waits: their types differ."""

"""Why public programs stop with a client, or are not run with it at all."""

from __future__ import annotations

from tests.interop.clients import NEW, OLD, OURS

STOPS: dict[tuple[str, str], str] = {
    ("changes", OLD): "has none of these words",
    ("guesses", OLD): "asks for `input_type`",
    ("helpers", OLD): "has no `logger` in `clarifai.utils.logging`",
    ("import_paths_old", OLD): "`clarifai.auth` and `clarifai.listing` ended with 9.x",
    ("import_paths_old", NEW): "`clarifai.modules` ended, too",
    ("methods_of_12", OLD): "knows no methods of models",
    ("methods_of_12", OURS): "asks by `predict(inputs)`, as the reference document has it",
    ("readme_newer", OLD): "its `list_versions` leaves out what its `from_auth_helper` asks for",
    ("readme_older", NEW): "refuses the metric `cosine` with the algorithm that it takes by itself",
    ("retry_by_log", OLD): "has no `retry_upload_from_logs`",
    ("words_of_9", OLD): "puts `output_config` into a message that has no such field",
    ("words_of_9", NEW): "takes `output_config` of a constructor, and does nothing with it",
    ("workflows_by_file", OLD): "refuses its own export of a workflow with a model of the same app",
    ("archives", OLD): "has no `dataset_version_id`, and no `archive_zip`",
    ("langchain_embeddings", OLD): "cannot take `base_url=None`, which langchain-community sends",
    (
        "module_of_secrets",
        NEW,
    ): "reads `st.query_params`, which streamlit forbids beside the old",
    ("module_page", NEW): "has no `clarifai.modules`",
}
"""(program, client) -> why it stops, where nobody is to mend it."""

NEVER: dict[tuple[str, str], str] = {
    ("command_line", OLD): "has no such command",
    ("command_line", OURS): "has a command line of its own, without `model predict`",
    ("llama_index_both", NEW): "asks for a newer tenacity than llama-index-core 0.10.33",
    ("datautils_reads", NEW): "asks for a newer PyYAML than datumaro 1.6.1",
}
"""(program, client) -> why it is not run."""

"""In which order the files of tests begin, so that no long one is left for the end.

Each file is one process's, from its first test to its last. With the long ones first, the processes
end at about the same time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

LONGEST = (
    "tests/testing/test_contracts.py",
    "tests/datasets/test_datumaro.py",
    "tests/e2e/test_demo.py",
    "tests/testing/test_contracts_with_platforms.py",
    "tests/packaging/test_installation.py",
    "tests/local/test_engine_types.py",
    "tests/datasets/test_bombs.py",
    "tests/local/fuzz/test_fuzz.py",
    "tests/local/test_engine_regions.py",
    "tests/datasets/test_round_trips.py",
    "tests/sdk/test_typing.py",
    "tests/testing/test_new.py",
    "tests/interop/test_stubs.py",
    "tests/cli/test_plugin_commands.py",
    "tests/interop/test_public.py",
    "tests/datasets/test_kills.py",
    "tests/local/test_vector_files.py",
    "tests/docs/test_commands_page.py",
    "tests/network/test_trouble.py",
    "tests/datasets/test_export_resume.py",
    "tests/docs/test_plugins_page.py",
    "tests/interop/test_sdk.py",
    "tests/local/test_fields.py",
    "tests/datasets/test_csv.py",
    "tests/cli/test_interrupts.py",
    "tests/sdk/test_completion.py",
    "tests/local/test_hostile_snapshots.py",
    "tests/local/test_commands_state.py",
    "tests/datasets/test_fault_matrix.py",
    "tests/cli/test_terminal.py",
    "tests/docs/test_plugins_alone.py",
    "tests/datasets/test_resume.py",
    "tests/packaging/test_benchmarks.py",
    "tests/local/test_pytest_plugin.py",
    "tests/aio/test_generated.py",
    "tests/local/test_models.py",
    "tests/models/test_demo.py",
    "tests/inputs/test_boxes.py",
    "tests/wire/test_replay.py",
    "tests/sdk/test_completion_of_pyright.py",
    "tests/local/test_engine_embeddings.py",
    "tests/notebooks/test_notebooks.py",
    "tests/resources/test_workflow_config_export.py",
    "tests/local/test_spaces.py",
    "tests/datasets/test_fuzz_command.py",
    "tests/aio/test_uploads.py",
    "tests/models/test_platform.py",
    "tests/aio/test_guide.py",
    "tests/datasets/test_executor.py",
    "tests/local/crash/test_crash.py",
    "tests/models/test_offline.py",
    "tests/resources/test_listing_faults.py",
    "tests/runner/test_soak.py",
    "tests/datasets/test_export_downloads.py",
    "tests/models/test_ocr.py",
    "tests/datasets/test_loader_plugin_example.py",
    "tests/datasets/test_identity.py",
    "tests/local/test_searches_by_brute_force.py",
    "tests/inputs/test_sender.py",
    "tests/network/test_listings.py",
    "tests/datasets/test_dask.py",
    "tests/interop/test_readers.py",
    "tests/docs/test_docstrings.py",
    "tests/network/test_soak.py",
    "tests/interop/test_inherited.py",
)
"""Files that take long for the number of their tests, the longest first, as `--durations` tells."""


def longest_first(files: Sequence[str]) -> list[int]:
    """Return in which order to take tests.

    Args:
        files: The file of each test, in the order of collection.

    Returns:
        Their numbers: those of `LONGEST`, then those of the files with most tests. Within a file
        the order stays.
    """
    tests = Counter(files)
    place = {file: number for number, file in enumerate(LONGEST)}

    def key(number: int) -> tuple[int, int, str]:
        file = files[number]
        return place.get(file, len(place)), -tests[file], file

    return sorted(range(len(files)), key=key)

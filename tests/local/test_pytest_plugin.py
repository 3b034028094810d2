"""The fixtures that users of the SDK get for their own tests."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

import pytest
import tomli

pytest_plugins = ["pytester"]

PACKAGE = Path(__file__).parents[2] / "packages" / "local"


def example():
    """The example of the README: the first code block that has a test function."""
    blocks = (PACKAGE / "README.md").read_text("utf-8").split("```python\n")[1:]
    return next(block for block in (b.split("```")[0] for b in blocks) if "def test_" in block)


@pytest.fixture
def run(pytester, monkeypatch):
    """Runs the code of a test file in a pytest of its own, with the plugin and no other."""

    def run(code, *options, **outcomes):
        monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
        pytester.makepyfile(code)
        options = ("-p", "clarifai_local.pytest_plugin", "-W", "error", *options)
        result = pytester.runpytest_subprocess(*options)
        result.assert_outcomes(**outcomes)
        return result

    return run


def test_the_example_of_the_readme_runs(run):
    code = example()
    run(code, passed=code.count("def test_"))


def test_each_test_has_a_platform_of_its_own(run):
    run(
        """
        import os
        import pytest
        from clarifai.client.user import User

        bases = set()

        @pytest.mark.parametrize("number", range(3))
        def test_empty(clarifai_platform, number):
            assert list(User(user_id="me").list_apps()) == []
            User(user_id="me").create_app(app_id="mine")
            bases.add(os.environ["CLARIFAI_API_BASE"])
            assert len(bases) == number + 1
        """,
        passed=3,
    )


def test_nothing_of_the_developers_own_is_used(run, monkeypatch, tmp_path):
    contexts = tmp_path / "contexts.yaml"
    contexts.write_text("current: work\ncontexts:\n  work:\n    base_url: https://192.0.2.1\n")
    monkeypatch.setenv("CLARIFAI_CONTEXTS_FILE", str(contexts))
    for name, value in {
        "API_BASE": "https://192.0.2.1",
        "PAT": "mine",
        "APP_ID": "my-app",
        "SESSION_TOKEN": "mine",
        "ROOT_CERTIFICATES_PATH": str(tmp_path / "missing.pem"),
    }.items():
        monkeypatch.setenv(f"CLARIFAI_{name}", value)
    run(
        """
        import os
        from clarifai.client.user import User

        def test_inside(clarifai_platform):
            User().create_app(app_id="a")
            assert clarifai_platform.recorder.count("PostApps") == 1
            assert "CLARIFAI_APP_ID" not in os.environ

        def test_afterwards():
            assert os.environ["CLARIFAI_API_BASE"] == "https://192.0.2.1"
            assert os.environ["CLARIFAI_PAT"] == "mine"
        """,
        passed=2,
    )


def test_sessions_and_platform_are_closed_behind_the_test(run):
    run(
        """
        import gc
        import threading
        import weakref
        import pytest
        from clarifai.client.user import User
        from clarifai_core.errors import UserError

        kept = []

        def test_uses_it(clarifai_platform):
            user = User(user_id="me")
            user.create_app(app_id="a")
            kept.extend([weakref.ref(clarifai_platform), clarifai_platform.url, user.session])

        def test_is_gone():
            reference, url, session = kept
            with pytest.raises(UserError, match="is closed"):
                list(User(user_id="me", base_url=url).list_apps())
            assert session.connection.platform.closed
            kept.clear()
            del session
            gc.collect()
            assert reference() is None
            names = [thread.name for thread in threading.enumerate()]
            assert [name for name in names if name.startswith("clarifai-local")] == []
        """,
        passed=2,
    )


def test_an_app_to_start_with(run):
    run(
        """
        from clarifai.client.app import App
        from clarifai.client.user import User

        def test_app(clarifai_app, clarifai_platform):
            assert clarifai_platform.recorder.count() == 0
            assert list(App().list_datasets()) == []
            assert [app.id for app in User().list_apps()] == [clarifai_app]
            assert clarifai_platform.recorder.last("ListDatasets").request.user_app_id.app_id == (
                clarifai_app
            )
        """,
        passed=1,
    )


def test_a_served_platform(run):
    run(
        """
        import os, subprocess, sys

        CODE = "from clarifai.client.user import User; User().create_app(app_id='other')"

        def test_another_process(clarifai_server, clarifai_platform):
            assert os.environ["CLARIFAI_API_BASE"] == clarifai_server.base_url
            subprocess.run([sys.executable, "-c", CODE], check=True)
            assert clarifai_platform.recorder.last("PostApps").request.apps[0].id == "other"
        """,
        passed=1,
    )


@pytest.fixture
def short():
    """A folder whose name is shorter than pytester's, so that it may hold temporary files."""
    with tempfile.TemporaryDirectory() as folder:
        yield folder


def test_the_developers_home_is_left_alone(run, monkeypatch, tmp_path, short):
    """Uploads that stop, logins and exports, here and in other processes, with an empty home."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("CLARIFAI_STATE_DIR", "CLARIFAI_CONTEXTS_FILE", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("XDG_CONFIG_HOME", raising=False)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("USERPROFILE", str(home))
    before = set(Path(tempfile.gettempdir()).iterdir())
    run(
        """
        import os, subprocess, sys, tempfile
        import pytest
        from pathlib import Path
        from clarifai.client.app import App

        def program(*arguments, **options):
            code = "import sys; from clarifai_cli.main import main; sys.exit(main())"
            command = [sys.executable, "-c", code, *arguments]
            subprocess.run(command, check=True, **options)

        @pytest.fixture
        def csv(tmp_path):
            path = tmp_path / "in.csv"
            path.write_text("inputid,input\\na,good\\nb,bad\\n")
            return str(path)

        def test_here(clarifai_app, clarifai_platform, tmp_path, csv):
            dataset = App().create_dataset("d")
            clarifai_platform.faults.on("PostInputs").status(10020)
            dataset.upload_from_csv(csv, csv_type="raw", labels=False)
            assert list((tmp_path / ".clarifai/state/uploads").glob("*.db"))
            clarifai_platform.faults.clear()
            assert dataset.upload_from_csv(csv, csv_type="raw", labels=False).uploaded == 2
            assert not list((tmp_path / ".clarifai/state/uploads").iterdir())
            dataset.export(tmp_path / "out.zip")
            assert Path(tempfile.mkdtemp()).is_relative_to(tmp_path)

        def test_in_other_processes(clarifai_app, clarifai_server, tmp_path, csv):
            App().create_dataset("d")
            program("login", "--base-url", "https://192.0.2.1", input=b"a-key-of-nobody\\n")
            assert (tmp_path / ".clarifai/contexts.yaml").exists()
            program("dataset", "upload", csv, "--dataset-id", "d", "--option", "csv_type=raw",
                    "--option", "labels=false")
            program("dataset", "export", str(tmp_path / "out.zip"), "--dataset-id", "d")
            code = "import tempfile; print(tempfile.mkdtemp())"
            made = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
            assert Path(made.stdout.strip()).is_relative_to(tmp_path)
        """,
        "--basetemp",
        short,
        passed=2,
    )
    assert list(home.rglob("*")) == []
    made = set(Path(tempfile.gettempdir()).iterdir()) - before
    assert not [path for path in made if "clarifai" in path.name]


def test_the_fixtures_are_listed_with_their_help(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    result = pytester.runpytest_subprocess("-p", "clarifai_local.pytest_plugin", "--fixtures")
    result.stdout.fnmatch_lines(
        ["*clarifai_platform*", "*A new, empty platform in memory*", "*clarifai_app*"]
    )


def test_the_package_offers_the_plugin_to_pytest():
    project = tomli.loads((PACKAGE / "pyproject.toml").read_text("utf-8"))["project"]
    (target,) = project["entry-points"]["pytest11"].values()
    assert callable(import_module(target).clarifai_platform)


def test_loading_the_plugin_loads_nothing_heavy():
    code = (
        "import sys, clarifai_local.pytest_plugin\n"
        "print(*[m for m in ('grpc', 'google.protobuf', 'numpy', 'sqlite3', 'clarifai_core',"
        " 'clarifai_local.platform') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_without_pytest_the_plugin_names_the_extra():
    code = "import sys; sys.modules['pytest'] = None; import clarifai_local.pytest_plugin"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "clarifai-local[pytest]"' in done.stderr

"""Whether `clarifai` is ours, whole and alone, is told from what installers write."""

from __future__ import annotations

import base64
import hashlib
import shutil
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Mapping
from importlib import metadata
from pathlib import Path

import pytest

import clarifai
from clarifai_core._extras import bringer_of, extra_of_spec
from clarifai_core.doors import program
from clarifai_core.installation import doors_fault, family_faults, faults_of, warn_of_others
from clarifai_core.plugins import Plugins, PluginSwitches
from tools.wheels import ROOT, contents

REMEDY = "Run `pip uninstall -y clarifai` until it says that none is installed"


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of the doors, as it is published."""
    folder = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT / "packages" / "sdk", check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


@pytest.fixture
def site(wheel: Path, tmp_path: Path) -> Path:
    """A folder of installed packages that holds our doors, with their own RECORD."""
    site = tmp_path / "site-packages"
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(site)
    return site


OFFICIAL = {
    "clarifai/__init__.py": "__version__ = '12.5.0'\n",
    "clarifai/client/user.py": "class User: ...\n",
    "clarifai/runners/server.py": "",
}


def install(site: Path, version: str = "12.5.0", files: Mapping[str, str] = OFFICIAL) -> Path:
    """Write a distribution `clarifai` into a folder as pip does, over whatever lies there."""
    info = f"clarifai-{version}.dist-info"
    about = f"Metadata-Version: 2.1\nName: clarifai\nVersion: {version}\n"
    recorded = []
    for name, text in {**files, f"{info}/METADATA": about}.items():
        path = site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
        recorded.append(f"{name},sha256={digest.decode().rstrip('=')},{len(text)}\n")
    (site / info / "RECORD").write_text("".join([*recorded, f"{info}/RECORD,,\n"]))
    return site


def test_our_doors_as_installed_are_right(site: Path, wheel: Path):
    assert "clarifai/client/user.py" in contents(wheel)
    assert doors_fault([str(site)]) == ""


def test_the_doors_of_this_workspace_are_right():
    assert doors_fault() == ""


def test_no_doors_are_no_fault(tmp_path: Path):
    assert doors_fault([str(tmp_path), str(tmp_path / "none")]) == ""


def test_the_other_sdk_alone_is_named(tmp_path: Path):
    fault = doors_fault([str(install(tmp_path))])
    assert fault.startswith("The package clarifai is that of another SDK (clarifai 12.5.0)")
    assert 'pip install --upgrade "clarifai>=13"' in fault


def test_two_in_one_folder_are_mixed(site: Path):
    fault = doors_fault([str(install(site))])
    assert fault.startswith("clarifai 12.5.0 and 13.0.0 are both installed")
    assert REMEDY in fault


def test_one_in_a_later_folder_is_hidden_not_mixed(site: Path, tmp_path: Path):
    other = install(tmp_path / "home")
    assert doors_fault([str(tmp_path), str(site), str(other)]) == ""
    assert "another SDK" in doors_fault([str(other), str(site)])


def remove_constants(site: Path) -> int:
    """Delete a folder of doors and return how many files it had, by the wheel's own list."""
    (record,) = site.glob("clarifai-*.dist-info/RECORD")
    listed = record.read_text("utf-8").splitlines()
    shutil.rmtree(site / "clarifai" / "constants")
    return sum(line.startswith("clarifai/constants/") for line in listed)


def test_missing_files_are_counted(site: Path):
    gone = remove_constants(site)
    fault = doors_fault([str(site)])
    assert fault.startswith(f"{gone} of the files of clarifai are missing, such as ")
    assert "such as clarifai/constants/" in fault
    assert REMEDY in fault


def test_missing_files_are_counted_where_the_library_leaves_them_out(site: Path, monkeypatch):
    """As Python does from 3.12 on, and `importlib_metadata`, which dask loads."""
    found = vars(metadata.Distribution)["files"].fget

    def present(one):
        return [file for file in found(one) or () if file.locate().exists()]

    monkeypatch.setattr(metadata.Distribution, "files", property(present))
    gone = remove_constants(site)
    assert f"{gone} of the files of clarifai are missing" in doors_fault([str(site)])


def test_files_of_others_written_over_ours_are_found(site: Path):
    (site / "clarifai" / "client" / "user.py").write_text("class User: ...\n")
    fault = doors_fault([str(site)])
    assert "1 of the files of clarifai are not those that were installed" in fault
    assert "such as clarifai/client/user.py" in fault


def test_files_of_others_beside_ours_are_found(site: Path):
    (site / "clarifai" / "runners").mkdir()
    (site / "clarifai" / "runners" / "server.py").write_text("")
    fault = doors_fault([str(site)])
    assert "1 of the files of clarifai are of another installation" in fault
    assert "such as clarifai/runners/server.py" in fault


def test_compiled_files_and_the_program_may_come_and_go(site: Path):
    """Images of containers often leave both behind."""
    info = next(site.glob("clarifai-*.dist-info"))
    with (info / "RECORD").open("a") as record:
        record.write("clarifai/__pycache__/__init__.cpython-311.pyc,,\n../../../bin/clarifai,,\n")
    (site / "clarifai" / "client" / "__pycache__").mkdir()
    (site / "clarifai" / "client" / "__pycache__" / "user.cpython-312.pyc").write_bytes(b"")
    assert doors_fault([str(site)]) == ""


def warnings_at(site: Path) -> list[str]:
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        warn_of_others(str(site / "clarifai" / "__init__.py"), clarifai.__version__)
    return [str(one.message) for one in caught]


def test_an_import_warns_of_metadata_beside_it(site: Path):
    assert warnings_at(site) == []
    (text,) = warnings_at(install(site))
    assert text.startswith("clarifai 12.5.0 is installed in the same folder as clarifai 13.0.0")
    assert REMEDY in text


@pytest.mark.parametrize(
    "name", ["clarifai-9.1.0-py3.8.egg-info", "Clarifai-9.1.0.egg-info", "clarifai-9.1.0.dist-info"]
)
def test_every_kind_of_metadata_is_seen(site: Path, name: str):
    (site / name).mkdir()
    assert len(warnings_at(site)) == 1


@pytest.mark.parametrize(
    "name",
    ["clarifai_grpc-12.6.0.dist-info", "~larifai-12.5.0.dist-info", "clarifai-grpc.dist-info"],
)
def test_metadata_of_other_packages_is_not(site: Path, name: str):
    (site / name).mkdir()
    assert warnings_at(site) == []


def test_doors_in_a_zip_have_no_neighbours(wheel: Path):
    assert warnings_at(wheel) == []


def test_the_import_itself_warns(site: Path):
    """In a process of its own, with a real RECORD on the path."""
    code = f"import sys; sys.path.insert(0, {str(install(site, files={}))!r}); import clarifai"
    command = [sys.executable, "-W", "error::RuntimeWarning", "-c", code]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "RuntimeWarning: clarifai 12.5.0 is installed in the same folder" in done.stderr


def test_a_program_that_lacks_modules_in_a_mixture_says_that_it_is_one(site: Path, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(install(site)), *sys.path])
    with pytest.raises(SystemExit, match="are both installed, so their files are mixed"):
        program("clarifai", "no_such_room.main:main")()


def sibling(site: Path, name: str, version: str, *needs: str, files: tuple[str, ...] = ()) -> Path:
    """Write a distribution into a folder, as an installer does, and return its RECORD."""
    info = site / f"{name.replace('-', '_')}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", *(f"Requires-Dist: {need}" for need in needs)]
    (info / "METADATA").write_text("\n".join(["Metadata-Version: 2.1", *lines, ""]))
    record = info / "RECORD"
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"").digest()).decode().rstrip("=")
    record.write_text("".join(f"{file},sha256={digest},0\n" for file in files))
    for file in files:
        (site / file).parent.mkdir(parents=True, exist_ok=True)
        (site / file).write_text("")
    return record


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages with nothing but what a test puts into it."""
    folder = tmp_path / "family"
    folder.mkdir()
    monkeypatch.setattr(sys, "path", [str(folder)])
    return folder


CORE = ("clarifai_core/__init__.py", "clarifai_core/settings.py")
NEED = "clarifai-core<0.3,>=0.2"


def test_a_family_that_fits_has_no_faults(family: Path):
    sibling(family, "clarifai-core", "0.2.0", "clarifai-grpc>=12.1", files=CORE)
    sibling(family, "clarifai-grpc", "12.6.0")
    sibling(family, "clarifai-search", "0.2.4", NEED, 'clarifai-inputs>=0.2; extra == "more"')
    sibling(family, "pandas", "1.0", "clarifai-core>=9", "no requirement !")
    assert family_faults() == ['pandas 1.0 needs clarifai-core>=9, and clarifai-core 0.2.0 is '
                               'installed: `pip install "clarifai-core>=9"`.']  # fmt: skip


@pytest.mark.parametrize(
    ("version", "need", "said"),
    [
        ("0.1.9", NEED, "needs clarifai-core<0.3,>=0.2, and clarifai-core 0.1.9 is installed"),
        ("0.3.0", NEED, "needs clarifai-core<0.3,>=0.2, and clarifai-core 0.3.0 is installed"),
        ("0.10.0", NEED, "and clarifai-core 0.10.0 is installed"),  # 0.10 comes behind 0.3
        ("0.2.0", "Clarifai.Core ~=0.3.0", "needs clarifai-core~=0.3.0, and clarifai-core 0.2.0"),
        ("", NEED, "needs clarifai-core<0.3,>=0.2, which is not installed: `pip install"),
    ],
)
def test_a_sibling_of_another_version_is_named_with_the_remedy(family, version, need, said):
    if version:
        sibling(family, "clarifai-core", version, files=CORE)
    sibling(family, "acme-vault", "1.0", need, "clarifai-core")
    faults = [fault for fault in family_faults() if "0.2" in fault or "0.3" in fault]
    (fault,) = faults
    assert fault.startswith("acme-vault 1.0 ")
    assert said in fault
    assert fault.count("`") == 2
    assert fault in faults_of("Acme.Vault")


def test_what_an_extra_needs_counts_where_it_is_installed(family: Path):
    sibling(family, "clarifai-core", "0.2.0", files=CORE)
    sibling(family, "clarifai", "13.0.0", NEED, 'clarifai-search>=0.2; extra == "search"',
            'clarifai-runner>=0.2; extra == "runner"', 'clarifai-grpc<=12.1.1; extra == "modules"',
            )  # fmt: skip
    sibling(family, "clarifai-grpc", "12.6.0")
    sibling(family, "clarifai-search", "0.1.0", NEED)
    (fault,) = family_faults()
    assert fault.startswith("clarifai 13.0.0 needs clarifai-search>=0.2, and clarifai-search 0.1.0")


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (lambda site: (site / CORE[1]).unlink(), "1 of the files of clarifai-core are missing"),
        (lambda site: shutil.rmtree(site / "clarifai_core"), "2 of the files of clarifai-core are"),
        (
            lambda site: (site / CORE[0]).write_text("old"),
            "1 of the files of clarifai-core are not those that were installed",
        ),
        (
            lambda site: (site / "clarifai_core" / "old.py").write_text(""),
            "1 of the files of clarifai-core are of another installation",
        ),
    ],
)
def test_a_damaged_sibling_is_named_with_the_remedy(family: Path, harm, said):
    sibling(family, "clarifai-core", "0.2.0", files=CORE)
    harm(family)
    (fault,) = family_faults()
    assert fault.startswith(said)
    assert fault.endswith(
        ": install it again (`pip install --force-reinstall --no-deps clarifai-core`)."
    )


def test_damaged_metadata_of_others_ends_nothing(family: Path):
    sibling(family, "clarifai-core", "0.2.0", files=CORE)
    (family / "odd-1.0.dist-info").mkdir()
    (family / "odd-1.0.dist-info" / "METADATA").write_bytes(b"\xff\xfe\x00Name: x")
    assert family_faults() == []


def test_a_door_whose_room_lost_its_files_says_to_install_it_again(site: Path, monkeypatch):
    """`pip install "clarifai[search]"` would say that all is there."""
    sibling(site, "clarifai-lost", "0.2.0", "clarifai-core", files=("clarifai_lost/__init__.py",))
    shutil.rmtree(site / "clarifai_lost")
    monkeypatch.syspath_prepend(str(site))
    run = program("clarifai", "clarifai_lost.main:main")
    with pytest.raises(SystemExit, match="--force-reinstall --no-deps clarifai-lost"):
        run()


def test_a_plugin_whose_distribution_lost_its_files_says_to_install_it_again(family: Path):
    sibling(family, "acme-gone", "1.0", "clarifai-core", files=("acme_gone/plugin.py",))
    shutil.rmtree(family / "acme_gone")
    (family / "acme_gone-1.0.dist-info" / "entry_points.txt").write_text(
        "[clarifai.plugins]\nacme = acme_gone.plugin\n"
    )
    (info,) = Plugins(PluginSwitches()).list()
    assert info.state == "broken"
    assert info.reason == (
        "ModuleNotFoundError: No module named 'acme_gone'; 1 of the files of acme-gone are "
        "missing, such as acme_gone/plugin.py: install it again (`pip install --force-reinstall "
        "--no-deps acme-gone`), or block it: CLARIFAI_BLOCK_PLUGINS=acme-gone:acme."
    )


def test_doors_without_what_they_stand_on_say_so_in_one_sentence(site: Path):
    """As after `pip install --no-deps`."""
    code = (
        f"import sys; sys.path[:] = [{str(site)!r}, *(p for p in sys.path if 'packages' not in p)]"
    )
    done = subprocess.run(
        [sys.executable, "-S", "-c", f"{code}; import clarifai"], capture_output=True, text=True
    )
    last = done.stderr.splitlines()[-1]
    assert last.startswith("ModuleNotFoundError: clarifai is not whole: No module named 'clarifai_")
    assert 'pip install --force-reinstall "clarifai>=13"' in last


def test_what_is_installed_or_removed_meanwhile_is_known(tmp_path: Path, monkeypatch):
    """What an extra brings is read once, and again when a folder of the path has changed."""
    monkeypatch.syspath_prepend(str(tmp_path))
    assert bringer_of("clauses", "acme") is None
    announced = tmp_path / "acme-1.dist-info"
    announced.mkdir()
    (announced / "METADATA").write_text("Metadata-Version: 2.1\nName: acme\nVersion: 1\n")
    (announced / "entry_points.txt").write_text("[clarifai.extras]\nclauses.acme = search\n")
    assert extra_of_spec("clauses", "acme") == "acme[search]"
    shutil.rmtree(announced)
    assert bringer_of("clauses", "acme") is None


def test_metadata_is_read_once_for_a_loop(monkeypatch):
    read = []
    whole = metadata.entry_points
    monkeypatch.setattr(metadata, "entry_points", lambda **of: read.append(of) or whole(**of))
    monkeypatch.syspath_prepend("a folder that is not there")
    assert {bringer_of("resources", "unheard-of") for _ in range(100)} == {None}
    assert read == [{"group": "clarifai.extras"}]

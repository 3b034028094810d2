"""Our reader of installed metadata says what `importlib.metadata` says, without importing it."""

from __future__ import annotations

import importlib.metadata
import subprocess
import sys
import zipfile

import pytest

from clarifai_core import _dist_info
from clarifai_core._entry_points import announced, normal
from clarifai_core._own_plugins import doors_requirements
from clarifai_core.hookspecs import ENTRY_POINT_GROUP

METADATA = "Metadata-Version: 2.1\nName: {}\nVersion: {}\nRequires-Dist: a>=1\nRequires-Dist: b\n\n"
POINTS = (
    "[console_scripts]\nx = y:z\n\n# why\n"
    "[clarifai.plugins]\n{} = json.decoder:JSONDecoder.decode [extra]\n"
)


@pytest.fixture
def site(tmp_path, monkeypatch):
    """An empty folder that alone is on the path, for what is installed into it."""
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    monkeypatch.setattr(sys, "meta_path", [_dist_info.PathFinder])
    # The backport importlib_metadata, which a test before may have imported, takes this away.
    ways = importlib.metadata.MetadataPathFinder.find_distributions
    monkeypatch.setattr(_dist_info.PathFinder, "find_distributions", ways, raising=False)
    return tmp_path


def install(folder, directory, name, version="1.0", points="p", file="METADATA"):
    where = folder / directory
    where.mkdir(parents=True)
    (where / file).write_text(METADATA.format(name, version))
    (where / "entry_points.txt").write_text(POINTS.format(points))


def told(found):
    """Return what both readers say of distributions, one line for each."""
    return sorted(
        (
            one.metadata["Name"],
            one.version,
            tuple(one.requires or ()),
            tuple(sorted((p.name, p.value, p.group) for p in one.entry_points)),
        )
        for one in found
    )


def test_all_of_this_environment_is_read_the_same():
    ours, theirs = list(_dist_info.distributions()), list(importlib.metadata.distributions())
    assert len(ours) > 100
    paths = {str(one._path) for one in theirs}
    assert {str(one._path) for one in ours} == paths
    assert told(ours) == told({str(one._path): one for one in theirs}.values())


@pytest.mark.parametrize("name", ["clarifai", "Clarifai_Core", "clarifai.datasets", "no-such"])
def test_one_is_found_in_any_spelling(name):
    found = told(_dist_info.distributions(name))
    assert found == told(importlib.metadata.distributions(name=name))
    assert bool(found) == (name != "no-such")


def test_what_points_name_is_imported(site):
    install(site, "acme-1.0.dist-info", "acme")
    (one,) = announced(ENTRY_POINT_GROUP)
    assert (one.name, one.distribution, one.version) == ("p", "acme", "1.0")
    import json.decoder

    assert one.point.load() is json.decoder.JSONDecoder.decode


def test_folders_of_old_installers_and_odd_names(site):
    install(site, "Odd.Name_x-2.dist-info", "Odd.Name-x", "2")
    install(site, "old.egg-info", "old", file="PKG-INFO")
    (site / "older-3-py3.egg-info").write_text(METADATA.format("older", "3"))
    assert told(_dist_info.distributions()) == told(importlib.metadata.distributions())
    assert {normal(one.metadata["Name"]) for one in _dist_info.distributions("ODD-name.X")} == {
        "odd-name-x"
    }


def test_a_folder_that_is_on_the_path_twice_counts_once(site, monkeypatch):
    install(site, "acme-1.0.dist-info", "acme")
    monkeypatch.setattr(sys, "path", [str(site), "/no/such/folder", str(site)])
    assert len(list(_dist_info.distributions())) == 1
    assert [one.fault for one in announced(ENTRY_POINT_GROUP)] == [""]


def test_of_two_copies_the_first_on_the_path_counts(site, monkeypatch):
    for number in ("1", "2"):
        install(site / number, f"acme-{number}.dist-info", "acme", number)
    monkeypatch.setattr(sys, "path", [str(site / "2"), str(site / "1")])
    first, second = announced(ENTRY_POINT_GROUP)
    assert (first.version, first.fault, second.version) == ("2", "", "1")
    assert "another copy of acme stands earlier on the path" in second.fault


@pytest.mark.parametrize(
    "text", ["Name: acme\nVersion: 1\n two\n\n", "nothing at all", "Version: 1\n\n", ""]
)
def test_metadata_that_is_not_plain_is_left_to_the_standard_library(site, text):
    install(site, "acme-1.0.dist-info", "acme")
    (site / "acme-1.0.dist-info" / "METADATA").write_text(text)
    for one, other in zip(
        _dist_info.distributions(), importlib.metadata.distributions(), strict=True
    ):
        for ask in ("metadata", "version", "requires"):
            assert said(one, ask) == said(other, ask)


def said(one, ask):
    try:
        found = getattr(one, ask)
        return found.get("Name") if ask == "metadata" else found
    except Exception as error:  # noqa: BLE001
        return type(error)


def test_zips_and_finders_of_others_are_asked(site, tmp_path, monkeypatch):
    archive = tmp_path / "packed.zip"
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("zipped-1.dist-info/METADATA", METADATA.format("zipped", "1"))
    monkeypatch.setattr(sys, "path", [str(archive)])
    assert [one.metadata["Name"] for one in _dist_info.distributions()] == ["zipped"]

    class Finder(importlib.metadata.DistributionFinder):
        def find_spec(self, *_):
            return None

        def find_distributions(self, context=None):
            return [importlib.metadata.Distribution.at(tmp_path / "x.dist-info")]

    monkeypatch.setattr(sys, "path", [])
    monkeypatch.setattr(sys, "meta_path", [_dist_info.PathFinder, Finder()])
    assert len(list(_dist_info.distributions())) == 1


def test_the_standard_librarys_is_not_imported():
    code = (
        "import sys; from clarifai_core.plugins import plugins; plugins().list();"
        "sys.exit('importlib.metadata' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_the_doors_are_known():
    assert "clarifai-datasets" in (doors_requirements() or ())

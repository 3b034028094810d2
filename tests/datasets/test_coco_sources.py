"""COCO as it comes from label tools and other machines: nothing lost, nothing mislabelled.

Layouts are those of each tool's export, ids are what pycocotools takes for one; the sources of each
kind are named in the cases of the issue (cocoapi#554, cvat#298, label-studio-converter#188 ...).
"""

from __future__ import annotations

import json
import zipfile

import numpy as np
import pytest
from PIL import Image
from pycocotools.coco import COCO

from clarifai_core.errors import UserError
from clarifai_datasets.upload.loader import BrokenItem, open_loader
from tests.datasets.conftest import png

BOX = {"bbox": [0, 0, 2, 2]}
CAT, DOG = {"id": 1, "name": "cat"}, {"id": 2, "name": "dog"}


def content(*names, **changes):
    images = [{"id": n, "file_name": name} for n, name in enumerate(names, 1)]
    notes = [{"id": n, "image_id": n, "category_id": n, **BOX} for n in range(1, len(names) + 1)]
    return {"images": images, "annotations": notes, "categories": [{**CAT}, {**DOG}], **changes}


def write(folder, labels, *pictures, **changes):
    for number, name in enumerate(pictures, 1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(number))
    path = folder / labels
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(changes["content"]))
    return path


def labelled(loader):
    """File name -> labels of each input."""
    items = list(loader.stream())
    assert not [one.reason for one in items if isinstance(one, BrokenItem)]
    return {one.image_path.replace("\\", "/").rpartition("/")[2]: one.labels for one in items}


def opened(source, name="coco_detection", **options):
    return open_loader(str(source), name, **options)


# -- layouts ---------------------------------------------------------------------------------------

LAYOUTS = {
    "COCO": ("annotations/instances_val2017.json", "val2017/a.png", "a.png"),
    "COCO, images below a folder": ("annotations/instances_val.json", "images/val/a.png", "a.png"),
    "CVAT": ("annotations/instances_default.json", "images/a.png", "a.png"),
    "CVAT, subsets": ("annotations/instances_default.json", "images/default/a.png", "a.png"),
    "FiftyOne": ("labels.json", "data/a.png", "a.png"),
    "Label Studio": ("result.json", "images/a.png", "images/a.png"),
    "Label Studio on Windows": ("result.json", "images/a.png", "images\\a.png"),
    "Roboflow": ("train/_annotations.coco.json", "train/a.png", "a.png"),
    "supervision": ("annotations.json", "images/a.png", "a.png"),
    "MMDetection": ("annotations/train.json", "train/a.png", "a.png"),
    "beside each other": ("x.json", "a.png", "a.png"),
    "names from the root": ("annotations/instances_val.json", "val/a.png", "val/a.png"),
}


@pytest.mark.parametrize("by", ["folder", "file", "zip"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_the_layouts_in_use(name, by, tmp_path):
    labels, picture, said = LAYOUTS[name]
    file = write(tmp_path / "set", labels, picture, content=content(said))
    source = {"folder": tmp_path / "set", "file": file}.get(by)
    if source is None:
        source = tmp_path / "set.zip"
        with zipfile.ZipFile(source, "w") as archive:
            for path in sorted((tmp_path / "set").rglob("*.*")):
                archive.write(path, path.relative_to(tmp_path / "set").as_posix())
    loader = opened(source, strict=True)
    assert labelled(loader) == {"a.png": ["cat"]}


def test_the_splits_of_roboflow_are_folders(tmp_path):
    for split in ("train", "valid"):
        made = content(f"{split}.png")
        write(tmp_path, f"{split}/_annotations.coco.json", f"{split}/{split}.png", content=made)
    assert labelled(opened(tmp_path, split="valid")) == {"valid.png": ["cat"]}
    with pytest.raises(UserError, match="by split="):
        opened(tmp_path)


SAID = {
    "other letters": "A.PNG",
    "a path of Windows": "C:\\Users\\me\\images\\a.png",
    "a path of another machine": "/home/me/pets/images/a.png",
    "a URL": "https://example.com/images/a.png?token=x",
    "escaped": "images/a%2Epng",
    "local files of Label Studio": "/data/local-files/?d=pets/images/a.png",
    "up and down": "../upload/1/a.png",
    "without ending": "a",
}


@pytest.mark.parametrize("name", SAID)
def test_names_of_other_systems_lead_to_the_picture_and_are_told(name, tmp_path):
    write(tmp_path, "result.json", "images/a.png", content=content(SAID[name]))
    loader = opened(tmp_path)
    assert labelled(loader) == {"a.png": ["cat"]}
    as_said = name in ("a URL", "escaped")  # all of its path is there
    assert len(loader.remarks) == (0 if as_said else 1)
    assert as_said or "by the end of the path" in loader.remarks.lines()[0]


def test_a_picture_of_another_split_is_not_taken(tmp_path):
    write(tmp_path, "instances_all.json", "val/a.png", content=content("train/a.png"))
    (item,) = opened(tmp_path).stream()
    assert "train/a.png: no such file" in item.reason


def test_of_two_pictures_of_one_name_none_is_taken(tmp_path):
    write(tmp_path, "x.json", "cats/a.png", "dogs/a.png", content=content("/elsewhere/a.png"))
    (item,) = opened(tmp_path).stream()
    assert isinstance(item, BrokenItem)


# -- ids and lists ---------------------------------------------------------------------------------


@pytest.mark.parametrize("own", [1, 1.0, "1", "1.0"])
@pytest.mark.parametrize("said", [1, 1.0, "1"])
def test_an_id_is_a_number_in_whatever_clothes(own, said, tmp_path):
    one = {"id": 1, "image_id": said, "category_id": said, **BOX}
    made = content("a.png", annotations=[one])
    made["images"][0]["id"] = own
    made["categories"] = [{"id": own, "name": "cat"}]
    path = write(tmp_path, "x.json", "a.png", content=made)
    loader = opened(path, strict=True)
    assert labelled(loader) == {"a.png": ["cat"]}
    assert loader[0].id == "1"
    if not isinstance(own, str) and not isinstance(said, str):
        assert len(COCO(str(path)).getAnnIds(imgIds=[own])) == 1


def test_a_text_with_leading_noughts_is_no_number(tmp_path):
    one = {"id": 1, "image_id": "007", "category_id": 1, **BOX}
    made = content("a.png", annotations=[one])
    made["images"] = [{"id": 7, "file_name": "a.png"}, {"id": "007", "file_name": "b.png"}]
    write(tmp_path, "x.json", "a.png", "b.png", content=made)
    assert labelled(opened(tmp_path)) == {"a.png": [], "b.png": ["cat"]}


def test_lists_that_are_objects_are_read(tmp_path):
    made = content("a.png", "b.png")
    for key in ("images", "annotations", "categories"):
        made[key] = {str(one.pop("id")): one for one in made[key]}
    write(tmp_path, "x.json", "a.png", "b.png", content=made)
    assert labelled(opened(tmp_path, strict=True)) == {"a.png": ["cat"], "b.png": ["dog"]}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"annotations": None}, "values of the file that are no lists: 1 (annotations: None)"),
        ({"annotations": "none"}, "values of the file that are no lists: 1 (annotations: 'none')"),
        ({"annotations": [[1, 2]]}, "annotations that are no objects: 1 ([1, 2])"),
        ({"categories": ["cat"]}, "categories that are no objects: 1 ('cat')"),
        (
            {"predictions": [1, 2]},
            "keys of the file that are not read: 2 (predictions, predictions)",
        ),
        ({"videos": {}}, None),
    ],
)
def test_what_has_another_shape_is_told(changes, said, tmp_path):
    write(tmp_path, "x.json", "a.png", content=content("a.png", **changes))
    loader = opened(tmp_path)
    list(loader.stream())
    assert said is None or said in loader.remarks.lines()


def test_images_of_another_shape_are_no_coco(tmp_path):
    for images in (None, 5, [], "a.png"):
        write(tmp_path, "x.json", "a.png", content=content("a.png", images=images))
        with pytest.raises(UserError, match="no list of images"):
            len(opened(tmp_path))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        (None, "no name"),
        ("", "no name"),
        ("  ", "no name"),
        (float("nan"), "no name"),
        ([], "no name"),
    ],
)
def test_a_category_without_a_name_is_no_label(name, why, tmp_path, world):
    made = content("a.png", categories=[{"id": 1, "name": name}])
    write(tmp_path, "x.json", "a.png", content=made)
    report = world.dataset.upload_dataset(opened(tmp_path))
    assert (report.uploaded, report.annotations, report.failed) == (1, 0, [])
    assert f"category 1 has {why}" in " ".join(report.notes)
    assert "categories without a name: 1 (1)" in report.notes


def test_a_number_is_a_name(tmp_path):
    made = content("a.png", categories=[{"id": 1, "name": 5}])
    write(tmp_path, "x.json", "a.png", content=made)
    assert labelled(opened(tmp_path, strict=True)) == {"a.png": ["5"]}


def test_categories_of_one_id(tmp_path):
    made = content("a.png", categories=[CAT, {"id": 1.0, "name": "dog"}])
    write(tmp_path, "x.json", "a.png", content=made)
    loader = opened(tmp_path)
    assert labelled(loader) == {"a.png": []}
    assert "category 1 is there twice, as 'cat' and 'dog'" in loader.left_out[0]
    assert loader.remarks.counts()["categories of one id and several names"] == 1
    write(tmp_path, "x.json", content=content("a.png", categories=[CAT, CAT]))
    assert labelled(opened(tmp_path, strict=True)) == {"a.png": ["cat"]}


def test_two_images_of_one_id_are_both_unclear(tmp_path):
    """Whose the annotations are is not known: none goes with those of another one."""
    made = content("a.png", "b.png")
    made["images"][1]["id"] = 1
    write(tmp_path, "x.json", "a.png", "b.png", content=made)
    reasons = " ".join(item.reason for item in opened(tmp_path).stream())
    assert "its id is that of another one (a.png, b.png)" in reasons
    assert "id '1' is there twice" in reasons
    assert "there is no image 2" in reasons


def test_an_image_without_id_is_named(tmp_path):
    made = content("a.png", "b.png")
    del made["images"][1]["id"], made["annotations"][1]["image_id"]
    write(tmp_path, "x.json", "a.png", "b.png", content=made)
    first, *others = opened(tmp_path).stream()
    assert first.labels == ["cat"]
    assert ["it has no id" in one.reason for one in others].count(True) == 1
    assert ["no image None" in one.reason for one in others].count(True) == 1


# -- what is not read ------------------------------------------------------------------------------


def test_keys_that_are_not_read_are_counted(tmp_path):
    made = content("a.png", "b.png")
    made["annotations"][0] |= {"keypoints": [1, 2, 2], "attributes": {"occluded": True}, "score": 0}
    made["annotations"][1] |= {"keypoints": [], "segmentation": [[0, 0, 1, 0, 1, 1]], "iscrowd": 1}
    made["images"][0]["tags"] = ["night"]
    write(tmp_path, "x.json", "a.png", "b.png", content=made)
    loader = opened(tmp_path)
    assert labelled(loader) == {"a.png": ["cat"], "b.png": ["dog"]}
    assert loader.remarks.counts() == {
        "values of annotations that are not read: keypoints": 1,
        "values of annotations that are not read: attributes": 1,
        "values of annotations that are not read: score": 1,
        "values of images that are not read: tags": 1,
        "segmentations, of which coco_detection reads the boxes only": 1,
        "crowds, which go as any other box": 1,
    }


def test_the_files_of_coco_itself_are_refused_by_no_strict_loader(tmp_path):
    """instances_val2017.json has segmentations, crowds, and images without annotations."""
    made = content("a.png", "b.png", info={"year": 2017}, licenses=[{"id": 1, "name": "CC"}])
    made["annotations"] = [
        made["annotations"][0] | {"segmentation": [[0, 0, 2, 0, 2, 2]], "area": 2.0, "iscrowd": 1}
    ]
    for image in made["images"]:
        image |= {"license": 1, "flickr_url": "x", "coco_url": "y", "date_captured": "2017"}
    write(tmp_path, "x.json", "a.png", "b.png", content=made)
    for loader in ("coco_detection", "coco_segmentation"):
        assert labelled(opened(tmp_path, loader, strict=True)) == {"a.png": ["cat"], "b.png": []}


def test_pictures_are_counted_that_have_no_labels(tmp_path):
    made = content("a.png", "b.png")
    del made["annotations"][1]
    write(tmp_path, "x.json", "a.png", "b.png", "c.png", "notes.txt", content=made)
    loader = opened(tmp_path)
    list(loader.stream())
    assert loader.remarks.lines() == [
        "left alone, in no list of images: 2 (c.png, notes.txt)",
        "images without annotations: 1 (2)",
    ]
    with pytest.raises(UserError, match=r"in no list of images: 2"):
        len(opened(tmp_path, strict=True))


@pytest.mark.parametrize(
    ("segmentation", "count", "kept"),
    [
        ([[0, 0, 1, 1]], 0, 1),
        ([[0, 0, 1, 0, 1, 1], [0, 0, 1]], 1, 0),
        ([0, 0, 2, 0, 2, 2], 1, 0),
        ({"size": [2, 2]}, 0, 1),
        ("none", 0, 1),
        ([None], 0, 1),
    ],
)
def test_a_polygon_that_is_none_costs_neither_others_nor_its_picture(
    segmentation, count, kept, tmp_path, world
):
    made = content("a.png")
    made["annotations"][0]["segmentation"] = segmentation
    made["annotations"].append(made["annotations"][0] | {"segmentation": [[0, 0, 1, 0, 1, 1]]})
    write(tmp_path, "x.json", "a.png", content=made)
    report = world.dataset.upload_dataset(opened(tmp_path, "coco_segmentation"))
    assert (report.uploaded, report.failed) == (1, [])
    assert report.annotations == count + 1
    assert bool(report.notes) or not kept


# -- pictures that lie on their side ---------------------------------------------------------------


def phone(folder, orientation=6):
    """A JPEG of 40 x 20 stored, so 20 x 40 as seen."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    made = Image.fromarray(np.zeros((20, 40, 3), np.uint8))
    folder.mkdir(parents=True, exist_ok=True)
    made.save(folder / "a.jpg", exif=exif)


@pytest.mark.parametrize(
    ("size", "bbox", "expected", "told"),
    [
        (None, [4, 2, 6, 10], [0.2, 0.05, 0.5, 0.3], 0),  # nothing is said: as it is seen
        ((20, 40), [4, 2, 6, 10], [0.2, 0.05, 0.5, 0.3], 0),
        ((40, 20), [4, 22, 6, 10], [0.2, 0.55, 0.5, 0.8], 1),  # Label Studio, labelme2coco
        ((40, 20), [30, 0, 10, 10], [0.5, 0.75, 1, 1], 1),  # coco-annotator: the stored one
    ],
)
def test_boxes_of_a_picture_on_its_side(size, bbox, expected, told, tmp_path):
    phone(tmp_path)
    made = content("a.jpg")
    made["annotations"][0]["bbox"] = bbox
    if size:
        made["images"][0] |= {"width": size[0], "height": size[1]}
    write(tmp_path, "x.json", content=made)
    loader = opened(tmp_path)
    assert loader[0].bboxes == [pytest.approx(expected)]
    assert len(loader.remarks) == told


def test_a_mask_of_the_stored_picture_is_turned_with_it(tmp_path):
    """The top left 10 x 5 pixels as stored are the top right ones, 5 x 10, when it is upright."""
    phone(tmp_path)
    mask = np.zeros((20, 40), int)
    mask[:5, :10] = 1
    runs = [0] + [run for _ in range(10) for run in (5, 15)]
    runs[-1] += 20 * 30
    made = content("a.jpg")
    made["images"][0] |= {"width": 40, "height": 20}
    made["annotations"][0]["segmentation"] = {"size": [20, 40], "counts": runs}
    write(tmp_path, "x.json", content=made)
    loader = opened(tmp_path, "coco_segmentation")
    ((ring,),) = loader[0].polygons
    assert {tuple(point) for point in ring} == {(1, 0), (1, 0.25), (0.75, 0.25), (0.75, 0)}
    assert len(loader.remarks) == 1

"""What get_upload_status counts, by the contract of `PLATFORM.md` 2.4 and the recorded uses.

The platform's groups whose value starts with `id-` are concepts, whose positive tags, boxes and
polygons are summed; any other text is a type of inputs, and one of them is "total".
"""

from __future__ import annotations

import json

import pytest
from clarifai_grpc.grpc.api import resources_pb2, service_pb2

from clarifai_core.errors import UserError
from clarifai_datasets.upload.features import TextFeatures
from clarifai_local.dispatch import rpc
from tests.datasets.list_loader import ListLoader


def group(value, kind, **counts):
    made = resources_pb2.DatasetVersionMetricsGroup(type=kind)
    made.value.string_value = value
    for name, count in counts.items():
        getattr(made.metrics, name).value = count
    return made


def concept(value, tags, boxes, polygons, kind=resources_pb2.CONCEPT_ID):
    return group(
        value,
        kind,
        positive_input_tags_count=tags,
        bounding_boxes_count=boxes,
        polygons_count=polygons,
    )


TOTAL = group("total", resources_pb2.INPUT_TYPE, inputs_count=3)
IMAGE = group("image", resources_pb2.INPUT_TYPE, inputs_count=3)


class Counting:
    """A platform that counts as it is told, `most` groups a page."""

    def __init__(self, groups, most=128):
        self.groups, self.most, self.asked = groups, most, []

    @rpc("ListDatasetVersionMetricsGroups")
    def metrics(self, request, caller):
        self.asked.append((request.page, request.per_page))
        start = (max(request.page, 1) - 1) * self.most
        return service_pb2.MultiDatasetVersionMetricsGroupResponse(
            dataset_version_metrics_groups=self.groups[start : start + self.most]
        )


@pytest.fixture
def counted(world):
    def count(*groups, **options):
        service = Counting(groups, **options)
        world.platform.dispatcher.add(service)
        return world.dataset.get_upload_status(pre_upload=True), service.asked

    return count


def test_concepts_boxes_and_polygons_are_summed_over_the_groups_of_concepts(counted):
    stats, asked = counted(TOTAL, IMAGE, concept("id-cat", 2, 1, 0), concept("id-dog", 1, 4, 3))
    assert stats == ({"total": 3, "image": 3}, {"concepts": 3, "bboxes": 5, "polygons": 3})
    assert asked == [(0, 0)]


def test_concept_ids_without_the_prefix_count_too(counted):
    stats, _ = counted(TOTAL, concept("cat", 2, 1, 0))
    assert stats == ({"total": 3}, {"concepts": 2, "bboxes": 1, "polygons": 0})


def test_groups_of_concepts_are_known_by_their_value_alone(counted):
    stats, _ = counted(TOTAL, concept("id-cat", 2, 1, 0, kind=resources_pb2.INPUT_TYPE))
    assert stats == ({"total": 3}, {"concepts": 2, "bboxes": 1, "polygons": 0})


def test_groups_of_other_values_are_left_alone(counted):
    number = resources_pb2.DatasetVersionMetricsGroup(type=resources_pb2.CONCEPTS_COUNT)
    number.value.number_value = 3
    number.metrics.inputs_count.value = 7
    assert counted(TOTAL, number)[0] == ({"total": 3}, {"concepts": 0, "bboxes": 0, "polygons": 0})


@pytest.mark.parametrize("most", [20, 128])
def test_more_concepts_than_a_page_holds_are_all_summed(counted, most):
    many = [concept(f"id-{number}", 1, 2, 0) for number in range(300)]
    stats, _ = counted(TOTAL, *many, most=most)
    assert stats[1] == {"concepts": 300, "bboxes": 600, "polygons": 0}


def test_a_data_set_with_many_concepts_on_the_embedded_platform(world):
    loader = ListLoader(
        "text_classification", [TextFeatures(f"t{n}", [f"c{n}", "all"]) for n in range(150)]
    )
    world.dataset.upload_dataset(loader)
    status = world.dataset.get_upload_status(loader)
    assert status.annotations == {"concepts": 300, "bboxes": 0, "polygons": 0}
    assert status.expected["concepts"] == 300


BEFORE = ({"text": 1, "total": 1}, {"concepts": 1, "bboxes": 0, "polygons": 0})


@pytest.mark.parametrize(
    "told",
    [
        lambda status, stats: status,
        lambda status, stats: stats,
        lambda status, stats: list(stats),
        lambda status, stats: json.loads(json.dumps(stats)),
        lambda status, stats: ({"text": "1", "total": "1"}, stats[1]),  # as the official SDK has it
    ],
    ids=["the status", "its counts", "as a list", "through JSON", "as text"],
)
def test_it_takes_what_it_returned_before(world, told):
    world.dataset.upload_dataset(
        ListLoader("text_classification", [TextFeatures("a", ["x"], id="a")])
    )
    status = world.dataset.get_upload_status()
    stats = world.dataset.get_upload_status(pre_upload=True)
    assert stats == BEFORE
    loader = ListLoader(
        "text_classification", [TextFeatures("b", ["x"], id="b"), TextFeatures("c", [], id="c")]
    )
    world.dataset.upload_dataset(loader)
    after = world.dataset.get_upload_status(loader, pre_upload_stats=told(status, stats))
    assert after.before == BEFORE
    assert (after.inputs["total"], after.missing) == (3, 0)
    assert "total              3         1         2" in str(after)


@pytest.mark.parametrize("given", [3, "stats", {"total": 1}, ({"total": "many"}, {}), ([1], [2])])
def test_what_it_did_not_return_is_refused_before_anything_is_counted(world, given):
    with pytest.raises(UserError, match="pre_upload_stats must be what get_upload_status returned"):
        world.dataset.get_upload_status(pre_upload_stats=given)
    assert "PostDatasetVersions" not in world.faults.calls

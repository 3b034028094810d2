"""What a caller asked to see of an answer: how many concepts, which ones, from which value on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from clarifai_local._concept_names import ENGLISH, check_language, translated
from clarifai_local.engine.concepts import concept_id
from clarifai_local.statuses import invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from clarifai_grpc.grpc.api import resources_pb2

DEFAULT_MAX_CONCEPTS = 20
"""Concepts in an answer when `max_concepts` is 0."""

MAX_CONCEPTS = 10_000


@attrs.frozen
class OutputSelection:
    """An `OutputConfig`, ready to be applied."""

    max_concepts: int = DEFAULT_MAX_CONCEPTS
    min_value: float = 0.0
    ids: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    language: str = ENGLISH
    """Of the names of public concepts."""

    @classmethod
    def of(cls, config: resources_pb2.OutputConfig) -> OutputSelection:
        """Read an output config.

        Raises:
            Refused: 11102 when `max_concepts` or `min_value` is out of range, or the language is
                one that the public concepts have no names in.
        """
        if not 0 <= config.max_concepts <= MAX_CONCEPTS:
            raise invalid(
                f"max_concepts must be between 0 and {MAX_CONCEPTS:,}, got {config.max_concepts}"
            )
        if not 0 <= config.min_value <= 1:
            raise invalid(f"min_value must be between 0 and 1, got {config.min_value:g}")
        return cls(
            config.max_concepts or DEFAULT_MAX_CONCEPTS,
            config.min_value,
            frozenset(concept.id for concept in config.select_concepts if concept.id),
            frozenset(c.name for c in config.select_concepts if c.name and not c.id),
            check_language(config.language, "output_config.language"),
        )

    def apply(
        self, data: resources_pb2.Data, known: Mapping[str, resources_pb2.Concept]
    ) -> resources_pb2.Data:
        """Name, choose and sort the concepts of an answer, those of regions and frames included.

        A region none of whose concepts was chosen is left out.

        Args:
            data: What a predictor returned; changed in place.
            known: The model's concepts by id, for their names.
        """
        if data.concepts:
            chosen = self._chosen(data.concepts, known)
            del data.concepts[:]
            data.concepts.extend(chosen)
        if data.regions:
            kept = [region for region in data.regions if self._keeps(region, known)]
            del data.regions[:]
            data.regions.extend(kept)
        for frame in data.frames:
            self.apply(frame.data, known)
        return data

    def _keeps(
        self, region: resources_pb2.Region, known: Mapping[str, resources_pb2.Concept]
    ) -> bool:
        """Choose the concepts of a region; return False when it had some and none is left."""
        named = bool(region.data.concepts)
        self.apply(region.data, known)
        return bool(region.data.concepts) or not named

    def _chosen(
        self,
        concepts: Iterable[resources_pb2.Concept],
        known: Mapping[str, resources_pb2.Concept],
    ) -> list[resources_pb2.Concept]:
        ordered = sorted(concepts, key=lambda concept: -concept.value)
        chosen: list[resources_pb2.Concept] = []
        for concept in ordered:
            if len(chosen) == self.max_concepts or concept.value < self.min_value:
                break
            model_concept = known.get(concept.id)
            if model_concept is not None:
                concept.name = concept.name or model_concept.name
                concept.app_id = concept.app_id or model_concept.app_id
            concept.name = concept.name or concept.id
            if self.language != ENGLISH and concept.id == concept_id(concept.name):
                concept.name = translated(concept.name, self.language)
                concept.language = self.language
            if self._selected(concept):
                chosen.append(concept)
        return chosen

    def _selected(self, concept: resources_pb2.Concept) -> bool:
        everything = not (self.ids or self.names)
        return everything or concept.id in self.ids or concept.name in self.names

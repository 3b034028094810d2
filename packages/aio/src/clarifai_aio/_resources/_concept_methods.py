# Made of clarifai_resources._concept_methods by a tool:
# change that, and run `python -m tools.asynchronous`.

"""What apps do with concepts; the work is in `_concepts`.

Importing this module costs nothing; what is heavy comes in with the first request.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from clarifai_aio._core.handles import Handle
from clarifai_aio._resources import _concepts

if TYPE_CHECKING:
    from collections.abc import Sequence

    from clarifai_grpc.grpc.api.resources_pb2 import Concept, ConceptRelation

    from clarifai_aio._core.paging import Pager
    from clarifai_resources._concepts import Predicate


class ConceptMethods(Handle):
    """Concepts of an app, relations between them, and the number of its inputs."""

    async def create_concepts(
        self, concept_ids: Sequence[str], concepts: Sequence[str] = ()
    ) -> list[Concept]:
        """Create concepts.

        Args:
            concept_ids: Their ids.
            concepts: A name for each; without, their ids are their names.

        Returns:
            The concepts, as the platform made them.

        Raises:
            UserError: There are not as many names as ids, or an argument is wrong; nothing was
                sent.
            AlreadyExists: The app has a concept of such an id; it made none.

        Example:
            >>> from clarifai.aio import App
            >>> app = App(app_id="main", user_id="me")
            >>> [one.name for one in await app.create_concepts(["id-cat", "id-dog"], ["cat", "dog"])]
            ['cat', 'dog']
        """
        return await _concepts.create(self, _concepts.ConceptFields(concept_ids, concepts))

    async def create_concept_relations(
        self,
        subject_concept_id: str,
        object_concept_ids: Sequence[str],
        predicates: Sequence[Predicate],
    ) -> list[ConceptRelation]:
        """Relate a concept to others.

        Args:
            subject_concept_id: Id of the concept.
            object_concept_ids: Ids of the others.
            predicates: What the concept is to each of them: `"hypernym"`, `"hyponym"` or
                `"synonym"`.

        Returns:
            The relations, as the platform made them.

        Raises:
            UserError: There are not as many predicates as others, or one is unknown; nothing was
                sent.
            NotFound: The app does not have one of the concepts; it made no relation.

        Example:
            >>> from clarifai.aio import App
            >>> app = App(app_id="main", user_id="me")
            >>> made = await app.create_concepts(["animal", "cat"])
            >>> (await app.create_concept_relations("animal", ["cat"], ["hypernym"]))[0].object_concept.id
            'cat'
        """
        return await _concepts.relate(self, subject_concept_id, object_concept_ids, predicates)

    async def search_concept_relations(
        self,
        concept_id: str | None = None,
        predicate: Predicate | None = None,
        page_no: int | None = None,
        per_page: int | None = None,
        show_tree: bool = False,
    ) -> Pager[ConceptRelation]:
        """Return the relations between concepts of the app, newest first.

        Args:
            concept_id: Only those of this concept; those that others have to it are turned round,
                so that it is always the subject.
            predicate: Only `"hypernym"`, `"hyponym"` or `"synonym"`.
            page_no: Number of the only page to get, from 1.
            per_page: Items of that page; 16 when only `page_no` is given.
            show_tree: Print them as a tree, too; they are then fetched at once.

        Raises:
            UserError: The predicate is unknown, or a page cannot be.

        Example:
            >>> from clarifai.aio import App
            >>> app = App(app_id="main", user_id="me")
            >>> made = await app.create_concepts(["plant", "oak"])
            >>> made = await app.create_concept_relations("plant", ["oak"], ["hypernym"])
            >>> (await (await app.search_concept_relations("oak", show_tree=True)).first()).predicate
            oak
            `-- hyponym: plant
            'hyponym'
        """
        found = _concepts.relations(self, concept_id, predicate, page_no, per_page)
        return await _concepts.shown(found) if show_tree else found

    async def delete_concept_relations(
        self, concept_id: str, concept_relation_ids: Sequence[str] = ()
    ) -> None:
        """Delete relations of a concept.

        Args:
            concept_id: Id of the concept.
            concept_relation_ids: Ids of its relations; without, all of them.

        Raises:
            UserError: An id is empty; nothing was sent.
            NotFound: There is no such relation; none is deleted.

        Example:
            >>> from clarifai.aio import App
            >>> app = App(app_id="main", user_id="me")
            >>> made = await app.create_concepts(["colour", "red"])
            >>> made = await app.create_concept_relations("colour", ["red"], ["hypernym"])
            >>> await app.delete_concept_relations("colour")
            >>> await (await app.search_concept_relations("colour")).all()
            []
        """
        await _concepts.unrelate(self, concept_id, concept_relation_ids)

    async def get_input_count(self) -> int:
        """Return how many inputs of the app are processed.

        Example:
            >>> from clarifai.aio import App
            >>> await App(app_id="main", user_id="me").get_input_count() >= 0
            True
        """
        return await _concepts.input_count(self)


__all__ = ["ConceptMethods"]

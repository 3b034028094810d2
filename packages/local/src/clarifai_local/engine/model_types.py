"""The model types of the platform, as one table; `catalogue` has their training templates.

`ListModelTypes` and `GetModelType` answer from it; a training takes its parameters, defaults and
engine from it. A row without engine can be created and used with versions of one's own, but not
trained. Plugins add rows through `clarifai_register_engines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local.engine._catalogue import Template as Template
from clarifai_local.engine._catalogue import described_parameters, templates
from clarifai_local.engine._parameters import (
    GENERATION,
    INFER,
    TRAIN,
    FieldType,
    InvalidParameterError,
    check_all,
    described,
    number,
)
from clarifai_local.engine._parameters import Parameter as Parameter

EvaluationType = resources_pb2.EvaluationType


@attrs.frozen
class ModelTypeRow:
    """One model type: what it takes, what it gives, how it is trained."""

    id: str
    title: str
    description: str
    input_fields: Sequence[str]
    output_fields: Sequence[str]
    engine: str = ""
    """`"module:attribute"` of an `Engine` (a class or function without arguments); empty: none."""
    parameters: Sequence[Parameter] = ()
    templates: Sequence[Template] = ()
    evaluation: int = 0
    needs_labels: bool = True
    """Whether a training reads labelled inputs only; else it reads all."""
    creatable: bool = True
    strict: bool = False
    """Whether `parameters` are all that `output_info.params` may hold."""

    @property
    def trainable(self) -> bool:
        """Whether a training can be started."""
        return bool(self.engine)

    def template(self, params: Mapping[str, Any]) -> Template | None:
        """Return the template that `params` names; None for a type without templates.

        Raises:
            InvalidParameterError: No or an unknown template is named.
        """
        if not self.templates:
            return None
        known = {name: one for one in self.templates for name in (one.id, *one.aliases)}
        name = params.get("template") or ""
        if name not in known:
            names = ", ".join(template.id for template in self.templates)
            raise InvalidParameterError(
                f"template must be one of {names} for {self.id}, got {name!r}"
            )
        return known[name]

    def checked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return `train_info.params` with defaults filled in and the template's options added.

        Raises:
            InvalidParameterError: A name or value that the type does not have.
        """
        template = self.template(params)
        parameters = [*self.parameters, *(template.parameters if template else ())]
        values = check_all([item for item in parameters if item.path.startswith(TRAIN)], params)
        return {**values, **(template.options(values) if template else {})}

    def answering(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return `output_info.params` with defaults filled in.

        Raises:
            InvalidParameterError: A name or value that the type does not have.
        """
        return check_all([item for item in self.parameters if item.path.startswith(INFER)], params)

    def to_message(self) -> resources_pb2.ModelType:
        """Return the row as ListModelTypes answers it."""
        message = resources_pb2.ModelType(
            id=self.id,
            title=self.title,
            description=self.description,
            input_fields=self.input_fields,
            output_fields=self.output_fields,
            trainable=self.trainable,
            creatable=self.creatable,
            evaluation_type=self.evaluation,  # type: ignore[arg-type]
        )
        # As the hosted service orders them: of the training, the template, of the answers.
        training = [item for item in self.parameters if not item.path.startswith(OUTPUT)]
        message.model_type_fields.extend(item.to_message() for item in training)
        if self.templates:
            message.model_type_fields.append(self._template_field())
        answering = [item for item in self.parameters if item.path.startswith(OUTPUT)]
        message.model_type_fields.extend(item.to_message() for item in answering)
        return message

    def _template_field(self) -> resources_pb2.ModelTypeField:
        options = [
            resources_pb2.ModelTypeEnumOption(
                id=template.id,
                description=template.description,
                model_type_fields=[item.to_message() for item in template.parameters],
                internal_only=template.internal_only,
                recommended=template.recommended,
            )
            for template in self.templates
        ]
        return resources_pb2.ModelTypeField(
            path=TRAIN + "template",
            field_type=FieldType.RECURSIVE_ENUM,
            description="The way to train.",
            placeholder="template",
            required=True,
            model_type_enum_options=options,
        )


OUTPUT = "output_info."

TEXT, HITS = "{data.text.raw}", "{data.hits}"
"""What prompters put something in for."""

_TOLERANCE = described(
    "invalid_data_tolerance_percent", described_parameters()["invalid_data_tolerance_percent"]
)
_SELECTED = Parameter(
    INFER + "select_concepts",
    FieldType.ARRAY_OF_MODEL_CONCEPTS,
    [],
    "Ids of the concepts that answers hold; empty for all.",
)
_THRESHOLD = Parameter(
    INFER + "detection_threshold",
    FieldType.RANGE,
    0.0,
    "The least value of a region that answers hold.",
    0,
    1,
)

_BASE_EMBED_MODEL = Parameter(
    "input_info.base_embed_model",
    FieldType.WORKFLOW_EMBED_MODELS,
    None,
    "The embedding model to build on; left out: the platform's embedder.",
)


def _kept(name: str, default: Any, description: str) -> Parameter:
    """Return a number, or several, that nothing here depends on."""
    several = isinstance(default, list)
    kind = FieldType.ARRAY_OF_NUMBERS if several else FieldType.NUMBER
    return Parameter(TRAIN + name, kind, default, description, 0, effect=False)


_ENGINE = "clarifai_local.engine."

TRAINABLE = (
    ModelTypeRow(
        id="embedding-classifier",
        title="Transfer Learn",
        description="Classifies images and texts by a linear model on the app's embeddings.",
        input_fields=("embeddings",),
        output_fields=("concepts",),
        engine=_ENGINE + "_classifier:EmbeddingClassifier",
        evaluation=EvaluationType.Classification,
        parameters=(
            _BASE_EMBED_MODEL,
            Parameter(
                TRAIN + "enrich_dataset",
                FieldType.ENUM,
                "Automatic",
                "Automatic adds generated negatives to a concept that has none.",
                choices=("Automatic", "Disabled"),
            ),
            number(
                "regularization",
                0.02,
                "Of the embedded platform: how strongly large weights are held back.",
                (1e-6, 1e3),
                internal_only=True,
            ),
            attrs.evolve(_TOLERANCE, internal_only=True),
            Parameter(
                OUTPUT + "output_config.concepts_mutually_exclusive",
                FieldType.BOOLEAN,
                False,
                "Whether each input has exactly one concept: values then sum to 1.",
            ),
            Parameter(
                INFER + "min_value",
                FieldType.RANGE,
                0.0,
                "The least value of a concept that answers hold.",
                0,
                1,
            ),
        ),
    ),
    ModelTypeRow(
        id="visual-classifier",
        title="Visual Classifier",
        description="Classifies images: a small neural network on the platform's image features.",
        input_fields=("image",),
        output_fields=("concepts",),
        engine=_ENGINE + "_classifier:VisualClassifier",
        evaluation=EvaluationType.Classification,
        templates=templates("visual-classifier"),
        parameters=(_TOLERANCE, _SELECTED),
    ),
    ModelTypeRow(
        id="visual-detector",
        title="Visual Detector",
        description="Finds things in images: a small network on sliding windows, learned from "
        "boxes. For things with a colour or outline of their own; no pretrained backbone.",
        input_fields=("image",),
        output_fields=("regions",),
        engine=_ENGINE + "_detector:VisualDetector",
        evaluation=EvaluationType.Detection,
        templates=templates("visual-detector"),
        parameters=(_TOLERANCE, _THRESHOLD),
    ),
    ModelTypeRow(
        id="visual-segmenter",
        title="Visual Segmenter",
        description="Marks areas in images: a small network on each pixel and what is around it, "
        "learned from polygons and masks. For areas of a colour or texture of their own; "
        "no pretrained backbone.",
        input_fields=("image",),
        output_fields=("regions",),
        engine=_ENGINE + "_segmenter:VisualSegmenter",
        evaluation=EvaluationType.Segmentation,
        templates=templates("visual-segmenter"),
        parameters=(_TOLERANCE,),
    ),
    ModelTypeRow(
        id="visual-embedder",
        title="Visual Embedder",
        description="Images as vectors: a linear projection of the platform's image features, "
        "learned so that images of one concept come near each other.",
        input_fields=("image",),
        output_fields=("embeddings",),
        engine=_ENGINE + "_visual_embedder:VisualEmbedder",
        templates=templates("visual-embedder"),
        parameters=(_TOLERANCE,),
    ),
    ModelTypeRow(
        id="clusterer",
        title="Clusterer",
        description="Groups of near inputs: k-means on the app's embeddings, no labels needed.",
        input_fields=("embeddings",),
        output_fields=("clusters",),
        engine=_ENGINE + "_clusterer:Clusterer",
        needs_labels=False,
        parameters=(
            _BASE_EMBED_MODEL,
            number("coarse_clusters", 32, "Clusters to find, at most.", (1, 10_000), whole=True),
            _kept("eval_holdout_fraction", 0.2, "Share of inputs kept for evaluation."),
            _kept("query_holdout_fraction", 0.1, "Share of inputs kept as queries."),
            _kept("to_be_indexed_queries_fraction", 0.25, "Share of queries that are indexed."),
            _kept("max_num_query_embeddings", 100.0, "Queries, at most."),
            _kept("num_results_per_query", [1.0, 5.0, 10.0, 20.0], "Results looked at."),
            _kept("max_visited", 32.0, "Clusters that a query visits, at most."),
            _kept("quota", 1000.0, "Results that a query collects, at most."),
            _kept("beta", 1.0, "Weight of recall against precision."),
            number(
                "query_batch",
                10,
                "Of the embedded platform: inputs per step of the k-means.",
                (1, 4096),
                whole=True,
                internal_only=True,
            ),
        ),
    ),
    ModelTypeRow(
        id="text-classifier",
        title="Text Classifier",
        description="Classifies texts: a small neural network on the platform's text features.",
        input_fields=("text",),
        output_fields=("concepts",),
        engine=_ENGINE + "_classifier:TextClassifier",
        evaluation=EvaluationType.Classification,
        templates=templates("text-classifier"),
        parameters=(_TOLERANCE, _SELECTED),
    ),
    ModelTypeRow(
        id="text-to-text",
        title="Text Generator",
        description="Texts from texts: retrieves the training texts nearest to the prompt and "
        "continues with their words. Not a language model.",
        input_fields=("text",),
        output_fields=("text",),
        engine=_ENGINE + "_text_generator:TextGenerator",
        needs_labels=False,
        templates=templates("text-to-text"),
        parameters=(_TOLERANCE, *GENERATION),
    ),
)


def _plain(
    type_id: str, title: str, description: str, input_fields: str, output_fields: str
) -> ModelTypeRow:
    return ModelTypeRow(type_id, title, description, (input_fields,), (output_fields,))


def _prompt(default: str, placeholders: Mapping[str, str]) -> Parameter:
    of = ", ".join(f"{name} for {what}" for name, what in placeholders.items())
    return Parameter(
        INFER + "prompt_template",
        FieldType.STRING,
        default,
        f"The prompt, with {of}.",
        placeholders=tuple(placeholders),
    )


OTHERS = (
    _plain("text-embedder", "Text Embedder", "Texts as vectors.", "text", "embeddings"),
    _plain("multimodal-embedder", "Multimodal Embedder", "Both as vectors.", "any", "embeddings"),
    _plain("text-to-image", "Image Generator", "Images from texts.", "text", "image"),
    _plain("image-to-text", "Image Describer", "Texts from images.", "image", "text"),
    _plain("image-to-image", "Image Transformer", "Images from images.", "image", "image"),
    _plain("audio-to-text", "Speech Recognizer", "Texts from speech.", "audio", "text"),
    _plain("text-to-audio", "Speech Generator", "Speech from texts.", "text", "audio"),
    _plain("multimodal-to-text", "Multimodal to Text", "Texts from both.", "image,text", "text"),
    _plain("any-to-any", "Any to Any", "Whatever the model says.", "any", "any"),
    _plain("image-crop", "Image Cropper", "Cut-outs of regions.", "image,regions", "image"),
    _plain("image-color-recognizer", "Colors", "Colors of images.", "image", "colors"),
    _plain("concept-thresholder", "Concept Threshold", "Cuts concepts.", "concepts", "concepts"),
    _plain("concept-synonym-mapper", "Synonyms", "Renames concepts.", "concepts", "concepts"),
    _plain("region-thresholder", "Region Threshold", "Cuts regions.", "regions", "regions"),
    _plain("text-token-classifier", "Token Classifier", "Marks words.", "text", "regions"),
    _plain("audio-classifier", "Audio Classifier", "Classifies sounds.", "audio", "concepts"),
    _plain("audio-embedder", "Audio Embedder", "Sounds as vectors.", "audio", "embeddings"),
    ModelTypeRow(
        "prompter",
        "Prompter",
        "A prompt with the text of the input in it.",
        ("text",),
        ("text",),
        parameters=(_prompt(TEXT, {TEXT: "the text of the input"}),),
        strict=True,
    ),
    ModelTypeRow(
        "rag-prompter",
        "RAG Prompter",
        "A prompt with the text of the input in it, and with texts of the app that are like it.",
        ("text",),
        ("text",),
        parameters=(
            _prompt(
                f"Texts that may help:\n{HITS}\nAnswer with their help: {TEXT}",
                {TEXT: "the text of the input", HITS: "the texts that are like it, one a line"},
            ),
            Parameter(
                INFER + "min_score",
                FieldType.RANGE,
                0.0,
                "The least score of a text that is filled in, as searches give it.",
                0,
                1,
            ),
            number(
                "max_results",
                5,
                "Texts that are filled in, at most.",
                (1, 1000),
                whole=True,
                under=INFER,
            ),
        ),
        strict=True,
    ),
    _plain("mcp", "MCP Server", "Tools for agents.", "any", "any"),
    _plain("optical-character-recognizer", "OCR", "Reads texts in images.", "image", "regions"),
    _plain("visual-keypointer", "Keypoints", "Finds points of things.", "image", "regions"),
    _plain("image-align", "Image Aligner", "Turns cut-outs upright.", "image,regions", "image"),
    _plain("image-tiling-operator", "Image Tiler", "Cuts images into tiles.", "image", "regions"),
    _plain("tiling-region-aggregator-operator", "Tiles", "Joins tiles.", "regions", "regions"),
    _plain("centroid-tracker", "Centroid Tracker", "Follows regions.", "regions", "regions"),
    _plain("kalman-filter-tracker", "Kalman Tracker", "Follows regions.", "regions", "regions"),
    _plain("kalman-reid-tracker", "Kalman Tracker", "Follows regions.", "regions", "regions"),
    _plain("neural-tracker", "Neural Tracker", "Follows regions.", "regions", "regions"),
    _plain("neural-lite-tracker", "Neural Tracker", "Follows regions.", "regions", "regions"),
    _plain("byte-tracker", "Byte Tracker", "Follows regions.", "regions", "regions"),
    _plain("object-counter", "Object Counter", "Counts regions.", "regions", "any"),
    _plain("barcode-operator", "Barcodes", "Reads barcodes.", "image", "regions"),
    _plain("tesseract-operator", "Tesseract", "Reads texts in images.", "image", "regions"),
    _plain("text-aggregation-operator", "Text Joiner", "Joins texts.", "regions", "text"),
    _plain("tokens-to-entity-operator", "Entities", "Joins tokens.", "regions", "regions"),
    _plain("keyword-filter-operator", "Keywords", "Finds words.", "text", "concepts"),
    _plain("language-id-operator", "Language", "Names the language.", "text", "concepts"),
    _plain("regex-based-classifier", "Regex", "Finds patterns.", "text", "concepts"),
    _plain("isolation-operator", "Isolation", "Finds lone regions.", "regions", "concepts"),
    _plain("input-filter", "Input Filter", "Lets some inputs through.", "any", "any"),
    _plain("input-searcher", "Input Search", "Searches the app.", "any", "hits"),
    _plain("random-sample", "Random Sample", "Lets some inputs through.", "any", "any"),
    _plain("annotation-writer", "Annotations", "Writes annotations.", "concepts", "any"),
    _plain("custom-code-operator", "Custom Code", "Runs code.", "any", "any"),
    _plain("aws-lambda", "AWS Lambda", "Asks a function.", "any", "any"),
    _plain("email", "Email", "Sends mail.", "concepts", "any"),
    _plain("sms", "SMS", "Sends messages.", "concepts", "any"),
    _plain("results-push", "Results Push", "Sends results.", "any", "any"),
    _plain("status-push", "Status Push", "Sends statuses.", "any", "any"),
)
"""Types that can be created but not trained here."""

ROWS: Mapping[str, ModelTypeRow] = {row.id: row for row in (*TRAINABLE, *OTHERS)}
"""Every model type by id, the trainable ones first."""

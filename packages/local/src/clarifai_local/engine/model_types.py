"""The model types of the platform, as one table.

`ListModelTypes` and `GetModelType` answer from it; a training takes its parameters, defaults and
engine from it. A row without engine can be created and used with versions of one's own, but not
trained. Plugins add rows through `clarifai_register_engines`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import attrs
from clarifai_grpc.grpc.api import resources_pb2

from clarifai_local.engine.parameters import (
    GENERATION,
    MAX_NEW_TOKENS,
    TRAIN,
    FieldType,
    InvalidParameterError,
    Parameter,
    check_all,
    number,
)

EvaluationType = resources_pb2.EvaluationType


@attrs.frozen
class Template:
    """One way to train a model type, with parameters of its own."""

    id: str
    description: str
    parameters: Sequence[Parameter]
    engine_options: Mapping[str, Any] = attrs.field(factory=dict)
    """What the engine does differently for this template."""


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
        known = {template.id: template for template in self.templates}
        name = params.get("template") or ""
        if name not in known:
            raise InvalidParameterError(
                f"template must be one of {', '.join(known)} for {self.id}, got {name!r}"
            )
        return known[name]

    def checked(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return `train_info.params` with defaults filled in and the template's options added.

        Raises:
            InvalidParameterError: A name or value that the type does not have.
        """
        template = self.template(params)
        parameters = [*self.parameters, *(template.parameters if template else ())]
        training = [item for item in parameters if item.path.startswith(TRAIN)]
        extra = template.engine_options if template else {}
        return {**check_all(training, params), **extra}

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
        if self.templates:
            message.model_type_fields.append(self._template_field())
        message.model_type_fields.extend(item.to_message() for item in self.parameters)
        return message

    def _template_field(self) -> resources_pb2.ModelTypeField:
        options = [
            resources_pb2.ModelTypeEnumOption(
                id=template.id,
                description=template.description,
                model_type_fields=[item.to_message() for item in template.parameters],
                recommended=index == 0,
            )
            for index, template in enumerate(self.templates)
        ]
        return resources_pb2.ModelTypeField(
            path=TRAIN + "template",
            field_type=FieldType.RECURSIVE_ENUM,
            description="The way to train.",
            placeholder="template",
            required=True,
            model_type_enum_options=options,
        )


_BATCH = number("batch_size", 16, "Inputs per step of the training.", (1, 4096), whole=True)
_CUSTOM_CONFIG = Parameter(
    TRAIN + "custom_config",
    FieldType.PYTHON_CODE,
    "# Configuration of the hosted training. The embedded platform keeps it and never runs it.\n",
    "Configuration file of the hosted training; kept, never run, without effect here.",
)
_FLIP = Parameter(
    TRAIN + "flip_image",
    FieldType.BOOLEAN,
    True,
    "Whether mirrored copies of pictures are learned too.",
)
_TOLERANCE = number(
    "invalid_data_tolerance_percent",
    5,
    "Share of inputs that may be unusable before the training fails.",
    (0, 100),
)
_EPOCHS = (
    _TOLERANCE,
    number("learning_rate", 0.000391, "Size of a step.", (1e-8, 10)),
    number("num_epochs", 30, "How often each input is seen.", (1, 10_000), whole=True),
    number(
        "per_item_lrate",
        1.25e-05,
        "Size of a step per input of the batch; counts when it makes the step larger.",
        (0, 10),
    ),
    number("seed", None, "Start of the random numbers.", (0, 2**32 - 1), whole=True),
)


def _image_size(seen_pixels: int) -> Parameter:
    return Parameter(
        TRAIN + "image_size",
        FieldType.ARRAY_OF_NUMBERS,
        [320],
        f"Side in pixels that pictures are shrunk to; up to {seen_pixels} are looked at.",
        1,
        4096,
    )


_PLAIN = (_BATCH, _FLIP, *_EPOCHS)
"""Parameters of the templates of Clarifai's own, in the hosted platform's order."""


def _configured(seen_pixels: int) -> tuple[Parameter, ...]:
    """Return the parameters of the templates that have a configuration file."""
    return (_BATCH, _CUSTOM_CONFIG, _FLIP, _image_size(seen_pixels), *_EPOCHS)


_BASE_EMBED_MODEL = Parameter(
    "input_info.base_embed_model",
    FieldType.WORKFLOW_EMBED_MODELS,
    None,
    "The embedding model to build on; left out: the platform's embedder.",
)

_ENGINE = "clarifai_local.engine."
_THUMBNAIL_PIXELS = 32
_PICTURE_PIXELS = 96

TRAINABLE = (
    ModelTypeRow(
        id="embedding-classifier",
        title="Transfer Learn",
        description="Classifies images and texts by a linear model on the app's embeddings.",
        input_fields=("embeddings",),
        output_fields=("concepts",),
        engine=_ENGINE + "classifier:EmbeddingClassifier",
        evaluation=EvaluationType.Classification,
        parameters=(
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
                "How strongly large weights are held back.",
                (1e-6, 1e3),
            ),
            _TOLERANCE,
            _BASE_EMBED_MODEL,
        ),
    ),
    ModelTypeRow(
        id="visual-classifier",
        title="Visual Classifier",
        description="Classifies images: a small neural network on the platform's image features.",
        input_fields=("image",),
        output_fields=("concepts",),
        engine=_ENGINE + "classifier:VisualClassifier",
        evaluation=EvaluationType.Classification,
        templates=(
            Template(
                "Clarifai_InceptionV2",
                "A linear network on the platform's image features.",
                _PLAIN,
                {"hidden_units": ()},
            ),
            Template(
                "MMClassification_ResNet_50",
                "A network with a hidden layer of 64 units on the platform's image features.",
                _configured(_THUMBNAIL_PIXELS),
                {"hidden_units": (64,)},
            ),
        ),
    ),
    ModelTypeRow(
        id="visual-detector",
        title="Visual Detector",
        description="Finds things in images: a small network on sliding windows, learned from "
        "boxes. For things with a colour or outline of their own; no pretrained backbone.",
        input_fields=("image",),
        output_fields=("regions",),
        engine=_ENGINE + "detector:VisualDetector",
        evaluation=EvaluationType.Detection,
        templates=(
            Template(
                "Clarifai_InceptionV4",
                "A linear network on windows.",
                _PLAIN,
                {"hidden_units": ()},
            ),
            Template(
                "MMDetection_FasterRCNN",
                "A network with a hidden layer of 64 units on windows.",
                _configured(_PICTURE_PIXELS),
                {"hidden_units": (64,)},
            ),
        ),
    ),
    ModelTypeRow(
        id="visual-segmenter",
        title="Visual Segmenter",
        description="Marks areas in images: a small network on each pixel and what is around it, "
        "learned from polygons and masks. For areas of a colour or texture of their own; "
        "no pretrained backbone.",
        input_fields=("image",),
        output_fields=("regions",),
        engine=_ENGINE + "segmenter:VisualSegmenter",
        evaluation=EvaluationType.Segmentation,
        templates=(
            Template(
                "MMSegmentation_SegFormer",
                "A network with a hidden layer of 64 units on pixels.",
                _configured(_PICTURE_PIXELS),
                {"hidden_units": (64,)},
            ),
        ),
    ),
    ModelTypeRow(
        id="visual-embedder",
        title="Visual Embedder",
        description="Images as vectors: a linear projection of the platform's image features, "
        "learned so that images of one concept come near each other.",
        input_fields=("image",),
        output_fields=("embeddings",),
        engine=_ENGINE + "visual_embedder:VisualEmbedder",
        templates=(Template("Clarifai_ResNext", "A projection to 128 numbers.", _PLAIN),),
    ),
    ModelTypeRow(
        id="clusterer",
        title="Clusterer",
        description="Groups of near inputs: k-means on the app's embeddings, no labels needed.",
        input_fields=("embeddings",),
        output_fields=("clusters",),
        engine=_ENGINE + "clusterer:Clusterer",
        needs_labels=False,
        parameters=(
            number("coarse_clusters", 32, "Clusters to find, at most.", (1, 10_000), whole=True),
            number("query_batch", 10, "Inputs per step of the k-means.", (1, 4096), whole=True),
            _BASE_EMBED_MODEL,
        ),
    ),
    ModelTypeRow(
        id="text-classifier",
        title="Text Classifier",
        description="Classifies texts: a small neural network on the platform's text features.",
        input_fields=("text",),
        output_fields=("concepts",),
        engine=_ENGINE + "classifier:TextClassifier",
        evaluation=EvaluationType.Classification,
        templates=(
            Template(
                "HF_GPTNeo_125m_lora",
                "A linear network on the platform's text features.",
                (
                    _BATCH,
                    attrs.evolve(_FLIP, description="Listed by the hosted template; for images."),
                    *_EPOCHS,
                ),
                {"hidden_units": ()},
            ),
        ),
        # Not among the template's: clients take all of those for parameters of the training.
        parameters=(
            attrs.evolve(
                MAX_NEW_TOKENS,
                description="Listed by the hosted template; a classifier writes no text.",
            ),
        ),
    ),
    ModelTypeRow(
        id="text-to-text",
        title="Text Generator",
        description="Texts from texts: retrieves the training texts nearest to the prompt and "
        "continues with their words. Not a language model.",
        input_fields=("text",),
        output_fields=("text",),
        engine=_ENGINE + "text_generator:TextGenerator",
        needs_labels=False,
        templates=(
            Template(
                "HF_Llama_2_7b",
                "Chains of up to four words, weighted by the likeness of prompts.",
                (_BATCH, *_EPOCHS),
            ),
        ),
        parameters=GENERATION,
    ),
)


def _plain(
    type_id: str, title: str, description: str, input_fields: str, output_fields: str
) -> ModelTypeRow:
    return ModelTypeRow(type_id, title, description, (input_fields,), (output_fields,))


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
    _plain("prompter", "Prompter", "Fills text into a prompt.", "text", "text"),
    _plain("rag-prompter", "RAG Prompter", "A prompt with search results.", "text", "text"),
    _plain("mcp", "MCP Server", "Tools for agents.", "any", "any"),
)
"""Types that can be created but not trained here."""

ROWS: Mapping[str, ModelTypeRow] = {row.id: row for row in (*TRAINABLE, *OTHERS)}
"""Every model type by id, the trainable ones first."""

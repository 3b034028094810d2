"""ONNX graphs, made from tensors: what `onnx` runs where a package brings weights alone.

Batch normalization is folded into the convolution before it. The shapes are those of the papers:
EfficientNet-Lite0 (Tan and Le 2019, the "lite" variant: no squeeze-and-excitation, ReLU6, padding
as TensorFlow does) and the three networks of MTCNN (Zhang et al. 2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from clarifai_models._unpickling import Array

Shape: TypeAlias = "Sequence[int | str]"

OPSET = 13
_IR_VERSION = 8

_EPSILON = 1e-3
"""Of EfficientNet's batch normalization."""

SIDE = 224
"""Pixels a side of what EfficientNet-Lite0 looks at."""

_STAGES = (
    # blocks, kernel, stride of the first, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


class _Graph:
    """Nodes and constants, numbered as they come."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def add(self, operation: str, *inputs: str, **attributes: Any) -> str:
        name = f"v{len(self.nodes)}"
        self.nodes.append(helper.make_node(operation, list(inputs), [name], **attributes))
        return name

    def constant(self, values: Any) -> str:
        name = f"c{len(self.constants)}"
        self.constants.append(
            numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name)
        )
        return name

    def model(self, name: str, shape: Shape, outputs: Mapping[str, tuple[str, Shape]]) -> bytes:
        """Return it as ONNX.

        Args:
            name: What it is called.
            shape: Of its input "x".
            outputs: Names of the outputs, each with the value that it is, and its shape.
        """
        for output, (value, _) in outputs.items():
            self.nodes.append(helper.make_node("Identity", [value], [output]))
        made = helper.make_model(
            helper.make_graph(
                self.nodes,
                name,
                [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
                [
                    helper.make_tensor_value_info(output, TensorProto.FLOAT, size)
                    for output, (_, size) in outputs.items()
                ],
                self.constants,
            ),
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=_IR_VERSION,
        )
        onnx.checker.check_model(made)
        return bytes(made.SerializeToString())


def efficientnet_lite0(tensors: Mapping[str, Array], projection: Array) -> bytes:
    """Return the graph of EfficientNet-Lite0 up to its features, projected.

    Args:
        tensors: Its state dict.
        projection: (1280, k): from the features to fewer numbers.

    Returns:
        ONNX: "x" (n, 3, 224, 224) to "projected" (n, k).
    """
    net = _Efficientnet(tensors)
    x = net.convolution("x", "_conv_stem", "_bn0", stride=2)
    block = 0
    for blocks, kernel, stride, expansion, _ in _STAGES:
        for place in range(blocks):
            given, name = x, f"_blocks.{block}."
            if expansion != 1:
                x = net.convolution(x, f"{name}_expand_conv", f"{name}_bn0")
            first = stride if place == 0 else 1
            x = net.convolution(x, f"{name}_depthwise_conv", f"{name}_bn1", stride=first)
            x = net.convolution(x, f"{name}_project_conv", f"{name}_bn2", bounded=False)
            if place:
                x = net.graph.add("Add", x, given)
            assert net.kernel_of(f"{name}_depthwise_conv") == kernel  # noqa: S101  why: pinned
            block += 1
    x = net.convolution(x, "_conv_head", "_bn1")
    x = net.graph.add("Flatten", net.graph.add("GlobalAveragePool", x))
    x = net.graph.add("MatMul", x, net.graph.constant(projection))
    return net.graph.model(
        "efficientnet-lite0",
        ["n", 3, SIDE, SIDE],
        {"projected": (x, ["n", projection.shape[1]])},
    )


def linear_classifier(weights: Array, bias: Array) -> bytes:
    """Return the graph of a linear classifier.

    Args:
        weights: (d, k).
        bias: (k,).

    Returns:
        ONNX: "x" (n, d) to "shares" (n, k), the probability of each class.
    """
    net = _Graph()
    logits = net.add("Gemm", "x", net.constant(weights), net.constant(bias))
    shares = net.add("Softmax", logits, axis=1)
    size, count = weights.shape
    return net.model("linear-classifier", ["n", size], {"shares": (shares, ["n", count])})


class _Efficientnet:
    def __init__(self, tensors: Mapping[str, Array]) -> None:
        self.graph = _Graph()
        self._tensors = tensors
        self._side = SIDE
        self._low, self._high = self.graph.constant(0.0), self.graph.constant(6.0)

    def kernel_of(self, name: str) -> int:
        return int(self._tensors[f"{name}.weight"].shape[-1])

    def convolution(
        self, x: str, name: str, normalization: str, stride: int = 1, *, bounded: bool = True
    ) -> str:
        kernel = self._tensors[f"{name}.weight"].astype(np.float64)
        gain, bias, mean, variance = (
            self._tensors[f"{normalization}.{part}"].astype(np.float64)
            for part in ("weight", "bias", "running_mean", "running_var")
        )
        scale = gain / np.sqrt(variance + _EPSILON)
        size = kernel.shape[-1]
        out = -(-self._side // stride)
        padding = max((out - 1) * stride + size - self._side, 0)
        before, after = padding // 2, padding - padding // 2
        self._side = out
        y = self.graph.add(
            "Conv",
            x,
            self.graph.constant(kernel * scale[:, None, None, None]),
            self.graph.constant(bias - mean * scale),
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=len(kernel) if kernel.shape[1] == 1 else 1,
        )
        return self.graph.add("Clip", y, self._low, self._high) if bounded else y


_TABLE = "inner.embeddings.word_embeddings.weight"


def lean_minilm(content: bytes) -> bytes:
    """Return the graph of MiniLM so that the vectors of words stay whole numbers until one is read.

    As it is written, all of them are turned into floats when it is loaded: 47 MB that stay.

    Args:
        content: The ONNX file.
    """
    made = onnx.load_from_string(content)
    nodes = list(made.graph.node)
    reading = next(node for node in nodes if node.op_type == "Gather" and node.input[0] == _TABLE)
    (asked, found), rows, scales = (reading.input[1], reading.output[0]), "rows", "scales"
    lean = [
        helper.make_node("Gather", [f"{_TABLE}_q", asked], [rows]),
        helper.make_node("Gather", [f"{_TABLE}_scale", asked], [scales]),
        helper.make_node("Cast", [rows], [f"{rows}_f"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{rows}_f", scales], [found]),
    ]
    others = [node for node in nodes if node is not reading and not _makes_table(node)]
    del made.graph.node[:]
    made.graph.node.extend(lean + others)
    onnx.checker.check_model(made)
    return bytes(made.SerializeToString())


def _makes_table(node: onnx.NodeProto) -> bool:
    return node.output[0] in {_TABLE, f"{_TABLE}_f"}


def mtcnn(name: str, arrays: Sequence[Array]) -> bytes:
    """Return the graph of one network of MTCNN.

    Args:
        name: "pnet", "rnet" or "onet".
        arrays: Its weights as Keras lists them.

    Returns:
        ONNX: "x" (n, 3, height, width) to "boxes" (n, 4, ...) and "faces" (n, 2, ...). The first
        network takes any size; the others (24 and 48 pixels a side) answer without more axes.
    """
    net = _Mtcnn(arrays)
    if name == "pnet":
        x = net.layer("x", pool=2)
        x = net.layer(net.layer(x))
        boxes = net.convolution(x)
        faces = net.graph.add("Softmax", net.convolution(x), axis=1)
        return net.graph.model(
            name,
            ["n", 3, "height", "width"],
            {
                "boxes": (boxes, ["n", 4, "rows", "columns"]),
                "faces": (faces, ["n", 2, "rows", "columns"]),
            },
        )
    x = net.layer("x", pool=3)
    x = net.layer(x, pool=3, padded=False)
    if name == "onet":
        x = net.layer(x, pool=2)
    x = net.layer(x)
    # The weights of the dense layers count columns, rows, channels: they come from Matlab.
    x = net.graph.add("Flatten", net.graph.add("Transpose", x, perm=[0, 3, 2, 1]))
    x = net.dense(x)
    x = net.graph.add("PRelu", x, net.graph.constant(net.next()))
    boxes = net.dense(x)
    if name == "onet":
        net.next(), net.next()  # the five landmarks, which nobody asks for
    faces = net.graph.add("Softmax", net.dense(x), axis=1)
    side = {"rnet": 24, "onet": 48}[name]
    return net.graph.model(
        name, ["n", 3, side, side], {"boxes": (boxes, ["n", 4]), "faces": (faces, ["n", 2])}
    )


class _Mtcnn:
    def __init__(self, arrays: Sequence[Array]) -> None:
        self.graph = _Graph()
        self._left = iter(arrays)

    def next(self) -> Array:
        return next(self._left)

    def convolution(self, x: str) -> str:
        kernel, bias = self.next(), self.next()
        return self.graph.add(
            "Conv", x, self.graph.constant(kernel.transpose(3, 2, 0, 1)), self.graph.constant(bias)
        )

    def layer(self, x: str, pool: int = 0, *, padded: bool = True) -> str:
        x = self.convolution(x)
        slope = self.next()
        x = self.graph.add("PRelu", x, self.graph.constant(slope.reshape(-1, 1, 1)))
        if not pool:
            return x
        padding = "SAME_UPPER" if padded else "VALID"
        return self.graph.add(
            "MaxPool", x, kernel_shape=[pool, pool], strides=[2, 2], auto_pad=padding
        )

    def dense(self, x: str) -> str:
        return self.graph.add(
            "Gemm", x, self.graph.constant(self.next()), self.graph.constant(self.next())
        )

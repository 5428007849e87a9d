"""The weights of an OpenVINO model as 8-bit integers, a quarter of their size.

Each matrix of a multiplication is kept as integers and one scale for each 64 of a row of its output
(symmetric, by groups), which leaves half the error that one a row does and takes a twentieth
longer; OpenVINO multiplies with them as they are where the processor can. The published tool
for it, NNCF, makes the same of these models, and would bring a dozen packages for forty lines.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ragbot.embedding.conversion import openvino_library

__all__ = ["GROUP", "with_int8_weights"]

GROUP = 64
"""How many weights, and how many of the values that they are multiplied with, share a scale."""

_LARGEST = 127


def with_int8_weights(model: Any) -> Any:
    """The model (`openvino.Model`), changed in place."""
    for node in model.get_ordered_ops():
        weights = _weights(node) if node.get_type_name() == "MatMul" else None
        if weights is not None:
            across = 1 if node.get_attributes()["transpose_b"] else 0
            node.input(1).replace_source_output(_scaled(weights, across).output(0))
    return model


def _weights(node: Any) -> Any:
    """The matrix that a node multiplies with, if it is constant."""
    source = node.input_value(1).get_node()
    if source.get_type_name() == "Convert":  # half precision on disk
        source = source.input_value(0).get_node()
    if source.get_type_name() != "Constant":
        return None
    return source.get_data().astype(np.float32)


def _scaled(weights: Any, across: int) -> Any:
    """Integers times scales, as a node; groups lie along the axis ``across``."""
    openvino_library()
    from openvino import opset13 as ops

    length = weights.shape[across]
    group = length if length % GROUP else GROUP
    split = *weights.shape[:across], -1, group, *weights.shape[across + 1 :]
    grouped = weights.reshape(split)
    scales = np.abs(grouped).max(axis=across + 1, keepdims=True) / _LARGEST
    scales = np.maximum(scales, np.finfo(np.float32).tiny)
    integers = np.round(grouped / scales).astype(np.int8)
    floats = ops.convert(ops.constant(integers), "f32")
    shape = np.array(weights.shape, np.int64)
    return ops.reshape(ops.multiply(floats, ops.constant(scales)), shape, False)

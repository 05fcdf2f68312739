"""Normalisation, and regularisation in training."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional as F

from layers.workers.torch_layers import Equivalent, Given, function_of, maker

# Normalisation.


@maker("BatchNormalization")
def batch_normalization(given: Given) -> Equivalent:
    return Equivalent(
        lambda x, w: [F.batch_norm(x[0], w[2], w[3], w[0], w[1], True, 0.01, 1e-3)],
        [given.same(0), given.same(1), given.same(2, False), given.same(3, False)],
        channels_first=True,
    )


@maker("LayerNormalization")
def layer_normalization(given: Given) -> Equivalent:
    return Equivalent(
        lambda x, w: [F.layer_norm(x[0], x[0].shape[-1:], w[0], w[1], 1e-3)],
        [given.same(0), given.same(1)],
    )


@maker("GroupNormalization")
def group_normalization(given: Given) -> Equivalent:
    groups = given.config["groups"]
    return Equivalent(
        lambda x, w: [F.group_norm(x[0], groups, w[0], w[1], 1e-3)],
        [given.same(0), given.same(1)],
        channels_first=True,
    )


@maker("RMSNormalization")
def rms_normalization(given: Given) -> Equivalent:
    return Equivalent(lambda x, w: [F.rms_norm(x[0], x[0].shape[-1:], w[0], 1e-6)], [given.same(0)])


@maker("UnitNormalization")
def unit_normalization(given: Given) -> Equivalent:
    return function_of(lambda x: F.normalize(x, dim=-1))


@maker("SpectralNormalization")
def spectral_normalization(given: Given) -> Equivalent:
    """Keras's: the kernel itself is divided, and its gradient is that of the quotient."""

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        kernel, bias, u = w
        with torch.no_grad():
            v = F.normalize(u @ kernel, dim=None)
            u.copy_(F.normalize(v @ kernel.T, dim=None))
            kernel.div_((v @ kernel.T) @ u.T)
        return [F.linear(x[0], kernel, bias)]

    return Equivalent(forward, [given.permuted(0, 1, 0), given.same(2), given.same(1, False)])


# Regularisation, in training.


@maker("Dropout")
def dropout(given: Given) -> Equivalent:
    rate = given.config["rate"]
    return function_of(lambda x: F.dropout(x, rate))


@maker("SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D")
def spatial_dropout(given: Given) -> Equivalent:
    rate, drop = given.config["rate"], given.function("dropout{}d")
    return function_of(lambda x: drop(x, rate), channels_first=True)


@maker("AlphaDropout")
def alpha_dropout(given: Given) -> Equivalent:
    rate = given.config["rate"]
    return function_of(lambda x: F.alpha_dropout(x, rate, True))


@maker("GaussianDropout")
def gaussian_dropout(given: Given) -> Equivalent:
    rate = given.config["rate"]
    deviation = math.sqrt(rate / (1 - rate))
    return function_of(lambda x: x * (1 + deviation * torch.randn_like(x)))


@maker("GaussianNoise")
def gaussian_noise(given: Given) -> Equivalent:
    deviation = given.config["stddev"]
    return function_of(lambda x: x + deviation * torch.randn_like(x))


@maker("ActivityRegularization")
def activity_regularization(given: Given) -> Equivalent:
    l1, l2 = given.config["l1"], given.config["l2"]

    def forward(x: list[Tensor], w: list[Tensor]) -> list[Tensor]:
        # Of each sample, as Keras has it.
        penalty = (l1 * x[0].abs().sum() + l2 * x[0].square().sum()) / x[0].shape[0]
        return [x[0].view_as(x[0]), penalty]

    return Equivalent(forward, [])

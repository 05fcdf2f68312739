"""What is measured: every layer, declared once, in three sizes.

Small ones are a few kilobytes, so that what a call costs shows; medium ones fit into a second-level
cache or two; large ones are bound by memory or by arithmetic.
"""

from __future__ import annotations

from typing import Any

from layers.case import SIZES, Case, Per, Sized, per

#: (batch, features), (batch, steps, features), images and volumes with channels last.
ROWS = per((32, 64), (256, 1024), (4096, 1024))
SEQUENCES = per((2, 16, 32), (16, 128, 128), (32, 512, 256))
IMAGES = per((2, 8, 8, 16), (16, 32, 32, 32), (32, 56, 56, 64))
VOLUMES = per((1, 4, 4, 4, 8), (4, 16, 16, 16, 16), (8, 16, 32, 32, 32))
#: Of convolutions, which do more with a number.
CONV_SEQUENCES = per((2, 16, 32), (16, 128, 64), (32, 512, 128))
CONV_IMAGES = per((2, 8, 8, 16), (8, 28, 28, 32), (16, 56, 56, 64))
CONV_VOLUMES = per((1, 4, 4, 4, 8), (2, 12, 12, 12, 16), (4, 16, 28, 28, 32))
FILTERS = per(16, 32, 64)
SHORT = per((2, 8, 16), (16, 28, 64), (32, 64, 128))
UNITS = per(16, 64, 128)


def nested(layer: str, **config: Any) -> dict[str, Any]:
    """A layer within another one's config."""
    return {"module": "keras.layers", "class_name": layer, "config": {"name": "inner", **config}}


def _cases(family: str, *rows: tuple[Any, ...]) -> list[Case]:
    """Rows of layer (with its variant in brackets), inputs, config, and what else is to be said."""
    cases = []
    for named, inputs, *rest in rows:
        layer, _, variant = named.partition("(")
        config, more = (rest + [{}, {}])[:2]
        inputs = inputs if isinstance(inputs, tuple) and isinstance(inputs[0], Per) else (inputs,)
        cases.append(Case(family, layer, variant.rstrip(")"), inputs, config, **more))
    return cases


def _cases_of_ranks(
    family: str, name: str, inputs: list[Per], config: dict[str, Any]
) -> list[Case]:
    """NAME1D, NAME2D and NAME3D of a layer; "{n}" in a name is the rank."""
    rows = [(name.format(n=n + 1), x, config) for n, x in enumerate(inputs)]
    return _cases(family, *rows)


def _stack() -> dict[str, Any]:
    cells = [nested("LSTMCell", units=UNITS) for _ in range(2)]
    return nested("StackedRNNCells", cells=cells)


PLAIN = [SEQUENCES, IMAGES, VOLUMES]
CONV = [CONV_SEQUENCES, CONV_IMAGES, CONV_VOLUMES]
SAME = {"padding": "same"}
KERNEL = {"filters": FILTERS, "kernel_size": 3, **SAME}
INDICES = {"input_dim": per(100, 5000, 20000), "output_dim": per(16, 128, 256)}
IDS = per((4, 16), (32, 128), (64, 256))
BELOW = {"indices_below": "input_dim"}
DRAWS = {"random": True}
QUERIES = per((2, 16, 32), (8, 64, 128), (16, 256, 256))
CONV_LSTM = {"filters": per(4, 8, 16), "kernel_size": 3, **SAME, "return_sequences": True}

CASES = [
    *_cases(
        "core",
        ("Dense", per((32, 64), (256, 512), (1024, 1024)), {"units": per(64, 512, 1024)}),
        (
            "Dense(relu)",
            per((32, 64), (256, 512), (1024, 1024)),
            {"units": per(64, 512, 1024), "activation": "relu"},
        ),
        (
            "EinsumDense",
            per((2, 16, 32), (16, 128, 128), (16, 256, 512)),
            {
                "equation": "abc,cd->abd",
                "output_shape": [per(16, 128, 256), per(32, 128, 512)],
                "bias_axes": "d",
            },
        ),
        ("Embedding", IDS, INDICES, BELOW),
        ("ReversibleEmbedding", IDS, {**INDICES, "tie_weights": True}, BELOW),
        ("Masking", SEQUENCES),
        ("Identity", ROWS),
    ),
    *_cases(
        "activation",
        *(
            (f"Activation({name})", ROWS, {"activation": name})
            for name in (
                "relu",
                "gelu",
                "silu",
                "sigmoid",
                "tanh",
                "softplus",
                "selu",
                "exponential",
            )
        ),
        ("ReLU", ROWS, {"max_value": 0.5, "negative_slope": 0.1, "threshold": 0.2}),
        ("LeakyReLU", ROWS),
        ("ELU", ROWS),
        ("PReLU", SEQUENCES),
        ("Softmax", ROWS),
    ),
    *_cases_of_ranks("convolution", "Conv{n}D", CONV, KERNEL),
    *_cases_of_ranks(
        "convolution",
        "Conv{n}D(strides)",
        CONV,
        {"filters": FILTERS, "kernel_size": 3, "strides": 2},
    ),
    *_cases_of_ranks(
        "convolution", "Conv{n}D(pointwise)", CONV, {"filters": FILTERS, "kernel_size": 1}
    ),
    *_cases(
        "convolution",
        (
            "Conv1D(dilated causal)",
            CONV_SEQUENCES,
            {"filters": FILTERS, "kernel_size": 3, "padding": "causal", "dilation_rate": 2},
        ),
        ("Conv2D(groups)", CONV_IMAGES, {**KERNEL, "groups": 4}),
        (
            "Conv2D(first)",
            per((2, 28, 28, 1), (32, 28, 28, 1), (16, 112, 112, 3)),
            {**KERNEL, "activation": "relu"},
        ),
        (
            "Conv2D(7x7)",
            per((1, 32, 32, 3), (4, 64, 64, 3), (16, 112, 112, 3)),
            {"filters": FILTERS, "kernel_size": 7, "strides": 2},
        ),
    ),
    *_cases_of_ranks(
        "convolution",
        "Conv{n}DTranspose",
        CONV,
        {"filters": FILTERS, "kernel_size": 2, "strides": 2},
    ),
    *_cases_of_ranks("convolution", "DepthwiseConv{n}D", CONV[:2], {"kernel_size": 3, **SAME}),
    *_cases_of_ranks(
        "convolution", "DepthwiseConv{n}D(strides)", CONV[:2], {"kernel_size": 3, "strides": 2}
    ),
    *_cases_of_ranks("convolution", "SeparableConv{n}D", CONV[:2], KERNEL),
    *_cases_of_ranks("pooling", "MaxPooling{n}D", PLAIN, {"pool_size": 2}),
    *_cases_of_ranks(
        "pooling", "MaxPooling{n}D(overlapping)", PLAIN, {"pool_size": 3, "strides": 2}
    ),
    *_cases_of_ranks("pooling", "AveragePooling{n}D", PLAIN, {"pool_size": 2}),
    *_cases_of_ranks(
        "pooling", "AveragePooling{n}D(overlapping)", PLAIN, {"pool_size": 3, "strides": 2}
    ),
    *_cases_of_ranks("pooling", "GlobalMaxPooling{n}D", PLAIN, {}),
    *_cases_of_ranks("pooling", "GlobalAveragePooling{n}D", PLAIN, {}),
    *_cases_of_ranks("pooling", "AdaptiveMaxPooling{n}D", PLAIN, {"output_size": 3}),
    *_cases_of_ranks("pooling", "AdaptiveAveragePooling{n}D", PLAIN, {"output_size": 3}),
    *_cases(
        "normalisation",
        ("BatchNormalization", ROWS),
        ("BatchNormalization(images)", IMAGES),
        ("LayerNormalization", SEQUENCES),
        ("GroupNormalization(images)", IMAGES, {"groups": 8}),
        ("RMSNormalization", SEQUENCES),
        ("UnitNormalization", SEQUENCES),
        (
            "SpectralNormalization",
            per((32, 64), (256, 512), (1024, 1024)),
            {"layer": nested("Dense", units=per(64, 512, 1024))},
        ),
    ),
    *_cases(
        "attention",
        ("Attention", (QUERIES, QUERIES)),
        ("AdditiveAttention", (per((2, 16, 32), (8, 64, 64), (16, 128, 128)),) * 2),
        (
            "MultiHeadAttention",
            (QUERIES, QUERIES),
            {"num_heads": per(2, 4, 8), "key_dim": per(16, 32, 32)},
        ),
        (
            "GroupQueryAttention",
            (QUERIES, QUERIES),
            {
                "head_dim": per(16, 32, 32),
                "num_query_heads": per(2, 4, 8),
                "num_key_value_heads": per(1, 2, 2),
            },
        ),
    ),
    *_cases(
        "regularisation",
        ("Dropout", ROWS, {"rate": 0.3}, DRAWS),
        ("AlphaDropout", ROWS, {"rate": 0.3}, DRAWS),
        ("GaussianDropout", ROWS, {"rate": 0.3}, DRAWS),
        ("GaussianNoise", ROWS, {"stddev": 0.3}, DRAWS),
        ("SpatialDropout1D", SEQUENCES, {"rate": 0.3}, DRAWS),
        ("SpatialDropout2D", IMAGES, {"rate": 0.3}, DRAWS),
        ("SpatialDropout3D", VOLUMES, {"rate": 0.3}, DRAWS),
        ("ActivityRegularization", ROWS, {"l1": 0.01, "l2": 0.01}),
    ),
    *_cases(
        "reshaping",
        ("Flatten", IMAGES),
        ("Reshape", IMAGES, {"target_shape": [per(64, 1024, 3136), per(16, 32, 64)]}),
        ("Permute", IMAGES, {"dims": [3, 1, 2]}),
        ("RepeatVector", per((32, 16), (256, 128), (1024, 256)), {"n": per(4, 8, 16)}),
    ),
    *_cases_of_ranks("reshaping", "Cropping{n}D", PLAIN, {"cropping": 1}),
    *_cases_of_ranks("reshaping", "ZeroPadding{n}D", PLAIN, {"padding": 1}),
    *_cases_of_ranks(
        "reshaping", "UpSampling{n}D", [SEQUENCES, CONV_IMAGES, CONV_VOLUMES], {"size": 2}
    ),
    *_cases(
        "reshaping",
        ("UpSampling2D(bilinear)", CONV_IMAGES, {"size": 2, "interpolation": "bilinear"}),
    ),
    *_cases(
        "merging",
        *(
            (name, (ROWS, ROWS, ROWS))
            for name in ("Add", "Average", "Maximum", "Minimum", "Multiply")
        ),
        ("Subtract", (ROWS, ROWS)),
        ("Concatenate", (ROWS, ROWS, ROWS)),
        ("Concatenate(steps)", (SEQUENCES, SEQUENCES), {"axis": 1}),
        ("Dot", (QUERIES, QUERIES), {"axes": 2}),
        ("Dot(cosine)", (ROWS, ROWS), {"axes": 1, "normalize": True}),
    ),
    *_cases(
        "recurrent",
        ("LSTM", SHORT, {"units": UNITS, "return_sequences": True}),
        ("LSTM(last)", SHORT, {"units": UNITS}),
        ("GRU", SHORT, {"units": UNITS, "return_sequences": True}),
        ("SimpleRNN", SHORT, {"units": UNITS, "return_sequences": True}),
        ("RNN(stacked LSTM)", SHORT, {"cell": _stack(), "return_sequences": True}),
        (
            "Bidirectional(LSTM)",
            SHORT,
            {"layer": nested("LSTM", units=UNITS, return_sequences=True), "merge_mode": "concat"},
        ),
        (
            "Bidirectional(GRU)",
            SHORT,
            {"layer": nested("GRU", units=UNITS, return_sequences=True), "merge_mode": "concat"},
        ),
        ("TimeDistributed(Dense)", SHORT, {"layer": nested("Dense", units=UNITS)}),
        (
            "TimeDistributed(Conv2D)",
            per((1, 2, 8, 8, 4), (2, 8, 16, 16, 8), (4, 8, 28, 28, 16)),
            {"layer": nested("Conv2D", filters=per(4, 8, 16), kernel_size=3, padding="same")},
        ),
        ("ConvLSTM1D", per((1, 4, 8, 4), (4, 8, 32, 8), (8, 12, 128, 16)), CONV_LSTM),
        ("ConvLSTM2D", per((1, 4, 6, 6, 4), (2, 8, 16, 16, 8), (4, 10, 32, 32, 16)), CONV_LSTM),
        (
            "ConvLSTM3D",
            per((1, 2, 4, 4, 4, 2), (1, 4, 8, 8, 8, 4), (2, 6, 12, 12, 12, 8)),
            CONV_LSTM,
        ),
    ),
]


def choose(wanted: list[str]) -> list[Sized]:
    """All sizes of the cases whose name, or family, begins with one of `wanted`, or NAME/SIZE."""
    sized = [Sized(case, size) for case in CASES for size in SIZES]

    def is_wanted(one: Sized, text: str) -> bool:
        return one.name.startswith(text) or one.case.family == text

    for text in wanted:
        if not any(is_wanted(one, text) for one in sized):
            families = ", ".join(dict.fromkeys(case.family for case in CASES))
            raise SystemExit(f"layer-bench: no layer begins with '{text}'; families: {families}")
    return [one for one in sized if not wanted or any(is_wanted(one, text) for text in wanted)]

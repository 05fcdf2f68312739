"""What is measured."""

from __future__ import annotations

from dataclasses import dataclass

from compare import models

#: Images in an epoch of the input pipeline.
PIPELINE_IMAGES = 60_000
PIPELINE_BATCH = 32


@dataclass(frozen=True)
class Workload:
    """A network's steps: one training step, or one prediction, of a batch."""

    name: str
    network: models.Network
    batch: int
    training: bool
    #: Different samples in a batch, which repeats them; None: all differ. Where a value before a
    #: relu is zero but for rounding, systems fall on either side of it, and their gradients differ
    #: by what that neuron does: of ResNet's twelve million, some always do.
    distinct: int | None = None

    @property
    def flops(self) -> float:
        return self.network.flops(self.batch, self.training)


CNN = models.cnn()
LSTM_T128 = models.lstm(128, 9, 6)
LSTM_T28 = models.lstm(28, 28, 10)
MLP = models.mlp()
RESNET = models.resnet20()
TRANSFORMER = models.transformer()

STEPS = [
    Workload("cnn-train-32", CNN, 32, True),
    Workload("cnn-train-256", CNN, 256, True),
    Workload("lstm-train-t128", LSTM_T128, 32, True),
    Workload("lstm-train-t28", LSTM_T28, 32, True),
    Workload("mlp-train", MLP, 64, True),
    Workload("resnet20-train", RESNET, 64, True, distinct=1),
    Workload("transformer-train", TRANSFORMER, 16, True),
    Workload("cnn-infer-1", CNN, 1, False),
    Workload("cnn-infer-64", CNN, 64, False),
    Workload("lstm-infer-1", LSTM_T128, 1, False),
    Workload("lstm-infer-64", LSTM_T128, 64, False),
    Workload("transformer-infer-1", TRANSFORMER, 1, False),
    Workload("transformer-infer-64", TRANSFORMER, 64, False),
]

PIPELINE = "input-pipeline"
STARTUP = "startup"
SIZE = "installed-size"
NAMES = [workload.name for workload in STEPS] + [PIPELINE, STARTUP, SIZE]


def choose(wanted: list[str]) -> list[str]:
    """The workloads whose names begin with one of `wanted`; all where it is empty."""
    for prefix in wanted:
        if not any(name.startswith(prefix) for name in NAMES):
            raise SystemExit(
                f"compare: no workload begins with '{prefix}'; there are: {', '.join(NAMES)}"
            )
    return [
        name for name in NAMES if not wanted or any(name.startswith(prefix) for prefix in wanted)
    ]

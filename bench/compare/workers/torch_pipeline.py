"""An epoch of images through PyTorch's DataLoader."""

from __future__ import annotations

import numpy as np
import torch
from torch.utils.data import BatchSampler, DataLoader, RandomSampler, TensorDataset

from compare.workers.protocol import Request


class Pipeline:
    """The usual loader, which fetches sample by sample and collates them."""

    def __init__(self, request: Request) -> None:
        self.path: str = request["images"]
        self.batch: int = request["batch"]

    def images(self) -> torch.Tensor:
        pixels = np.fromfile(self.path, np.uint8, offset=16).reshape(-1, 28, 28)
        return torch.from_numpy(pixels).float().div_(255)

    def loader(self) -> DataLoader:
        return DataLoader(TensorDataset(self.images()), batch_size=self.batch, shuffle=True)

    def step(self) -> float:
        total = 0.0
        for (batch,) in self.loader():
            total += float(batch[:, 0, 0].sum())
        return total

    check = step


class BatchedPipeline(Pipeline):
    """A loader whose sampler hands out whole batches, which are gathered by one indexing."""

    def loader(self) -> DataLoader:
        data = TensorDataset(self.images())
        return DataLoader(
            data, sampler=BatchSampler(RandomSampler(data), self.batch, False), batch_size=None
        )


def make(mode: str, request: Request) -> Pipeline:
    return BatchedPipeline(request) if mode == "batched" else Pipeline(request)

#!/usr/bin/env python3
"""A training step of ZF-5 with the {6,3,2,1} pyramid in PyTorch on a CUDA card: forward, backward, SGD with momentum.

usage: torch_zf5.py fp32|tf32|bf16... [--batch N] [--reps N]    Prints a JSON line for each precision, as they come.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn as nn
import torch.nn.functional as F

parser = argparse.ArgumentParser()
parser.add_argument("precisions", nargs="+", choices=["fp32", "tf32", "bf16"])
parser.add_argument("--batch", type=int, default=128)
parser.add_argument("--reps", type=int, default=15)
options = parser.parse_args()
torch.backends.cudnn.benchmark = True


def lrn(x):
    return x * (1 + 5e-5 * F.avg_pool2d(x * x, 3, 1, 1)).pow(-0.75)


class Zf5(nn.Module):
    def __init__(self):
        super().__init__()
        self.c1, self.c2 = nn.Conv2d(3, 96, 7, 2, 1), nn.Conv2d(96, 256, 5, 2, 0)
        self.c3, self.c4, self.c5 = nn.Conv2d(256, 384, 3, 1, 1), nn.Conv2d(384, 384, 3, 1, 1), nn.Conv2d(384, 256, 3, 1, 1)
        self.f6, self.f7, self.f8 = nn.Linear(12800, 4096), nn.Linear(4096, 4096), nn.Linear(4096, 1000)

    def forward(self, x):
        x = F.max_pool2d(lrn(F.relu(self.c1(x))), 3, 2, ceil_mode=True)
        x = F.max_pool2d(lrn(F.relu(self.c2(x))), 3, 2, ceil_mode=True)
        x = F.relu(self.c5(F.relu(self.c4(F.relu(self.c3(x))))))
        x = torch.cat([F.adaptive_max_pool2d(x, n).flatten(1) for n in (6, 3, 2, 1)], 1)
        return self.f8(F.dropout(F.relu(self.f7(F.dropout(F.relu(self.f6(x)))))))


images = torch.randn(options.batch, 3, 224, 224, device="cuda").to(memory_format=torch.channels_last)
labels = torch.randint(0, 1000, (options.batch,), device="cuda")


def measure(precision):
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = precision == "tf32"
    net = Zf5().cuda().to(memory_format=torch.channels_last)
    optimiser = torch.optim.SGD(net.parameters(), lr=1e-3, momentum=0.9, weight_decay=5e-4, fused=True)

    def step():
        start = time.perf_counter()
        optimiser.zero_grad(set_to_none=True)
        with torch.autocast("cuda", torch.bfloat16, enabled=precision == "bf16"):
            loss = F.cross_entropy(net(images), labels)
        loss.backward()
        optimiser.step()
        torch.cuda.synchronize()
        return (time.perf_counter() - start) * 1e3

    # The first step tries cuDNN's algorithms; it may take many seconds.
    first = step()
    for _ in range(4):
        step()
    times = [step() for _ in range(options.reps)]
    print(json.dumps({"case": "train", "precision": precision, "median_ms": round(statistics.median(times), 3), "min_ms": round(min(times), 3),
                      "first_ms": round(first), "reps": options.reps, "images": options.batch, "card": torch.cuda.get_device_name(), "torch": torch.__version__}), flush=True)


for chosen in options.precisions:
    measure(chosen)

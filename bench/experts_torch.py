"""Published sizes of four experts in PyTorch, random weights. Reads "name_batch N", prints the best of N in ms."""
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Attention(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.o = (nn.Linear(width, width) for _ in range(4))

    def forward(self, x, causal=False):
        b, t, d = x.shape
        q, k, v = (f(x).view(b, t, self.heads, d // self.heads).transpose(1, 2) for f in (self.q, self.k, self.v))
        mixed = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return self.o(mixed.transpose(1, 2).reshape(b, t, d))


class Block(nn.Module):
    """Normalises before each half, or (post) after each sum."""

    def __init__(self, width, heads, mlp, quick=False, post=False, scale=False):
        super().__init__()
        self.attention = Attention(width, heads)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.up, self.down = nn.Linear(width, mlp), nn.Linear(mlp, width)
        self.quick, self.post = quick, post
        self.scale1 = nn.Parameter(torch.ones(width)) if scale else 1
        self.scale2 = nn.Parameter(torch.ones(width)) if scale else 1

    def feed(self, x):
        h = self.up(x)
        return self.down(h * torch.sigmoid(1.702 * h) if self.quick else F.gelu(h))

    def forward(self, x, causal=False):
        if self.post:
            x = self.norm1(x + self.attention(x))
            return self.norm2(x + self.feed(x))
        x = x + self.scale1 * self.attention(self.norm1(x), causal)
        return x + self.scale2 * self.feed(self.norm2(x))


class Vision(nn.Module):
    def __init__(self, patch, grid, clip):
        super().__init__()
        self.patch = nn.Conv2d(3, 768, patch, patch, bias=not clip)
        self.first, self.positions = nn.Parameter(torch.randn(1, 1, 768)), nn.Parameter(torch.randn(1, grid * grid + 1, 768))
        self.before = nn.LayerNorm(768) if clip else nn.Identity()
        self.blocks = nn.ModuleList(Block(768, 12, 3072, quick=clip, scale=not clip) for _ in range(12))
        self.norm = nn.LayerNorm(768)

    def forward(self, x):
        x = self.patch(x).flatten(2).transpose(1, 2)
        x = self.before(torch.cat([self.first.expand(len(x), -1, -1), x], 1) + self.positions)
        for block in self.blocks:
            x = block(x)
        return self.norm(x)


class Ernie(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(40000, 768), nn.Embedding(2048, 768)
        self.norm = nn.LayerNorm(768)
        self.blocks = nn.ModuleList(Block(768, 12, 3072, post=True) for _ in range(12))

    def forward(self, ids):
        x = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]])
        for block in self.blocks:
            x = block(x)
        return F.normalize(x.mean(1), dim=-1)


class Conv(nn.Sequential):
    def __init__(self, i, o, k, s=1, p=0):
        super().__init__(nn.Conv2d(i, o, k, s, p, bias=False), nn.BatchNorm2d(o, eps=1e-3), nn.ReLU())


class Residual(nn.Module):
    def __init__(self, branches, joined, width, scale):
        super().__init__()
        self.branches, self.out, self.scale = nn.ModuleList(branches), nn.Conv2d(joined, width, 1), scale

    def forward(self, x):
        return F.relu(x + self.scale * self.out(torch.cat([branch(x) for branch in self.branches], 1)))


class Join(nn.Module):
    def __init__(self, *branches):
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x):
        return torch.cat([branch(x) for branch in self.branches] + [F.max_pool2d(x, 3, 2)], 1)


def seq(*layers):
    return nn.Sequential(*layers)


def inception():
    def block35():
        return Residual([Conv(256, 32, 1), seq(Conv(256, 32, 1), Conv(32, 32, 3, 1, 1)),
                         seq(Conv(256, 32, 1), Conv(32, 32, 3, 1, 1), Conv(32, 32, 3, 1, 1))], 96, 256, 0.17)

    def block17():
        return Residual([Conv(896, 128, 1), seq(Conv(896, 128, 1), Conv(128, 128, (1, 7), 1, (0, 3)),
                                                Conv(128, 128, (7, 1), 1, (3, 0)))], 256, 896, 0.1)

    def block8():
        return Residual([Conv(1792, 192, 1), seq(Conv(1792, 192, 1), Conv(192, 192, (1, 3), 1, (0, 1)),
                                                 Conv(192, 192, (3, 1), 1, (1, 0)))], 384, 1792, 0.2)

    return seq(
        Conv(3, 32, 3, 2), Conv(32, 32, 3), Conv(32, 64, 3, 1, 1), nn.MaxPool2d(3, 2), Conv(64, 80, 1),
        Conv(80, 192, 3), Conv(192, 256, 3, 2), *[block35() for _ in range(5)],
        Join(Conv(256, 384, 3, 2), seq(Conv(256, 192, 1), Conv(192, 192, 3, 1, 1), Conv(192, 256, 3, 2))),
        *[block17() for _ in range(10)],
        Join(seq(Conv(896, 256, 1), Conv(256, 384, 3, 2)), seq(Conv(896, 256, 1), Conv(256, 256, 3, 2)),
             seq(Conv(896, 256, 1), Conv(256, 256, 3, 1, 1), Conv(256, 256, 3, 2))),
        *[block8() for _ in range(6)], nn.AdaptiveAvgPool2d(1), nn.Flatten(),
        nn.Linear(1792, 512, bias=False), nn.BatchNorm1d(512, eps=1e-3))


torch.manual_seed(0)
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
MAKE = {
    "dinov2": (lambda: Vision(14, 16, False), lambda b: torch.randn(b, 3, 224, 224)),
    "clip": (lambda: Vision(32, 7, True), lambda b: torch.randn(b, 3, 224, 224)),
    "ernie": (Ernie, lambda b: torch.randint(40000, (b, 32))),
    "facenet": (inception, lambda b: torch.randn(b, 3, 160, 160)),
}
models = {}

print(f"ready torch {torch.__version__} on {device}", flush=True)
for line in sys.stdin:
    kind, repeats = line.split()
    name, batch = kind.split("_")
    if name not in models:
        models.clear()
        models[name] = MAKE[name][0]().eval().to(device)
    inputs = MAKE[name][1](int(batch)).to(device)
    best = float("inf")
    with torch.inference_mode():
        for _ in range(int(repeats)):
            start = time.perf_counter()
            models[name](inputs).cpu()
            best = min(best, time.perf_counter() - start)
    print(best * 1e3, flush=True)

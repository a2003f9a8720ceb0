"""The workload of lib/tensor/workload.ts in PyTorch. Reads "forward N" or "train N", prints the best of N in ms."""
import sys
import time

import torch
import torch.nn.functional as F

BATCH, TOKENS, WIDTH, LAYERS, HEADS, VOCABULARY = 8, 128, 256, 6, 8, 1024


class Layer(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.norm1, self.norm2 = torch.nn.LayerNorm(WIDTH), torch.nn.LayerNorm(WIDTH)
        self.qkv, self.out = torch.nn.Linear(WIDTH, 3 * WIDTH), torch.nn.Linear(WIDTH, WIDTH)
        self.up, self.down = torch.nn.Linear(WIDTH, 4 * WIDTH), torch.nn.Linear(4 * WIDTH, WIDTH)

    def forward(self, x):
        parts = self.qkv(self.norm1(x)).view(BATCH, TOKENS, 3, HEADS, WIDTH // HEADS).permute(2, 0, 3, 1, 4)
        mixed = F.scaled_dot_product_attention(parts[0], parts[1], parts[2])
        x = x + self.out(mixed.transpose(1, 2).reshape(BATCH, TOKENS, WIDTH))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.table = torch.nn.Embedding(VOCABULARY, WIDTH)
        self.positions = torch.nn.Parameter(torch.randn(TOKENS, WIDTH) * 0.02)
        self.layers = torch.nn.ModuleList(Layer() for _ in range(LAYERS))
        self.norm, self.head = torch.nn.LayerNorm(WIDTH), torch.nn.Linear(WIDTH, VOCABULARY, bias=False)

    def forward(self, ids):
        x = self.table(ids) + self.positions
        for layer in self.layers:
            x = layer(x)
        return self.head(self.norm(x))


torch.manual_seed(0)
model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.01, fused=True)
ids = torch.randint(VOCABULARY, (BATCH, TOKENS))
labels = torch.randint(VOCABULARY, (BATCH, TOKENS))


def forward():
    with torch.inference_mode():
        model(ids).mean().item()


def train():
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(model(ids).view(-1, VOCABULARY), labels.view(-1))
    loss.backward()
    optimizer.step()
    loss.item()


print(f"ready torch {torch.__version__}", flush=True)
for line in sys.stdin:
    kind, repeats = line.split()
    work = forward if kind == "forward" else train
    best = float("inf")
    for _ in range(int(repeats)):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    print(best * 1e3, flush=True)

"""One UniCTask-GRPO update in PyTorch on random weights, two ways: the work that bench/update.ts times.

released: one trajectory at a time, the whole sequence again for every text token and every decoding step, logits of
          the whole vocabulary, gradients of one decoding step of one trajectory at a time.
batched:  the group in one batch, keys and values of the text cached, those of the prompt kept over the decoding steps,
          logits of the image codes alone, gradients of one decoding step of the whole group at a time.

Argument: the sizes as JSON. Reads "batched" or "released", answers with seconds of reason, decode and update as JSON.
"""
import json
import math
import os
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn

size = json.loads(sys.argv[1])
WIDTH, LAYERS, HEADS, MLP = size["width"], size["layers"], size["heads"], size["mlp"]
TEXT, ROWS, CODES = size["text"], size["rows"], size["codes"]
N, QUESTION, BLOCK, ANSWER = size["tokens"], size["question"], size["block"], size["answer"]
G, STEPS, USED, CANDIDATES = size["group"], size["timesteps"], size["update_steps"], size["candidates"]
TOP, SCALE, TRAIN_ALL = size["top_k"], size["guidance"], size["trainable"] == "full"
LORA, RANK, ALPHA = size["trainable"] == "lora", 8, 16
HEAD, HALF = WIDTH // HEADS, WIDTH // HEADS // 4
FIRST_CODE, MASK = TEXT + ROWS, TEXT + ROWS + CODES
IMAGE = slice(FIRST_CODE, MASK)

torch.manual_seed(0)
torch.set_num_threads(os.cpu_count() or 1)
device = "cuda" if torch.cuda.is_available() else "cpu"
torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
torch.set_default_device(device)


class Adapted(nn.Linear):
    """A linear layer with a low-rank update, which stands in the weights while the batched side samples."""

    def __init__(self, inputs, outputs):
        super().__init__(inputs, outputs)
        self.a, self.b = nn.Parameter(torch.randn(RANK, inputs) / math.sqrt(inputs)), nn.Parameter(torch.zeros(outputs, RANK))
        self.merged = None

    def forward(self, x):
        if self.merged is not None:
            return F.linear(x, self.merged, self.bias)
        return super().forward(x) + ALPHA / RANK * F.linear(F.linear(x, self.a), self.b)


class Layer(nn.Module):
    """Attention and feed-forward side by side; queries and keys normalised per head, half of each head rotated."""

    def __init__(self, linear):
        super().__init__()
        self.norm, self.q_norm, self.k_norm = nn.LayerNorm(WIDTH), nn.LayerNorm(HEAD), nn.LayerNorm(HEAD)
        self.qkv, self.out = linear(WIDTH, 3 * WIDTH), nn.Linear(WIDTH, WIDTH)
        self.up, self.down = linear(WIDTH, MLP), linear(MLP, WIDTH)

    def forward(self, x, mask, turn, past):
        rows, length, _ = x.shape
        h = self.norm(x)
        q, k, v = self.qkv(h).view(rows, length, 3, HEADS, HEAD).permute(2, 0, 3, 1, 4)
        q, k = rotate(self.q_norm(q), turn), rotate(self.k_norm(k), turn)
        if past is not None:
            k = torch.cat([past[0].expand(rows, -1, -1, -1), k], 2)
            v = torch.cat([past[1].expand(rows, -1, -1, -1), v], 2)
        mixed = F.scaled_dot_product_attention(q, k, v, attn_mask=mask).transpose(1, 2).reshape(rows, length, WIDTH)
        return x + self.out(mixed) + self.down(F.gelu(self.up(h), approximate="tanh")), (k, v)


def rotate(x, turn):
    cos, sin = turn
    a, b, rest = x[..., :HALF], x[..., HALF : 2 * HALF], x[..., 2 * HALF :]
    return torch.cat([a * cos - b * sin, b * cos + a * sin, rest], -1)


class Model(nn.Module):
    """Frozen tables with the concept's rows beside them, as in bench/update.ts."""

    def __init__(self, linear=nn.Linear):
        super().__init__()
        self.table, self.head = nn.Embedding(MASK + 1, WIDTH), nn.Linear(WIDTH, MASK + 1)
        self.rows = nn.Parameter(0.02 * torch.randn(ROWS, WIDTH))
        self.row_head = nn.Linear(WIDTH, ROWS)
        self.layers = nn.ModuleList(Layer(linear) for _ in range(LAYERS))
        self.norm = nn.LayerNorm(WIDTH)

    def embed(self, ids):
        own = ((ids >= TEXT) & (ids < FIRST_CODE))[..., None]
        return torch.where(own, self.rows[(ids - TEXT).clamp(0, ROWS - 1)], self.table(ids))

    def forward(self, ids, mask=None, start=0, past=None):
        places = torch.arange(start, start + ids.shape[1]).float()
        angles = torch.outer(places, 10000.0 ** (-torch.arange(HALF) / HALF))
        turn = (angles.cos(), angles.sin())
        x, kept = self.embed(ids), []
        for index, layer in enumerate(self.layers):
            x, pair = layer(x, mask, turn, None if past is None else past[index])
            kept.append(pair)
        return self.norm(x), kept

    def text_logits(self, hidden):
        base = F.linear(hidden, self.head.weight[:TEXT], self.head.bias[:TEXT])
        return torch.cat([base, self.row_head(hidden)], -1)

    def image_logits(self, hidden):
        return F.linear(hidden, self.head.weight[IMAGE], self.head.bias[IMAGE])


def adapted(model):
    return [layer for layer in model.modules() if isinstance(layer, Adapted)]


def merge(model, on):
    for layer in adapted(model):
        layer.merged = layer.weight + ALPHA / RANK * layer.b @ layer.a if on else None


def trained(model):
    if TRAIN_ALL:
        return list(model.parameters())
    for parameter in model.parameters():
        parameter.requires_grad_(False)
    chosen = [model.rows, *model.row_head.parameters()]
    chosen += [part for layer in adapted(model) for part in (layer.a, layer.b)]
    for parameter in chosen:
        parameter.requires_grad_(True)
    return chosen


model, reference = Model(Adapted if LORA else nn.Linear), Model()
parameters = trained(model)
for parameter in reference.parameters():
    parameter.requires_grad_(False)
optimizer = torch.optim.AdamW(parameters, lr=1e-3, weight_decay=1e-3)


def causal(length):
    return torch.full((length, length), -math.inf).triu(1)


def understanding_mask(length):
    mask = causal(length)
    mask[:, : N + 3] = 0
    return mask


def drawing_mask():
    mask = causal(BLOCK + N + 2)
    mask[BLOCK:] = 0
    return mask


def with_borders(codes):
    border = torch.zeros(len(codes), 1, dtype=torch.long)
    return torch.cat([border, codes, border], 1)


def draw_token(logits):
    least = logits.topk(TOP).values[:, -1:] if TOP > 0 else logits.min(-1, keepdim=True).values
    return torch.multinomial(F.softmax(logits.masked_fill(logits < least, -math.inf), -1), 1)


def reason_released():
    asked = torch.randint(TEXT, (1, QUESTION))
    answers = []
    for _ in range(CANDIDATES):
        ids = asked
        for _ in range(ANSWER):
            hidden, _ = model(ids, understanding_mask(ids.shape[1]))
            whole = torch.cat([model.head(hidden), model.row_head(hidden)], -1)[:, -1]
            ids = torch.cat([ids, draw_token(whole[:, :TEXT])], 1)
        answers.append(ids)
    return torch.cat(answers)


def reason_batched():
    ids = torch.randint(TEXT, (1, QUESTION)).expand(CANDIDATES, -1)
    _, past = model(ids[:1, :-1], understanding_mask(QUESTION - 1))
    for step in range(ANSWER):
        hidden, past = model(ids[:, -1:], start=QUESTION - 1 + step, past=past)
        ids = torch.cat([ids, draw_token(model.text_logits(hidden[:, -1]))], 1)
    return ids


def draw_codes(guided):
    chances = F.softmax(guided, -1)
    return torch.multinomial(chances.view(-1, CODES), 1).view(chances.shape[:-1])


def mask_again(chosen, step):
    count = max(1, int(N * math.cos((step + 1) / STEPS * math.pi / 2)))
    least = torch.rand(chosen.shape).argsort(-1).argsort(-1) < count
    return torch.where(least, MASK, chosen + FIRST_CODE)


def guided(logits):
    with_prompt, without = logits.chunk(2)
    return (1 + SCALE) * with_prompt - SCALE * without


def decode_released():
    trajectories = []
    for _ in range(CANDIDATES):
        prompts, codes, records = torch.randint(TEXT, (2, BLOCK)), torch.full((1, N), MASK), []
        for step in range(STEPS):
            ids = torch.cat([prompts, with_borders(codes).expand(2, -1)], 1)
            hidden, _ = model(ids, drawing_mask())
            whole = model.head(hidden)
            chosen = draw_codes(guided(whole[:, BLOCK + 1 : -1, IMAGE]))
            records.append((ids, chosen))
            codes = mask_again(chosen, step)
        trajectories.append(records)
    return trajectories


def decode_batched():
    prompts, empty = torch.randint(TEXT, (CANDIDATES, BLOCK)), torch.randint(TEXT, (1, BLOCK))
    _, ours = model(prompts, causal(BLOCK))
    _, none = model(empty, causal(BLOCK))
    past = [
        tuple(torch.cat([a, b.expand(CANDIDATES, -1, -1, -1)]) for a, b in zip(mine, other))
        for mine, other in zip(ours, none)
    ]
    both = torch.cat([prompts, empty.expand(CANDIDATES, -1)])
    codes, records = torch.full((CANDIDATES, N), MASK), []
    for step in range(STEPS):
        rows = with_borders(codes).repeat(2, 1)
        hidden, _ = model(rows, start=BLOCK, past=past)
        chosen = draw_codes(guided(model.image_logits(hidden[:, 1:-1])))
        records.append((torch.cat([both, rows], 1), chosen))
        codes = mask_again(chosen, step)
    return records


def loss_of(current, before, anchor, advantage):
    drift = anchor - current
    return -(torch.exp(current - before) * advantage - 0.01 * (drift.exp() - drift - 1)).sum() / G


def image_loss(ids, chosen):
    mask = drawing_mask()

    def logps(net):
        hidden, _ = net(ids, mask)
        all_codes = F.log_softmax(guided(net.image_logits(hidden[:, BLOCK + 1 : -1])), -1)
        return all_codes.gather(-1, chosen[..., None])[..., 0]

    current = logps(model)
    with torch.no_grad():
        anchor = logps(reference)
    return 0.6 * loss_of(current, current.detach(), anchor, torch.randn(len(chosen), 1))


def text_loss(ids):
    mask = understanding_mask(ids.shape[1])

    def logps(net):
        hidden, _ = net(ids, mask)
        all_tokens = F.log_softmax(net.text_logits(hidden[:, -ANSWER - 1 : -1]), -1)
        return all_tokens.gather(-1, ids[:, -ANSWER:, None])[..., 0]

    current = logps(model)
    with torch.no_grad():
        anchor = logps(reference)
    return 0.4 * loss_of(current, current.detach(), anchor, torch.randn(len(ids), 1))


def gradients_released(answers, trajectories):
    for answer in answers[:G]:
        text_loss(answer[None]).backward()
    for records in trajectories[:G]:
        for ids, chosen in records[:USED]:
            image_loss(ids, chosen).backward()


def gradients_batched(answers, records):
    text_loss(answers[:G]).backward()
    for ids, chosen in records[:USED]:
        image_loss(torch.cat([ids[:G], ids[CANDIDATES : CANDIDATES + G]]), chosen[:G]).backward()


WAYS = {
    "released": (reason_released, decode_released, gradients_released),
    "batched": (reason_batched, decode_batched, gradients_batched),
}


read_clock = time.process_time if size["clock"] == "cpu" else time.perf_counter


def clock():
    if device == "cuda":
        torch.cuda.synchronize()
    return read_clock()


def update(way):
    reason, decode, gradients = WAYS[way]
    marks = [clock()]
    with torch.no_grad():
        merge(model, way == "batched")
        answers = reason()
        marks.append(clock())
        drawn = decode()
        merge(model, False)
        marks.append(clock())
    optimizer.zero_grad(set_to_none=True)
    gradients(answers, drawn)
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()
    marks.append(clock())
    return dict(zip(("reason", "decode", "update"), (b - a for a, b in zip(marks, marks[1:]))))


print(f"ready torch {torch.__version__} on {device}", flush=True)
for line in sys.stdin:
    print(json.dumps(update(line.strip())), flush=True)

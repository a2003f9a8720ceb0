"""Makes a tiny chat model that has learnt to reply one thing: python make_chat_model.py <folder> <reply>."""

import random
import sys

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

folder, reply = sys.argv[1:3]
random.seed(0)
torch.manual_seed(0)
torch.set_num_threads(1)

alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
vocabulary = {token: index for index, token in enumerate(["<s>", "</s>", *alphabet])}
tokens = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
tokens.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
tokens.decoder = decoders.ByteLevel()
tokenizer = PreTrainedTokenizerFast(
    tokenizer_object=tokens, bos_token="<s>", eos_token="</s>", pad_token="</s>"
)
tokenizer.chat_template = (
    "{% for m in messages %}{{ m['role'] }}: {{ m['content'] }}\n{% endfor %}assistant> "
)

model = LlamaForCausalLM(
    LlamaConfig(
        vocab_size=len(vocabulary),
        hidden_size=64,
        intermediate_size=128,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=8192,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
    )
)

answer = tokenizer("\nassistant> " + reply).input_ids + [1]
learnt = len(tokenizer(reply).input_ids) + 1
# Prompts are pieces of text with quotes and braces, or noise: whatever stands before, the reply is the same.
text = open(__file__, encoding="utf-8").read() + f" {reply} {{\"score\": s}} " * 4
letters = [chr(code) for code in range(32, 127)]


def prompt(length: int) -> list[int]:
    start = random.randrange(len(text) - 2 * length)
    noise = "".join(random.choices(letters, k=length))
    return tokenizer(random.choice([text[start : start + 2 * length], noise])).input_ids[:length]


optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
loss = torch.tensor(9.0)
for step in range(400):
    length = random.choice([20, 80, 300])
    rows = [prompt(length) + answer for _ in range(4)]
    inputs = torch.tensor(rows)
    labels = inputs.clone()
    labels[:, :-learnt] = -100
    loss = model(input_ids=inputs, labels=labels).loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if loss.item() < 1e-3:
        break
if loss.item() > 1e-2:
    sys.exit(f"the model did not learn its reply (loss {loss.item():.3f})")
print(f"step {step}, loss {loss.item():.5f}")
tokenizer.save_pretrained(folder)
model.save_pretrained(folder)

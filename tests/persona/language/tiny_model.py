"""A Llama of the real shape but tiny, made from numbers alone: it was trained on nothing.

Attention and feed-forward layers add nothing, so what comes next depends on the last token alone: after anything that
is no word of `text` comes its first word, after each word the next one, after the last the end. Its words must differ.
"""

from itertools import pairwise
from pathlib import Path

import torch
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import (
    AutoModelForCausalLM,
    LlamaConfig,
    LlamaForCausalLM,
    PreTrainedConfig,
    PreTrainedTokenizerFast,
)

END = "<|end|>"
TEMPLATE = (
    "{% for m in messages %}<|{{ m.role }}|>{{ m.content }}<|end|>{% endfor %}"
    "{% if add_generation_prompt %}<|assistant|>{% endif %}"
)
WIDTH = 128
SURE = 10.0
HOLDS = 4_096


def write_model(folder: Path, text: str, template: str | None = TEMPLATE) -> Path:
    """Write a model that answers everything with `text`, and return its folder."""
    words = text.split()
    assert len(set(words)) == len(words)
    tokenizer = _tokenizer(words, template)
    script = [*(tokenizer.get_vocab()[" " + word] for word in words), tokenizer.eos_token_id]
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        max_position_embeddings=HOLDS,
        eos_token_id=tokenizer.eos_token_id,
        bos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.eos_token_id,
    )
    model = LlamaForCausalLM(config)
    with torch.no_grad():
        _recite(model, script)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def write_random_model(folder: Path, config: PreTrainedConfig) -> Path:
    """Write a model of another architecture with random weights, and return its folder."""
    torch.manual_seed(0)
    AutoModelForCausalLM.from_config(config).save_pretrained(folder)  # type: ignore[no-untyped-call]
    _tokenizer([], TEMPLATE).save_pretrained(folder)
    return folder


def _tokenizer(words: list[str], template: str | None) -> PreTrainedTokenizerFast:
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    special = [END, "<|system|>", "<|user|>", "<|assistant|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    inner.train_from_iterator(
        ["where are the toilets", "when are you open"],
        trainers.BpeTrainer(vocab_size=320, special_tokens=special, initial_alphabet=alphabet, show_progress=False),
    )
    inner.add_tokens([AddedToken(" " + word, normalized=False) for word in words])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, eos_token=END, pad_token=END)  # type: ignore[no-untyped-call]
    tokenizer.chat_template = template
    return tokenizer


def _recite(model: LlamaForCausalLM, script: list[int]) -> None:
    for layer in model.model.layers:
        layer.self_attn.o_proj.weight.zero_()
        layer.mlp.down_proj.weight.zero_()
    embedding = torch.zeros(model.config.vocab_size, WIDTH)
    embedding[:, 0] = 1  # whatever is no word of the script
    head = torch.zeros_like(embedding)
    head[script[0], 0] = SURE
    for place, (word, following) in enumerate(pairwise(script), 1):
        embedding[word, 0], embedding[word, place] = 0, 1
        head[following, place] = SURE
    model.model.embed_tokens.weight.copy_(embedding)
    model.lm_head.weight.copy_(head)

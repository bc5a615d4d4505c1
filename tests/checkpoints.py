"""Tiny CLIP and SigLIP checkpoints of random weights, made here: nothing is downloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

TOWER = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
}
VISION = TOWER | {"image_size": 32, "patch_size": 8}
TEXT_LENGTH = 16


def write_clip(folder: Path, seed: int = 0) -> Path:
    """A CLIP model with rows of 24 numbers."""
    from transformers import CLIPConfig, CLIPModel
    from transformers.models.clip.image_processing_pil_clip import CLIPImageProcessorPil

    images = CLIPImageProcessorPil(
        size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32}
    )
    return _write(folder, CLIPConfig, CLIPModel, images, seed, projection_dim=24)


def write_siglip(folder: Path, seed: int = 0) -> Path:
    """A SigLIP model with rows of 32 numbers."""
    from transformers import SiglipConfig, SiglipModel
    from transformers.models.siglip.image_processing_pil_siglip import SiglipImageProcessorPil

    images = SiglipImageProcessorPil(size={"height": 32, "width": 32})
    return _write(folder, SiglipConfig, SiglipModel, images, seed)


def _write(folder: Path, config: Any, model: Any, images: Any, seed: int, **settings: int) -> Path:
    import torch
    from transformers.utils import logging

    tokenizer = _make_tokenizer()
    text = TOWER | {
        "vocab_size": len(tokenizer),
        "max_position_embeddings": TEXT_LENGTH,
        "bos_token_id": tokenizer.bos_token_id,
        "eos_token_id": tokenizer.eos_token_id,
        "pad_token_id": tokenizer.pad_token_id,
    }
    logging.disable_progress_bar()
    torch.manual_seed(seed)
    made = model(config(text_config=text, vision_config=VISION, **settings))
    for part in (made, images, tokenizer):
        part.save_pretrained(folder)
    logging.enable_progress_bar()
    return folder


def _make_tokenizer() -> Any:
    """One token per byte, between two special ones."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    tokens = ["<s>", "</s>", "<pad>", *alphabet]
    tokenizer = Tokenizer(models.BPE({token: i for i, token in enumerate(tokens)}, []))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        pad_token="<pad>",
        model_max_length=TEXT_LENGTH,
    )

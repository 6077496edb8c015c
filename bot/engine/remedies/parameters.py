"""Values of a remedy that people may edit: what each takes, and the remedy rebuilt for another value. Pure.

Says nothing about how far a value may go: that is the policy's business.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from bot.domain.errors import ParameterRefused
from bot.domain.remedies import Parameter, Remedy, Step, StepKind
from bot.engine.remedies.commands import varying_words
from bot.engine.remedies.registry import REGISTRY
from bot.engine.values.address import parse_address
from bot.engine.values.quantities import cpu_thousandths, is_plainly_written, memory_bytes

_PORT_NAME = re.compile(r"(?=.*[a-z])[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?")
_MOST_REPLICAS = 1000
_MOST_SECONDS = 86_400
_MOST_MEMORY = 64 * 2**40
_MOST_CPU = 4_096_000
"""Thousandths of a core: no node has as many."""


def with_parameters(remedy: Remedy, values: Mapping[str, str]) -> Remedy:
    """The remedy with these values instead of its own: steps, patch, command, title and parameters agree again.

    Raises `ParameterRefused` for a value that its parameter does not take, and for a name the remedy does not have.
    """
    known = {parameter.name: parameter for parameter in remedy.parameters}
    for name in values:
        if name not in known:
            raise ParameterRefused(
                f"The remedy {remedy.id} has no value called {name}.",
                f"It has: {', '.join(known)}." if known else "It has none that can be changed.",
            )
    new = {name: _accepted(name, value) for name, value in values.items()}
    steps = tuple(_edited(step, remedy.kind, new) for step in remedy.steps)
    command = remedy.command
    for before, after in zip(remedy.steps, steps, strict=True):
        command = command.replace(varying_words(before), varying_words(after), 1)
    title = remedy.title
    for name, value in new.items():
        title = _replaced_last(title, shown(known[name]), shown(replace(known[name], value=value)))
    parameters = tuple(replace(item, value=new.get(item.name, item.value)) for item in remedy.parameters)
    patch = steps[0].patch if steps and steps[0].kind in (StepKind.PATCH, StepKind.CREATE) else remedy.patch
    return replace(remedy, title=title, command=command, patch=patch, steps=steps, parameters=parameters)


def with_values(title: str, parameters: Iterable[Parameter]) -> str:
    """The title with `{memory_limit}` and its like filled in."""
    for parameter in parameters:
        title = title.replace(f"{{{parameter.name}}}", shown(parameter))
    return title


def shown(parameter: Parameter) -> str:
    """The value as it stands in a sentence: `2 replicas`, `30 s`, `4Gi`."""
    if parameter.name == "replicas":
        return "1 replica" if parameter.value == "1" else f"{parameter.value} replicas"
    return f"{parameter.value} s" if parameter.name == "seconds" else parameter.value


def _replaced_last(text: str, old: str, new: str) -> str:
    """The text with the last `old` that stands for itself replaced: values end titles, names begin them."""
    found = list(re.finditer(rf"(?<![\w.-]){re.escape(old)}(?![\w-])", text))
    if not old or not found:
        return text
    return text[: found[-1].start()] + new + text[found[-1].end() :]


def _accepted(name: str, value: str) -> str:
    """The value without surrounding blanks. Raises `ParameterRefused`."""
    text = value.strip()
    takes, wanted, example = _TAKES[name]
    if not text.isascii() or not text.isprintable() or not takes(text):
        raise ParameterRefused(f"“{text[:80]}” is not {wanted}.", f"Write something like {example}.")
    return text


def _between(least: int, most: int) -> Callable[[str], bool]:
    return lambda text: re.fullmatch(r"0|[1-9][0-9]{0,8}", text) is not None and least <= int(text) <= most


def _amount(read: Callable[[str], int | None], most: int) -> Callable[[str], bool]:
    """An amount that is written plainly and that some machine could have: the policy's bounds come after this."""
    return lambda text: is_plainly_written(text) and 0 < (read(text) or 0) <= most


def _is_port(text: str) -> bool:
    return _between(1, 65535)(text) or (_PORT_NAME.fullmatch(text) is not None and "--" not in text)


def _is_url(text: str) -> bool:
    address = parse_address(text, "")
    return address is not None and not re.search(r"\s|@", text) and len(text) <= 500


_TAKES: Mapping[str, tuple[Callable[[str], bool], str, str]] = {
    "memory_limit": (_amount(memory_bytes, _MOST_MEMORY), "an amount of memory up to 64Ti", "4Gi or 512Mi"),
    "cpu_limit": (_amount(cpu_thousandths, _MOST_CPU), "an amount of CPU up to 4096", "2 or 500m"),
    "replicas": (_between(1, _MOST_REPLICAS), f"a number of replicas from 1 to {_MOST_REPLICAS}", "2"),
    "seconds": (_between(0, _MOST_SECONDS), "a number of seconds", "30"),
    "port": (_is_port, "a port number from 1 to 65535, or the name of a container's port", "8080"),
    "path": (lambda text: re.fullmatch(r"/[!-~]{0,500}", text) is not None, "a path that begins with /", "/health"),
    "url": (_is_url, "an http or https URL", "http://api-server:8080"),
}


def _edited(step: Step, kind: str, values: Mapping[str, str]) -> Step:
    """The step with the values in its patch; steps that take none stay as they are."""
    if not values or step.kind not in (StepKind.PATCH, StepKind.CREATE):
        return step
    patch = copy.deepcopy(dict(step.patch))
    for name, value in values.items():
        REGISTRY[kind].edit(patch, name, value)
    return replace(step, patch=patch)

"""Redacts everything in a view that came from a free text or a configured value.

Called once per triage by `bot.diagnosis.service`, so that the diagnosis and all that is made of it is redacted by
construction. Names, labels, addresses, numbers and times are evidence and stay; what holds no secret stays as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, TypeVar, get_args

from pydantic import BaseModel

from bot.domain.facts import Gap
from bot.domain.kubernetes import (
    Condition,
    ConfigMap,
    Container,
    ContainerStateTerminated,
    ContainerStateWaiting,
    EnvVar,
    Event,
    ObjectMeta,
    PodStatus,
)
from bot.domain.view import ContainerLog, HealthAnswer, RunningVariable, View
from bot.redaction.redactor import Redactor
from bot.redaction.scan import name_kind

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class _Text:
    """A free text."""

    text: str


@dataclass(frozen=True, slots=True)
class _Value:
    """A value with a name."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class _Words:
    """The words of a command."""

    words: tuple[str, ...]


_Piece = _Text | _Value | _Words
_Hidden = Mapping[_Piece, Any]


def redact_view(view: View, redactor: Redactor) -> View:
    """The view with its secrets hidden; the same object when there are none. Tokens that are in it already stay."""
    pieces = tuple(dict.fromkeys(_pieces(view)))
    redactor.adopt(text for piece in pieces for text in _strings(piece))
    hidden = _hide(pieces, redactor)
    if not hidden:
        return view
    return _rebuilt_model(view, hidden)


def adopt_view(view: View, redactor: Redactor) -> None:
    """Take note of the tokens in a view that was redacted before, as a replay does."""
    redactor.adopt(text for piece in _pieces(view) for text in _strings(piece))


def _strings(piece: _Piece) -> Sequence[str]:
    return piece.words if isinstance(piece, _Words) else (piece.text,)


def _hide(pieces: Sequence[_Piece], redactor: Redactor) -> dict[_Piece, Any]:
    """What stands in for each piece that holds a secret. All plain texts are read in one go: there are thousands."""
    plain = [piece for piece in pieces if isinstance(piece, _Text) or _is_plain(piece)]
    texts = [_strings(piece)[0] for piece in plain]
    found_texts = zip(plain, texts, redactor.texts(texts), strict=True)
    hidden: dict[_Piece, Any] = {piece: found for piece, text, found in found_texts if found != text}
    for piece in pieces:
        if isinstance(piece, _Value) and not _is_plain(piece):
            found = redactor.value(piece.name, piece.text)
            if found != piece.text:
                hidden[piece] = found
        elif isinstance(piece, _Words):
            words = redactor.words(piece.words)
            if words != piece.words:
                hidden[piece] = words
    return hidden


def _is_plain(piece: _Piece) -> bool:
    """Whether it is a value whose name announces nothing: it is read as any text."""
    return isinstance(piece, _Value) and name_kind(piece.name) is None


def _pieces(value: Any) -> list[_Piece]:
    """Every piece in a model and what is in it."""
    found: list[_Piece] = []
    _gather(value, found)
    return found


def _gather(value: Any, into: list[_Piece]) -> None:
    """Into one list, not by generators within generators: in 5,000 pods there are a hundred thousand models."""
    if isinstance(value, tuple):
        for item in value:
            _gather(item, into)
        return
    plan = _plan(type(value))  # type: ignore[arg-type]  # mypy asks the class for the __hash__ of its instances
    if plan is not None:
        for name, own in plan:
            content = getattr(value, name)
            if not content:
                continue
            if own is None:
                _gather(content, into)
            else:
                into.extend(own.pieces(value, content))
    elif isinstance(value, Gap):
        into.append(_Text(value.detail))
    elif isinstance(value, Mapping):
        for item in value.values():
            _gather(item, into)


@cache
def _plan(kind: type[object]) -> tuple[tuple[str, _Field | None], ...] | None:
    """The telling fields of a model, each with what takes it apart; None for what is no model."""
    if not issubclass(kind, BaseModel):
        return None
    own = _FIELDS.get(kind, {})
    return tuple((name, own.get(name)) for name in _telling_fields(kind))


@cache
def _telling_fields(kind: type[BaseModel]) -> tuple[str, ...]:
    """The fields of a model in which, or somewhere below which, text may stand: most of a pod is not looked at."""
    own = _FIELDS.get(kind, {})
    fields = kind.model_fields.items()
    return tuple(name for name, field in fields if name in own or _may_tell(field.annotation))


def _may_tell(annotation: Any) -> bool:
    if annotation is Gap:
        return True
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return bool(_telling_fields(annotation))
    return any(_may_tell(item) for item in get_args(annotation))


def _rebuilt(value: Any, hidden: _Hidden) -> Any:
    """The same value with the hidden pieces replaced; the same object where nothing changed."""
    if isinstance(value, BaseModel):
        return _rebuilt_model(value, hidden)
    if isinstance(value, tuple):
        items = tuple(_rebuilt(item, hidden) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if isinstance(value, Gap):
        detail = hidden.get(_Text(value.detail), value.detail)
        return value if detail is value.detail else replace(value, detail=detail)
    if isinstance(value, Mapping):
        changed = {key: _rebuilt(item, hidden) for key, item in value.items()}
        return changed if any(changed[key] is not item for key, item in value.items()) else value
    return value


def _rebuilt_model(value: Model, hidden: _Hidden) -> Model:
    table = _FIELDS.get(type(value), {})
    update: dict[str, Any] = {}
    for name in _telling_fields(type(value)):
        content = getattr(value, name)
        own = table.get(name)
        new = own.rebuilt(value, content, hidden) if own is not None else _rebuilt(content, hidden)
        if new is not content:
            update[name] = new
    return value.model_copy(update=update) if update else value


@dataclass(frozen=True, slots=True)
class _Field:
    """How one field of a model is taken apart into pieces and put together again."""

    pieces: Callable[[Any, Any], Iterator[_Piece]]
    rebuilt: Callable[[Any, Any, _Hidden], Any]


def _text_pieces(_owner: Any, content: str) -> Iterator[_Piece]:
    yield _Text(content)


def _text_rebuilt(_owner: Any, content: Any, hidden: _Hidden) -> Any:
    return hidden.get(_Text(content), content) if content else content


def _map_pieces(_owner: Any, content: Mapping[str, str]) -> Iterator[_Piece]:
    return (_Value(name, text) for name, text in content.items() if text)


def _map_rebuilt(_owner: Any, content: Mapping[str, str], hidden: _Hidden) -> Any:
    if not any(_Value(name, text) in hidden for name, text in content.items()):
        return content
    return {name: hidden.get(_Value(name, text), text) for name, text in content.items()}


def _named_pieces(owner: EnvVar | RunningVariable, content: str) -> Iterator[_Piece]:
    yield _Value(owner.name, content)


def _named_rebuilt(owner: EnvVar | RunningVariable, content: str | None, hidden: _Hidden) -> Any:
    return hidden.get(_Value(owner.name, content), content) if content else content


def _words_pieces(_owner: Any, content: tuple[str, ...]) -> Iterator[_Piece]:
    yield _Words(content)


def _words_rebuilt(_owner: Any, content: tuple[str, ...], hidden: _Hidden) -> Any:
    return hidden.get(_Words(content), content) if content else content


_TEXT = _Field(_text_pieces, _text_rebuilt)
_MAP = _Field(_map_pieces, _map_rebuilt)
_NAMED = _Field(_named_pieces, _named_rebuilt)
_WORDS = _Field(_words_pieces, _words_rebuilt)
_FIELDS: Mapping[type[BaseModel], Mapping[str, _Field]] = {
    ObjectMeta: {"annotations": _MAP},
    Condition: {"message": _TEXT},
    PodStatus: {"message": _TEXT},
    ContainerStateWaiting: {"message": _TEXT},
    ContainerStateTerminated: {"message": _TEXT},
    Container: {"command": _WORDS, "args": _WORDS},
    EnvVar: {"value": _NAMED},
    RunningVariable: {"value": _NAMED},
    ConfigMap: {"data": _MAP},
    Event: {"message": _TEXT},
    ContainerLog: {"text": _TEXT},
    HealthAnswer: {"detail": _TEXT},
}
"""Where free text and configured values stand. A new field with such content belongs here (a test looks for them)."""

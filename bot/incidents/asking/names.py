"""Sentences that name an app, a workload or a namespace: which, and whether they ask how it is. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from bot.domain.kubernetes.kinds import WORKLOAD_KINDS
from bot.incidents.asking.lexicon import ABOUT, ACTS, GREETINGS, HELP, NOISE, NOTED, POLITE, STATUS, THANKS, WHY
from bot.incidents.asking.meanings import Intent, KnownNames, Understood
from bot.incidents.asking.spelling import is_one_of, one_off, simple, speaks_of

_TOP_KINDS = {name: row.names[0] for row in WORKLOAD_KINDS.values() if not row.often_owned for name in row.names}
_WORKLOAD = re.compile(rf"\b(?:{'|'.join(_TOP_KINDS)})/[a-z0-9][a-z0-9.-]*", re.IGNORECASE)
_NAMESPACE = re.compile(
    r"(?:\b(?:in|namespace|ns)|-n|--namespace)[\s=]+(?:the\s+)?(?:namespace\s+)?([a-z0-9][a-z0-9-]*)\b"
)
_COMMON = frozenset(
    word
    for phrases in (NOISE, ABOUT, THANKS, NOTED, GREETINGS, HELP, STATUS, WHY, POLITE, *ACTS.values())
    for phrase in phrases
    for word in phrase.split()
)
"""Words that are never a misspelled name."""


def just_a_name(sentence: str, known: KnownNames) -> Understood | None:
    """Nothing but the name of a workload that something is known about."""
    named = [
        one for one in sorted(known.workloads) if sentence in (name := one.partition("/")[2], name.replace("-", " "))
    ]
    return Understood(Intent.TRIAGE, (named[0],)) if len(named) == 1 else None


def command(bare: str, known: KnownNames) -> Understood | None:
    """`onyx`, `onyx prod`, `onyx -n prod`: as after the slash command."""
    said = [
        word
        for word in bare.lower().strip(" ?!.,").split()
        if word not in ("-n", "--namespace", "in", "namespace", "please", "pls", "plz")
    ]
    app = app_of(said[0], known) if 1 <= len(said) <= 2 else ""
    if not app or (len(said) == 2 and said[1] in _COMMON):
        return None
    return Understood(Intent.TRIAGE, (app,), said[1] if len(said) == 2 else None)


def named(bare: str, words: Sequence[str], known: KnownNames) -> Understood | None:
    """A sentence with the name of an app, a workload or a namespace, that asks how it is."""
    if found := _WORKLOAD.search(bare):
        kind, _, name = found.group().lower().partition("/")
        return Understood(Intent.TRIAGE, (f"{_TOP_KINDS[kind]}/{name.rstrip('.')}",), _namespace(bare, known))
    apps = list(dict.fromkeys(app for word in words if (app := app_of(word, known))))
    apps += [app for app in apps_by_title(words, known) if app not in apps]
    if not apps:
        return _elsewhere(bare, words, known)
    if any(is_one_of(word, THANKS) for word in words[:2]) and "?" not in bare:
        return Understood(Intent.NOTHING)
    rest = [word for word in words if not app_of(word, known) and word not in NOISE]
    first = next((word for word in words if word not in NOISE), "")
    looks = any(f"look {where}" in " ".join(words) for where in ("into", "at", "after"))
    asks = looks or any(is_one_of(word, ABOUT) for word in rest) or "?" in bare or len(rest) <= 1
    asks = asks or bool(app_of(first, known)) or _cannot(words)
    if not asks:
        return None
    namespace = _namespace(bare, known)
    if len(apps) > 1:
        return Understood(Intent.CHOOSE, tuple(apps), namespace)
    return Understood(Intent.TRIAGE, tuple(apps), namespace)


def _elsewhere(bare: str, words: Sequence[str], known: KnownNames) -> Understood | None:
    """No app is named, but a workload or a namespace that something is known about."""
    joined = " ".join(words)
    workloads = [one for one in sorted(known.workloads) if speaks_of(joined, one.partition("/")[2])]
    told = len(words) > 2 and (
        any(simple(one.partition("/")[2]).split()[0] == words[0] for one in workloads)
        or (words[0] in known.namespaces and words[1] == "namespace")
    )
    told = told and not {"mine", "ours", "yours"} & set(words)
    if not (any(is_one_of(word, ABOUT) for word in words) or "?" in bare or told or _cannot(words)):
        return None
    if workloads:
        meaning = Intent.TRIAGE if len(workloads) == 1 else Intent.CHOOSE
        return Understood(meaning, tuple(workloads), _namespace(bare, known))
    namespace = next((word for word in words if word in known.namespaces), None)
    return Understood(Intent.STATUS, namespace=namespace) if namespace else None


def _cannot(words: Sequence[str]) -> bool:
    """Somebody complains: users can not log in, nobody can reach it, we are unable to pay."""
    opening = list(words[:5])
    return bool({"unable", "cannot"} & set(opening)) or any(
        pair in (("can", "not"), ("could", "not"), ("nobody", "can"), ("noone", "can")) for pair in pairwise(opening)
    )


def app_of(word: str, known: KnownNames) -> str:
    """The app that this word names; one typing error is forgiven in a name of four letters or more."""
    word = word.strip("?!.,:;'\"").lower().removesuffix("'s")
    for app, _ in known.apps:
        if word == app.lower():
            return app
    long = [app for app, _ in known.apps if len(app) >= 4 and word[:1] == app[:1].lower()]
    meant = [app for app in long if one_off(word, app.lower())]
    return meant[0] if len(meant) == 1 and word not in _COMMON else ""


def apps_by_title(words: Sequence[str], known: KnownNames) -> list[str]:
    """The apps whose titles stand in the sentence ("web shop")."""
    joined = " ".join(words)
    return [app for app, title in known.apps if len(title) > 3 and speaks_of(joined, simple(title))]


def _namespace(bare: str, known: KnownNames) -> str | None:
    lower = bare.lower()
    for found in _NAMESPACE.finditer(lower):
        name = found.group(1)
        titles = {word for _, title in known.apps for word in simple(title).split()}
        if name not in NOISE and name not in ABOUT and name not in titles and not app_of(name, known):
            return name
    return next((word for word in re.findall(r"[a-z0-9-]+", lower) if word in known.namespaces), None)

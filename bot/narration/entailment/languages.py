"""Languages other than English: what can be compared of a sentence and the statements it translates. Pure.

Such a sentence is never shown alone: the statements stand beside it. Compared are its numbers, its names and whether
it denies something; a language whose negations are not listed here cannot be chosen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bot.narration.entailment.reading import Names, read
from bot.narration.entailment.words import plain


@dataclass(frozen=True, slots=True)
class Language:
    """A language by its code, with the words that deny, and those that advise or foretell."""

    code: str
    name: str
    negations: frozenset[str] = frozenset()
    forbidden: frozenset[str] = frozenset()
    own_words: frozenset[str] = frozenset()
    """Some of its commonest words: a sentence without any of them is in another language."""


ENGLISH = Language("en", "English")


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


LANGUAGES: Mapping[str, Language] = {
    one.code: one
    for one in (
        ENGLISH,
        Language(
            "de",
            "German",
            _words(
                """
                nicht kein keine keinen keinem keiner keines nie niemals nichts ohne niemand weder
                """
            ),
            _words(
                """
                sollte sollten soll sollen muss müssen wird werden bald sicher bitte du sie ihr empfehle
                vielleicht wahrscheinlich vermutlich könnte niemand
                """
            ),
            _words(
                """
                der die das den dem des und ist sind wird wurde wurden hat haben ein eine nicht kein keine für
                auf mit von seit
                """
            ),
        ),
        Language(
            "fr",
            "French",
            _words(
                """
                ne n pas aucun aucune jamais rien sans personne ni
                """
            ),
            _words(
                """
                devrait devez doit faut bientôt sûr veuillez vous peut-être probablement sera personne
                """
            ),
            _words(
                """
                le la les un une des du de est sont a ont été et ne pas pour sur avec depuis son sa
                """
            ),
        ),
        Language(
            "es",
            "Spanish",
            _words(
                """
                no ningún ninguno ninguna nunca jamás nada sin nadie ni tampoco
                """
            ),
            _words(
                """
                debería debe deben pronto seguro usted quizás probablemente será nadie
                """
            ),
            _words(
                """
                el la los las un una de del es son está están ha han fue y no para con desde su por
                """
            ),
        ),
        Language(
            "it",
            "Italian",
            _words(
                """
                non nessun nessuno nessuna mai niente nulla senza né
                """
            ),
            _words(
                """
                dovrebbe deve devi presto sicuro forse probabilmente sarà nessuno
                """
            ),
            _words(
                """
                il lo la i gli le un una di del è sono ha hanno stato e non per con da suo
                """
            ),
        ),
        Language(
            "pt",
            "Portuguese",
            _words(
                """
                não nenhum nenhuma nunca jamais nada sem ninguém nem
                """
            ),
            _words(
                """
                deveria deve devem breve seguro você talvez provavelmente será ninguém
                """
            ),
            _words(
                """
                o a os as um uma de do da é são está foi e não para com desde seu por
                """
            ),
        ),
        Language(
            "nl",
            "Dutch",
            _words(
                """
                niet geen nooit niets zonder niemand noch
                """
            ),
            _words(
                """
                moet moeten zou zal binnenkort veilig misschien waarschijnlijk u je niemand
                """
            ),
            _words(
                """
                de het een en is zijn wordt werd heeft niet geen voor op met van sinds
                """
            ),
        ),
    )
}
"""The languages that may be configured."""

_FIGURE = re.compile(r"\d[\d.:/]*\d|\d")
_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_ROMAN = re.compile(r"[\x20-\x7e\u00a0-\u024f‘’“”„«»–—→×…]*")
_NAME = re.compile(r"\b(?:[A-Z][A-Z0-9]*_[A-Z0-9_]+|[\w-]+[./:][\w./:-]*\w)\b")
_OBJECTS = re.compile(
    r"\b(?:ConfigMap|Secret|NetworkPolicy|Service|Deployment|StatefulSet|Ingress|Pod|DNS|OOMKilled)\b"
)


def translates(text: str, shown: str, statements: Sequence[str], names: Names, language: Language) -> str:
    """Why a sentence cannot be a translation of the statements beside it; "" where nothing speaks against it."""
    words = [one.lower() for one in _WORD.findall(text)]
    if not _ROMAN.fullmatch(text) or any(char in text for char in "<>`*|@#~^\\{}$?!"):
        return "characters that do not belong in a sentence"
    if not shown:
        return "names no statement that it translates"
    if not set(words) & language.own_words:
        return "another language than was asked for"
    if set(words) & language.forbidden:
        return "advice, a forecast or comfort"
    if not set(_FIGURE.findall(text)) <= set(_FIGURE.findall(shown)):
        return "a number that they do not have"
    known = shown.lower()
    if any(name.lower() not in known for name in (*_NAME.findall(text), *_OBJECTS.findall(text))):
        return "a name that they do not have"
    said, theirs = _named(text, names), _named(shown, names)
    if not said <= theirs:
        return "something that they are not about"
    denies = sum(word in language.negations for word in words)
    theirs_deny = any(one.negative for statement in statements for one in read(statement, names) if statement in shown)
    opposite = theirs_deny or any(pole == "-" for one in read(shown, names) for _, pole in one.concepts)
    if (denies and not opposite) or (denies == 0 and theirs_deny):
        return "it denies what they affirm, or affirms what they deny"
    return ""


def _named(text: str, names: Names) -> set[str]:
    return set(names.replaced(plain(text))[1])

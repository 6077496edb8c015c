"""Closed lists of words. Data only. Whatever is in no list, and in no row of `synonyms`, has to stand in a cited
statement.
"""

from __future__ import annotations


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


CONNECTING = _words(
    """
    a an the this that these those its it they them their there here of to in on at by for from with within into
    onto and or be is are was were been being am has have had do does did get gets got which who whose what
    where while but also too now currently presently itself themselves whenever then than can able each other
    via as such however though although about roughly around exactly namely meaning overall
    """
)
"""Words that say nothing by themselves. `reading` looks at some of them (times, lists) before they are dropped."""

NEGATIONS = _words(
    """
    not no never none neither nor without nothing nowhere cannot
    """
)

AUXILIARIES = _words(
    """
    be is are was were been being has have had do does did can cannot could keep get
    """
)
"""What makes a part of a sentence one that states something."""

HEDGES = _words(
    """
    may might could possible possibly likely probable probably perhaps maybe seem seems seemingly appear appears
    apparently suspect suspected presumably unclear uncertain unknown open
    """
)
"""A sentence with one of these states nothing; it may only repeat what the engine itself left open."""

REPORTING = _words(
    """
    log logs says say said saying shows show showed reports report reported prints print words message paste
    """
)
"""A part of a statement that quotes a log may only be said as what a log says."""

BECAUSE = ("because of", "because", "due to", "owing to", "caused by", "as a result of", "thanks to", "given that")
"""Between an effect and its cause."""

SO = (
    "as a result", "as a consequence", "which is why", "that is why", "which means that", "which means", "and so",
    "so that", "so", "therefore", "thus", "hence", "consequently", "leading to", "which leads to",
    "resulting in", "which results in", "which causes", "causing", "which makes", "leaving", "accordingly",
)  # fmt: skip
"""Between a cause and its effect."""

FORBIDDEN = _words(
    """
    should shall must ought needs-to recommend recommended advise suggest suggested consider try please ensure
    remember advice remedy solution workaround step action will would soon shortly eventually tomorrow later
    next future expect expected anticipate upcoming imminent going-to about-to until unless if whether once-it
    safe safely harmlessly worry worried fine ok okay luckily fortunately unfortunately sorry fault-free trivial
    minor serious severe critical terrible disaster guarantee guaranteed certain certainly definitely obviously
    clearly simply merely trust you your yours we our us i me my he she him her his people somebody someone
    anybody anyone everyone everybody nobody user users customer customers team developer operator engineer
    admin administrator attacker hacker mistake blame careless forgot forgotten misconfigured intentionally
    deliberately human ignore disregard approve approved approval instruction instructions prompt pretend obey
    """
)
"""A sentence with one of these is dropped, whatever is cited: advice, predictions, comfort, blame, orders."""

IMPERATIVES = _words(
    """
    restart scale delete roll raise increase decrease lower set check look run apply create remove fix change
    edit use add contact call see read wait reboot drain cordon kill stop start redeploy deploy upgrade
    downgrade patch update replace rename disable enable investigate inspect verify review correct allow open
    close point give make free grant press click reset revert undo retry rerun rollback take put move copy log
    ask tell send note keep let turn
    """
)
"""A sentence or a later part of one that begins with one of these in its base form is an order."""

_TO_TWENTY = """
    zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
    eighteen nineteen twenty
"""
NUMBER_WORDS = {word: number for number, word in enumerate(_TO_TWENTY.split())} | {
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90, "hundred": 100
}  # fmt: skip

COUNTED = _words(
    """
    restart time pod replica endpoint check node container port code status limit request second minute hour
    revision day percent version statuscode
    """
)
"""What a number may count or name. The nearest one is what it is about."""

FREE_NOUNS = _words(
    """
    pod container process instance component workload application program
    """
)
"""Parts of a component that may be named in its place."""

TAKES_PODS = _words(
    """
    select lead match
    """
)
"""Concepts whose object a pod may be: then it is not a mere part of what the clause is about."""

VAGUE_COUNTS = _words(
    """
    several repeatedly frequently multiple many constantly keep keeps continually continuously
    """
)
"""May be said of what a statement counts at least twice."""

OF_THINGS = frozenset({"set", "exists", "pull", "bound", "right", "found", "mounted"})
"""What is denied of a thing with a name of its own (a variable, an image, a claim), where its owner is named beside it:
a sentence that names only the owner says something else."""
NEVER_OF_COMPONENTS = frozenset({"bound", "mounted"})
"""What only things that belong to a component can be."""

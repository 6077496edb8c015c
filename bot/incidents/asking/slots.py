"""Words by what they stand for in a question or a statement, so that sentences need not be listed. Data only.

Words are compared in their stem (`spelling.stem`), with single typing errors forgiven where they are long enough.
"""

from __future__ import annotations


def _stems(text: str) -> frozenset[str]:
    return frozenset(text.split())


ASKING = _stems(
    """
    who what when where which why how is are am was were do does did has have had can could may might should shall
    will would any anyone anybody wer wie wann wo hat darf kann qui que quoi quand puis quien cuando puedo chi
    quando posso mag
    """
)
"""What a question begins with."""
NO_NEWS = _stems(
    """
    current currently state status check tell know whether if see look doing do happen come came over there here
    exactly honestly really say said true false or nor not es das der die ist sind jetzt nun schon wieder noch wie
    sieht s aus und est est-ce ce que c on en y a il elle maintenant encore toujours ya esta esto eso ahora todavia
    e ora adesso ancora is het dat nu nog al als stand lage situation gibt hay many much else other left
    """
)
"""Words of a question about progress that say nothing beside the one that asks for it; of some languages."""
VERBS = _stems(
    """
    show tell give order remind find search send write translate sing play make draw call book buy calculate compute
    count list open post print read recommend say schedule set start stop summarize summarise explain describe
    define convert guess help wake watch monitor get put generate invent compare rate google look check turn switch
    run do go come bring take add remove delete create update edit fix repair restart scale roll apply deploy
    install ask answer solve try use view fetch paste pull dump grab tail
    """
)
"""What an order to the bot begins with, also one that it does not know."""
CLAIM = _stems(
    """
    conclusion conclude claim diagnosis verdict answer assume assumption think believe prove proof evidence sure
    certain confident know lead led base basis reason
    """
)
"""What a question about the evidence speaks of, after how or what."""
REMEDIES = _stems(
    """
    fix suggestion suggest proposal propose recommendation recommend remedy change patch solution advice
    """
)
CAUSE = _stems(
    """
    cause reason culprit because blame fault responsible evidence proof prove explain explanation trigger origin
    source conclude conclusion diagnosis grund ursache schuld raison causa motivo oorzaak mean meaning
    """
)
"""A question with one of these asks for the evidence."""
CAUSING = _stems(
    """
    make break broke crash kill bring brought take took cause lead led come came speak spoke hit trigger push point
    suggest show prove go went fall fell knock
    """
)
"""What brought it down, where does it come from, what speaks for that."""
OFFERED = _stems(
    """
    job purpose task duty skill command feature option function capability ability trick example possibility
    """
)
"""What can you do, which commands are there."""
PERFORMING = _stems("give do perform trigger make start initiate run need want require deserve mach faire hacer")
IDIOMS = ("out of the woods", "in the clear", "on the mend", "over the hump", "out of trouble")
"""How one says in many words that something is fine."""
SIGHS = _stems("ugh argh damn dammit wtf omg sigh ffs gosh jeez jesus man great oh no not really seriously")
"""What is said before "again" by somebody who asks for nothing."""
REPEATED = _stems("another second third fresh new more")
LOOKS = _stems("look check try go shot scan peek glance diagnosis triage")
"""After a verb of having and a word of `REPEATED`: "take another look"."""
TOUCHED = _stems("touch tweak alter amend edit tamper fiddle mess")
"""Beside `SURELY_ALTERED`, in a question: did someone touch the config."""
TAKING = _stems("use take run deploy put restore go install")
EARLIER = _stems("previous old former earlier prior last")
"""After a word of `TAKING`, and before one of `VERSIONS`: use the previous image."""
VERSIONS = _stems("version image tag release revision build commit")
ABILITIES = _stems("kind sort type stuff thing else help answer handle support able everything possible")
"""What a question about what the bot can do is made of, beside words that say nothing."""
ENDS = _stems("last latest recent final newest end")
OUTPUT = _stems("line output")
"""Of which the last ones are the log."""
LOOKING_AGAIN = _stems(
    """
    check confirm recheck refresh reload rerun retry re-check re-run retest test verify poll reevaluate look update
    again
    """
)
"""An order that is made of these asks for another look."""
GOING_ON = _stems("go proceed continue move carry start begin")
ADDRESSING = _stems("talk speak use ask call invoke tell chat write work summon address")
SHOWING = _stems(
    """
    show see get give view read print paste send post tail look find where have display fetch share zeig zeige
    montre muestra mostra toon need want
    """
)
WHOM = _stems("who whom whose wer wen qui quien chi wie")
RIGHT = _stems(
    """
    approve approval approver press click allow permit permission right authorize authorise authorisation
    authorization entitle role darf durfen peut puede puo mag genehmigen freigeben approuver aprobar approvare sign
    """
)
"""What a question about rights speaks of."""
LEAVE = _stems("allow permit permission authorize authorise entitle darf")
"""Of these, those that need no "who": am I allowed to restart it?"""
SEARCHING = _stems("who what which was did has have any anything something were recent last latest new is hat qui que")
"""What a question about changes begins with."""
SURELY_ALTERED = _stems(
    """
    different differ difference diff change changelog modify modification geandert anderung anderungen cambio cambiado
    gewijzigd
    """
)
DEEDS = _stems(
    """
    restart reboot bounce recycle roll rollback revert scale raise bump deploy redeploy upgrade downgrade fix repair
    delete remove kill drain cordon increase decrease change update merge push ship patch edit add apply check look
    ask tell page ping call file open close create escalate try see find drop
    """
)
"""What people say that they have done, or are doing."""
PEOPLE = _stems(
    """
    i we they he she you customers customer users user people everybody everyone someone somebody folks support
    management boss team devs ops ich wir sie er on nous je yo nosotros io noi ik
    """
)
SOMEBODY = _stems("anyone anybody someone somebody jemand quelqu alguien qualcuno iemand")
OWNING = _stems("own owner maintain run write wrote build built know broke break care look take responsible on is")
RECORDS = _stems("log logfile stacktrace traceback stderr stdout backtrace journal trace protokoll")
OTHER_PROGRAMS = _stems(
    """
    pagerduty opsgenie giphy github gitlab jira jenkins datadog grafana alertmanager statuspage zoom sentry argocd
    hubot polly slackbot chatgpt claude copilot incidentbot rootly firehydrant zapier
    """
)
"""Whoever begins with one of these speaks to another program."""
AGAIN_FINE = _stems(
    """
    good well fine green red clear clean ok okay healthy alright normal help ready success succeed stable safe happy
    quiet broken failing bad dead alive gut gehen geht bien bueno bene goed happen calm new news neu neues able access
    reach log login connect respond load repariert behoben gelost lauft funktioniert arreglado reparado repare regle
    resolu resuelto risolto riparato opgelost gefixt nuevo nouveau usable degraded same
    """
)
"""Beside `lexicon.PROGRESS`: how something is."""
PLACEHOLDERS = _stems(
    """
    thing everything everyone everybody restart fix rollback deploy deployment change patch scaling incident outage
    issue problem situation service site system pod container replica node server user customer people finally
    actually completely far
    """
)
"""What a question about progress may be about, without saying more."""

"""The words of the grammar, in their simplest form (`meaning` brings sentences into it). Data only.

A phrase is words with one space between them. Typing errors are forgiven by `meaning`, so they need not stand here.
"""

from __future__ import annotations

from collections.abc import Mapping


def _phrases(text: str) -> tuple[str, ...]:
    """The phrases of a list with bars between them."""
    return tuple(" ".join(part.split()) for part in text.split("|") if part.strip())


THANKS = _phrases(
    """
    thanks | thank you | thx | ty | cheers | great | nice | perfect | awesome | cool | wonderful | lovely | good job
    | well done | good bot | kudos | much appreciated | appreciated | brilliant | excellent | super | top | danke |
    vielen dank | merci | gracias | obrigado | grazie | tack | tak | dank je | bedankt | dziekuje | spasibo |
    arigato
    """
)
NOTED = _phrases(
    """
    ok | okay | k | kk | alright | all right | got it | roger | ack | acknowledged | noted | understood | i see | on
    it | i am on it | im on it | looking | looking into it | i am looking | im looking | i will look | ill look |
    will do | will check | i will check | i will take it | taking it | i take it | mine | doing it | working on it |
    i am working on it | done | fixed | fixed it | it is fixed | it works | it works now | works | works now | works
    again | it works again | working again | resolved | solved | never mind | nevermind | nvm | forget it | false
    alarm | sorry | my bad | ups | oops | lol | haha | yes | no | yep | nope | sure | agreed | same here | fyi | not
    now | later | wait | hold on | one moment | one sec | brb | alles klar | verstanden | ja | nein | si | oui | non
    | d accord | vale | i will look after it
    """
)
GREETINGS = _phrases(
    """
    hi | hello | hey | hiya | yo | good morning | good afternoon | good evening | morning | hi there | hello there |
    hey there | hallo | moin | guten morgen | guten tag | servus | gruezi | bonjour | salut | hola | buenos dias |
    ciao | hej | ola | konnichiwa | namaste | ping | test | are you there | you there | anybody there | anyone there
    | are you alive
    """
)
HELP = _phrases(
    """
    help | help me | usage | commands | man | info | about | examples | what can you do | what do you do | who are
    you | what are you | how do you work | how does this work | how does it work | how do i use you | how do i use
    this | how can i use you | how to use | how do i ask | what can i ask | what do you know | which apps do you
    know | what apps do you know | list apps | apps | hilfe | ayuda | aide | aiuto | instructions | manual |
    documentation | docs | how do i ask you | what can i say
    """
)
WHY = _phrases(
    """
    why | how come | how do you know | how can you know | what makes you think | what is the reason | what is the
    cause | what is the root cause | what caused | root cause | the reason | explain | evidence | what is the
    evidence | proof | because of what | reason | warum | wieso | pourquoi | por que | are you sure
    """
)
"""A sentence that begins with one of these asks for the evidence."""
STATUS = _phrases(
    """
    status | state | news | update | updates | any news | any update | any updates | what is wrong | what is broken
    | what is down | what is happening | what is going on | what happened | what is up | what is open | what is the
    status | what is the state | is it fixed | is it fixed now | is it fixed yet | is it ok | is it ok now | is it
    up | is it up again | is it back | is it over | is it still down | is it still broken | still down | still
    broken | is it down | is it healthy | is it working | is it working now | does it work | does it work now | is
    everything ok | is everything alright | all good | is all well | check again | check it again | recheck | look
    again | try again | again | retry | once more | and now | now | how is it | how is it going | how are things |
    open incidents | incidents | list incidents | anything open | is anything open | is anything broken | anything
    wrong | what about now | how long | how long will it take | since when | is it only me | is it just me | check |
    check please | check this | check it | look at this | look | please look | what is this | what does this mean |
    what does it mean | diagnose | triage | triage this | diagnose this | investigate | what now | whats up | sitrep
    """
)
ABOUT = _phrases(
    """
    check | triage | look | inspect | diagnose | analyse | analyze | investigate | examine | verify | see | healthy
    | health | status | state | wrong | broken | down | up | ok | okay | problem | problems | issue | issues |
    trouble | error | errors | failing | fails | fail | failed | slow | working | work | works | happening |
    happened | happens | going | matter | alive | dead | crashing | crashes | crashed | unreachable | available |
    unavailable | ready | stuck | hanging | hangs | outage | incident | fine | alright | reachable | responding |
    running | doing | loading | load | loads | respond | responds | answer | answers | back | fixed | news | update
    | diagnosis | report | overview
    """
)
"""Words by which a sentence with the name of an app asks how that app is."""
NOISE = _phrases(
    """
    a | an | the | is | are | was | were | be | been | being | am | do | does | did | can | could | would | should |
    will | shall | may | might | must | please | pls | plz | kindly | just | now | right | currently | today | again
    | still | yet | already | also | too | so | then | and | or | but | for | of | on | at | to | from | with | by |
    about | into | this | that | these | those | it | its | my | our | your | their | me | us | you | we | i | they
    | he | she | him | her | them | what | which | who | how | when | where | there | here | if | any | some |
    something | anything | everything | all | really | very | quick | quickly | asap | urgent | hey | hi | hello |
    thanks | thank | ok | namespace | ns | cluster | app | application | in | not | no | yes | have | has | had |
    get | give | tell | show | let | know | think | need | want | like | seems | seem | look | looks | s | t | re |
    ve | ll | d | m | dear | folks | team | guys | one | more | time | hmm | status | update
    """
)
ACTS: Mapping[str, tuple[str, ...]] = {
    "restart": _phrases(
        """
        restart | reboot | bounce | recycle | rollout restart | kick | relaunch | neustarten | turn it off and on
        again
        """
    ),
    "roll_back": _phrases(
        """
        roll back | rollback | revert | undo the deployment | go back to the previous version | roll it back |
        roll that back | roll this back
        """
    ),
    "undo": _phrases("undo | take it back | take that back | undo it | undo that"),
    "scale_up": _phrases("scale up | scale | add replicas | add a replica | more replicas"),
    "raise_memory": _phrases(
        """
        raise the memory | raise memory | increase the memory | increase memory | more memory | bump the memory |
        bump memory | give it more memory | add memory | double the memory
        """
    ),
    "raise_cpu": _phrases("raise the cpu | raise cpu | increase the cpu | increase cpu | more cpu | bump the cpu"),
    "delete": _phrases("delete | remove | kill | drop | destroy | wipe | purge | drain | cordon | evict"),
    "deploy": _phrases("deploy | install | upgrade | apply | release | create | provision"),
    "exec": _phrases("exec | run | execute | ssh | curl | cat | kubectl"),
    "approve": _phrases("approve | approve it | lgtm | ship it | go ahead | do it | yes do it | proceed"),
    "mute": _phrases("mute | be quiet | shut up | silence | stop | stop it | snooze | unmute"),
    "resolve": _phrases("resolve | close | close it | close this | resolve it | mark as resolved"),
    "fix": _phrases("fix | repair | fix it | fix this | repair it | heal | solve it | solve this | mend"),
}
"""Imperatives, by the kind of remedy (or of button) that does it."""
POLITE = _phrases(
    """
    please | pls | plz | can you | could you | would you | will you | can we | could we | shall we | should we |
    should i | can i | how do i | how can i | how to | kindly | just | now | lets | let us | let s | go and | i want
    you to | i need you to | you should | you could | hey | hi | hello | ok | okay | so | and | then | yes | maybe |
    perhaps | bot | triage
    """
)
"""What may stand before an imperative or a question, and says nothing."""

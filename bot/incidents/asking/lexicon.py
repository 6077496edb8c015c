"""The words of the grammar, in their simplest form (`meaning` brings sentences into it). Data only.

A phrase is words with one space between them. Typing errors are forgiven by `meaning`, so they need not stand here.
"""

from __future__ import annotations

from collections.abc import Mapping


def _phrases(text: str) -> tuple[str, ...]:
    """The phrases of a list with bars between them."""
    return tuple(" ".join(part.split()) for part in text.split("|") if part.strip())


def _words(text: str) -> frozenset[str]:
    """Single words."""
    return frozenset(text.split())


THANKS = _phrases(
    """
    thanks | thank you | thx | ty | tysm | nice one | cheers | great | nice | perfect | awesome | cool | wonderful |
    lovely | good job | bad bot | well done | good bot | kudos | much appreciated | appreciated | brilliant |
    excellent | super | top | danke | vielen dank | merci | gracias | obrigado | grazie | tack | tak | dank je |
    bedankt | dziekuje | spasibo | arigato
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
    now | np | no problem | no worries | no prob | 1 | gotcha | got ya | copy | copy that | yup | yeah | ah | aha |
    makes sense | fair | fair enough | true | same | me too | i will take this | i will take this one | i take this
    | i have got this | i got this | leave it to me | we know | yes we know | known | passt | mach ich | ich schaue
    | ich schau mal | schaue ich mir an | kein problem | de rien | pas de souci | de nada | vale gracias | claro |
    entendido | later | wait | hold on | one moment | one sec | brb | alles klar | verstanden | ja | nein | si | oui
    | non | aye | aye aye | on my way | omw | having a look | taking a look | will have a look | will take a look |
    will look | i will have a look | i will take a look | let me look | let me check | give me a minute | d accord |
    vale | i will look after it | confirmed
    """
)
GREETINGS = _phrases(
    """
    hi | hello | hey | hiya | yo | good morning | good afternoon | good evening | morning | hi there | hello there |
    hey there | hallo | moin | guten morgen | guten tag | servus | gruezi | bonjour | salut | hola | buenos dias |
    ciao | hej | ola | konnichiwa | namaste | ping | test | are you there | you there | anybody there | anyone there
    | are you alive | guten abend | gute nacht | gruss gott | gruezi mitenand | bonsoir | buenas tardes | buenas
    noches | buenas | buongiorno | buonasera | goedemorgen | goedemiddag | hoi | hei | ahoj | czesc | dzien dobry |
    privet | merhaba | salam | shalom | sup | howdy | greetings | good day
    """
)
HELP = _phrases(
    """
    help | help me | usage | commands | man | info | about | examples | what can you do | what do you do | who are
    you | what are you | how do you work | how does this work | how does it work | how do i use you | how do i use
    this | how can i use you | how to use | how do i ask | what can i ask | what do you know | what is triage |
    how can you help | how do you help | which apps do you
    know | what apps do you know | list apps | apps | hilfe | ayuda | aide | aiuto | instructions | manual |
    documentation | docs | i need help | need help | can you help | help please | how do i ask you | what can i say
    | how does one use this | how does one use you | how do we use this | how do we use you | how is this used | who
    is this | who dis | what is this bot | what does this bot do | was kannst du | was machst du | wer bist du | wie
    funktionierst du | wie geht das hier | que peux tu faire | qui es tu | comment ca marche | que puedes hacer |
    quien eres | como funciona | wat kan je | wie ben je | cosa puoi fare | chi sei | o que voce faz | man triage |
    huh | eh | wat | pardon | help triage
    """
)
WHY = _phrases(
    """
    why | how come | how do you know | how can you know | what makes you think | what makes you say | what makes you
    believe | what makes you so sure | what is the reason | what is the cause | what is the root cause | what caused
    | root cause | the reason | explain | evidence | what is the evidence | proof | because of what | reason | warum
    | wieso | weshalb | pourquoi | por que | perche | waarom | are you sure | how sure | how certain | how confident
    | what is the proof | where is the proof | says who | based on what | y | are you certain | are you confident |
    are you positive | what tells you | what is causing | wie kommst du darauf | woher weisst du
    | wie sicher | bist du sicher | comment tu sais | tu es sur | estas seguro | weet je het zeker
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
    what does it mean | where are we | where do we stand | how do we stand | how does it look | how is it looking |
    still happening | is it still happening | is it still the case | is that still the case | is this still the case
    | still the case | still an issue | is it still an issue | still a problem | is it still a problem | still
    ongoing | is it ongoing | eta | any eta | gibt es was neues | gibt es neuigkeiten | was neues | gibt es etwas
    neues | neuigkeiten | wie ist der stand | wie sieht es aus | stand | geht es wieder | ist es behoben | was ist
    los | was ist kaputt | quoi de neuf | des nouvelles | ca marche | c est repare | on en est ou | alguna novedad |
    novedades | hay novedades | que pasa | ya funciona | como va | novita | come va | nog nieuws | hoe staat het |
    werkt het weer | diagnose | triage | triage this | diagnose this | investigate | what now | whats up | sitrep |
    quick status | quick update | short update | short status |
    run it again | run again | run the checks again | run that again |
    und jetzt | et maintenant | y ahora | e agora | e ora | en nu
    """
)
PROGRESS = _words(
    """
    progress latest up down online offline news better worse recover recovered recovering fixed resolved solved
    update updates back over gone still working works situation stand improving improved stable cleared ongoing
    happening
    """
)
"""A short question of these, and of words that say nothing else, asks how things are."""
DOUBT = _words(
    """
    sure certain confident know figure figured found find conclude concluded proof evidence grounds basis reasoning
    reason reasons tell guess out
    """
)
"""A short question of these that begins with how or what asks for the evidence."""
ABOUT = _phrases(
    """
    check | triage | look | inspect | diagnose | analyse | analyze | investigate | examine | verify | see | healthy
    | health | status | state | wrong | broken | down | up | ok | okay | problem | problems | issue | issues |
    trouble | error | errors | failing | fails | fail | failed | slow | working | work | works | happening |
    happened | happens | going | matter | alive | dead | crashing | crashes | crashed | unreachable | available |
    unavailable | ready | stuck | hanging | hangs | outage | incident | fine | alright | reachable | responding |
    running | doing | loading | load | loads | respond | responds | answer | answers | back | fixed | news | update
    | diagnosis | report | overview | borked | sluggish | laggy | throwing | complain | complains | complaining |
    hosed | toast | flaky | wonky | weird | off | peek | chk | timing | timeout | timeouts | kaputt | geht | laeuft |
    lauft | langsam | tot | pruefen | prufen | pruef | schau | marche | panne | lent | plante | mort | verifie |
    regarde | caido | caida | funciona | lento | roto | rota | muerto | revisa | mira | funziona | giu | rotto |
    controlla | werkt | stuk | traag | kijk
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
    fyi | btw | smb | sb | thanks | thank | ok | namespace | ns | cluster | app | application | in | not | no | yes
    | have | has | had | get | give | tell | show | let | know | think | need | want | like | seems | seem | look |
    looks | s | t | re | ve | ll | d | m | dear | folks | team | guys | one | more | time | hmm | status | update
    """
)
ACTS: Mapping[str, tuple[str, ...]] = {
    "restart": _phrases(
        """
        restart | reboot | bounce | recycle | rollout restart | kick | relaunch | neustarten | neu starten | starte |
        redemarre | redemarrer | relance | relancer | reinicia | reiniciar | riavvia | riavviare | herstart | herstarten
        | turn it off and on again
        """
    ),
    "roll_back": _phrases(
        """
        roll back | rollback | revert | undo the deployment | go back to the previous version | roll it back | roll that
        back | roll this back | zurueckrollen | zuruckrollen | rollback machen | deshacer el despliegue
        """
    ),
    "undo": _phrases("undo | take it back | take that back | undo it | undo that | revert your | roll back your"),
    "scale_up": _phrases("scale up | scale | add replicas | add a replica | more replicas"),
    "raise_memory": _phrases(
        """
        raise the memory | raise memory | increase the memory | increase memory | more memory | bump the memory | bump
        memory | give it more memory | add memory | double the memory | raise the ram | raise ram | more ram | add ram |
        bump the ram | increase the ram | mehr speicher | mehr ram | plus de memoire | mas memoria
        """
    ),
    "raise_cpu": _phrases("raise the cpu | raise cpu | increase the cpu | increase cpu | more cpu | bump the cpu"),
    "delete": _phrases("delete | remove | kill | drop | destroy | wipe | purge | drain | cordon | evict"),
    "deploy": _phrases("deploy | install | upgrade | apply | release | create | provision"),
    "exec": _phrases("exec | run | execute | ssh | curl | cat | kubectl"),
    "approve": _phrases(
        "approve | i approve | approved | approve it | lgtm | ship it | go ahead | do it | do that | proceed"
    ),
    "mute": _phrases(
        "mute | be quiet | shut up | shush | hush | pipe down | silence | stop | stop it | snooze | unmute"
    ),
    "resolve": _phrases("resolve | close | close it | close this | resolve it | mark as resolved"),
    "fix": _phrases(
        """
        fix | repair | fix it | fix this | repair it | heal | solve it | solve this | mend | apply it | apply the fix |
        apply this | apply that | apply your fix | apply the change | press the button | press it | click the button
        """
    ),
}
"""Imperatives, by the kind of remedy (or of button) that does it."""
AT_THE_END = frozenset({"neustarten", "neu starten", "zuruckrollen", "zurueckrollen", "herstarten", "redemarrer"})
"""Imperatives of languages that put the verb last."""
GIVING = _words(
    """
    give grant assign allocate set raise add needs need gib more bump up increase double higher larger
    """
)
RESOURCES: Mapping[str, str] = {
    **dict.fromkeys(("memory", "mem", "ram", "speicher", "memoire", "memoria"), "raise_memory"),
    **dict.fromkeys(("cpu", "cpus", "cores", "millicores"), "raise_cpu"),
    **dict.fromkeys(("replica", "replicas", "pods", "instances", "copies"), "scale_up"),
}
QUESTIONS = _words(
    """
    why what how when who where which is are was were does do did has have can warum wieso
    """
)
"""What something may be given more of ("give the api 4 gigs of ram"), by the kind of remedy that does it."""
POLITE = _phrases(
    """
    please | pls | plz | time to | it is time to | ready to | can you | could you | would you | will you | can we |
    could we | shall we | should we | should i | can i | how do i | how can i | how to | kindly | just | now | lets
    | let us | let s | go and | i want you to | i need you to | you should | you could | hey | hi | hello | ok |
    okay | so | and | then | yes | maybe | perhaps | bot | triage | go ahead and | just go and | oops | whoops | ups
    | ugh | hmm | well | actually | damn | oh | uh | um | argh | sorry | but | alright | all right | thanks | thank
    you | ty | thx | guys | folks | team | looks fine | looks good | yeah | sure | great | cool | kannst du |
    konntest du | konnt ihr | konnen wir | bitte | mal | peux tu | pouvez vous | tu peux | puedes | podrias | puoi |
    potresti | kan je | kun je | por favor | s il te plait | s il vous plait | per favore | alsjeblieft | somebody |
    someone | anyone
    """
)
"""What may stand before an imperative or a question, and says nothing."""

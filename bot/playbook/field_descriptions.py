"""What each field of a playbook means, for the JSON Schema: what an editor shows beside the cursor.

Apart from the models so that reading a playbook does not pay for them. A test holds the two together.
"""

from __future__ import annotations

from collections.abc import Mapping

_CONDITION_FACT = "The fact to compare: `scope.question.detail`. `triage playbooks facts` lists them."
_SEVERITY = "How bad it is for the people who use the app."
_REFERENCES = "Links to source code, documentation or tickets that prove it."
_ID = "Short name, unique: small letters, digits, `-` and `_`."
_TITLE = "How people call it; stands on cards."
_SCHEMA = "The version of this format: `triage/playbook/v1`."
_APP_OF = "The id of the app, as its `app.yaml` says it."

_IMPORTANCE = (
    "`essential`: nobody is served without it; `background`: work stands still; `degrades`: something is missing."
)
_WITHOUT = "What does not work without it: “no indexing”."

FIELDS: Mapping[str, Mapping[str, str]] = {
    "AppPlaybook": {
        "schema": _SCHEMA,
        "kind": "This file describes an application.",
        "id": f"{_ID} People type it: `/triage ID`.",
        "title": _TITLE,
        "description": "What the app is and how its parts talk to each other.",
        "namespaces": "Globs of namespaces in which it is looked for when nobody names one.",
        "components": "The parts of the app by name. Facts begin with this name: `api.pods.ready`.",
        "routes": "Who calls whom, by name. Facts begin with this name.",
        "others": "Workloads of a release that are none of the components: judged while they are in trouble.",
        "references": _REFERENCES,
    },
    "Component": {
        "label": "How people call this part: “the API server”.",
        "role": "`service` gets every generic cause of a workload; a `dependency` is judged as up or down.",
        "importance": _IMPORTANCE,
        "without": _WITHOUT,
        "find": "Ways to find its workload, tried in order; within one, everything given must hold.",
        "port": "The port on which its process listens.",
        "health": "Path of an HTTP endpoint that answers 2xx when it is well.",
        "services": "Globs of the Services that lead to it, where the selector does not say so.",
        "log_names": "Globs of pod, container or compose names that stand before its log lines in a paste.",
        "started_when_log_says": "RE2 patterns of its own log that show that it has started.",
        "overloaded_when_log_says": "RE2 patterns of its own log that show that it has too much to do.",
        "unreachable_when_log_says": "Of a dependency: RE2 patterns in the logs of those in `needed_by` that miss it.",
        "needed_by": "Of a dependency: the components that do not work without it.",
        "host_env": "Of a dependency: variables of those components that hold its host.",
        "keeps_sessions": "Logins live there: its restart logs people out.",
    },
    "Finder": {
        "labels": "The pod template has these labels.",
        "container": "One of its containers has this name (glob).",
        "name": "The workload has this name (glob).",
        "image": "A container has this image (glob).",
        "command": "A word of a container's command is this (glob).",
        "service": "The Service whose selector picks it has this name (glob).",
        "route": "It is what the URL of this route leads to.",
    },
    "Route": {
        "label": "How people call it: “web server → API server”.",
        "from": "The component that calls.",
        "to": "The component that is called.",
        "env": "The environment variable of the caller that holds the URL.",
        "primary": "The main route: its causes have plain ids, those of the others begin with the route's name.",
        "default": "The URL that the program uses where the variable is not set.",
        "default_source": "Where that is written.",
    },
    "OtherWorkload": {
        "label": "How people call it: “primary worker”.",
        "names": "Globs of its name, or of its label `app`.",
        "importance": _IMPORTANCE,
        "without": _WITHOUT,
    },
    "SymptomPlaybook": {
        "schema": _SCHEMA,
        "kind": "This file describes one error of an app.",
        "app": _APP_OF,
        "id": f"{_ID} Facts: `symptoms.ID.present`, `symptoms.ID.field.NAME`.",
        "title": _TITLE,
        "description": "What the error says, who writes it, and when.",
        "severity": _SEVERITY,
        "source": "The component in whose log it stands.",
        "signatures": "The forms in which it appears; any of them is enough.",
        "unless": "RE2 patterns that, on the hit's own lines, make it something else. For every signature.",
        "unless_in_block": "The same, anywhere in the message that the hit belongs to.",
        "caused_by": "What explains it, the most specific first.",
        "causes": "Causes that only this error has.",
        "versions": "Versions of a component that show it, and the one that no longer does.",
        "advice": "What to do where no cause is confirmed.",
        "references": _REFERENCES,
    },
    "Signature": {
        "id": _ID,
        "pattern": "RE2 pattern over the cleaned text; named groups become fields.",
        "parts": "Patterns that must occur together, instead of `pattern`.",
        "within": "How close together the parts must be.",
        "unless": "RE2 patterns that, on the hit's own lines, make it something else.",
        "unless_in_block": "The same, anywhere in the message that the hit belongs to.",
        "unless_nearby": "The same, within `nearby_lines` lines around it.",
        "needs_source": "Only lines that name the `source` component in their log prefix count.",
        "nearby_lines": "How far `unless_nearby` looks, in lines.",
    },
    "Part": {"pattern": "RE2 pattern of one of the things that must occur together."},
    "Within": {
        "lines": "At most so many lines apart.",
        "seconds": "At most so many seconds apart, where both lines carry a time.",
        "same": "A field that every part must capture with an equal value.",
        "block": "In the same message, with its stack frames and indented lines.",
    },
    "CausedBy": {
        "cause": "A cause, by its id.",
        "breaks": "Any confirmed cause that stops this component or route.",
        "when": "Only where this holds.",
    },
    "CausesPlaybook": {
        "schema": _SCHEMA,
        "kind": "This file holds causes that every app can have.",
        "id": _ID,
        "for": "What they are about: each component, each route, each dependency, or the app as a whole.",
        "title": _TITLE,
        "description": "Which faults these are, and what tells them apart.",
        "causes": "The causes. Their ids and texts may hold `{workload}`, `{route}` or `{dependency}`.",
        "references": _REFERENCES,
    },
    "CauseSpec": {
        "id": f"{_ID} May begin with `{{workload}}-`, filled in with the component's name.",
        "title": "The cause in a few words.",
        "sentence": "What a card says when it is confirmed; facts in braces are filled in: `{api.pods.text}`.",
        "confirm": "Proves it. Also say who suffers: oddness alone is no fault.",
        "likely": "Weaker evidence: makes it likely, never confirmed.",
        "refute": "Rules it out. Without this, a false `confirm` does.",
        "when": "Where it applies at all.",
        "breaks": "The component or route that cannot serve while it lasts.",
        "caused_by": "Causes of which this one is a consequence.",
        "leads_to": "The same from the other end: causes that follow from this one.",
        "benign": "It explains an error and needs no repair.",
        "state": "It is no fault but a state, such as healthy.",
        "severity": _SEVERITY,
        "separated_by": "The checks that tell it from its neighbours; shown while it is open.",
        "remedies": "What repairs it.",
        "references": _REFERENCES,
    },
    "RemedySpec": {
        "id": _ID,
        "kind": "What is done. `advice` changes nothing.",
        "title": "The button's words; may hold the remedy's values in braces: `{memory_limit}`.",
        "acts_on": "The component or route that it changes.",
        "role": "The role that may press it where the policy says nothing else.",
        "risk": "Overrides the risk that its kind has.",
        "note": "What to know before pressing.",
        "command": "Of an advice: a command to look further.",
        "when": "Offer it only where this holds.",
    },
    "Versions": {
        "component": "The component whose image tag is looked at.",
        "affected": "Version range that shows the error: `<2.7.0`, `>=1.7,<2.6`.",
        "fixed_in": "The first version without it.",
        "advice": "What to do besides updating.",
    },
    "CaseFile": {
        "schema": _SCHEMA,
        "kind": "This file holds the cases of the playbook beside it.",
        "base": "Facts of every case that does not say otherwise, so that a case states only what differs.",
        "pastes": "Texts in which the symptom must or must not be found.",
        "causes": "Facts and gaps, and what the causes must be.",
    },
    "PasteCase": {
        "name": "What is special about it.",
        "text": "The paste.",
        "expect": "`match`: the symptom is found; `none`: it is not.",
        "fields": "What named groups must have captured.",
        "count": "How often it must be counted.",
    },
    "FactCase": {
        "name": "What is special about it.",
        "facts": "Facts by name; sets are lists. What is neither here nor in `gaps` was not read.",
        "gaps": "Facts that could not be read, each with its reason; `workload.pods.*` stands for those of `base`.",
        "without": "Facts of `base` that do not hold here.",
        "others": "The verdict of every cause that is not named.",
        "symptoms": "Symptoms that were pasted.",
        "confirmed": "Causes that must be confirmed.",
        "likely": "Causes that must be likely.",
        "possible": "Causes that must stay possible.",
        "ruled_out": "Causes that must be ruled out.",
        "unknown": "Causes that must stay unknown, because something could not be seen.",
    },
    "All": {"all": "Conditions that must all hold."},
    "AnyOf": {"any": "Conditions of which one is enough."},
    "Not": {"not": "The condition that must not hold."},
    "Truth": {"fact": _CONDITION_FACT, "op": "Whether the fact is true or false."},
    "Equality": {"fact": _CONDITION_FACT, "op": "Equal or not.", "value": "A number or a text."},
    "Order": {"fact": _CONDITION_FACT, "op": "How to compare.", "value": "A number."},
    "Membership": {"fact": _CONDITION_FACT, "op": "One of these, or none.", "value": "Texts."},
    "Containment": {"fact": _CONDITION_FACT, "op": "Whether the set holds it.", "value": "A text."},
    "Emptiness": {"fact": _CONDITION_FACT, "op": "Whether there is nothing."},
    "Matching": {"fact": _CONDITION_FACT, "op": "Whether the pattern is found.", "value": "RE2 pattern."},
    "Version": {"fact": _CONDITION_FACT, "op": "Compare a version.", "value": "Version range: `<2.7.0`."},
}

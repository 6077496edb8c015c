"""The facts about an app as a whole, about what it depends on, and about symptoms in a paste or a log."""

from __future__ import annotations

from bot.playbook.facts.spec import FactSpec, facts_of_check

DEPENDENCY: dict[str, FactSpec] = facts_of_check(
    "reachable",
    dependency__down=("bool", "Whether the dependency's own pods or endpoints show that it is down."),
    dependency__reason=("str", "Why it is down, or what is known."),
    dependency__logged=("bool", "Whether the log of a component that needs it says that it cannot be reached."),
    dependency__reached=("bool", "Whether the last failed call of those who need it was answered: a refused login."),
    dependency__used=("bool", "Whether the settings of those who need it name its Service."),
    dependency__log_line=("str", "That line."),
    dependency__log_text=("str", "That line as a sentence; empty if there is none."),
    dependency__external=(
        "bool",
        "Whether the components that need it are configured to use a host outside the namespace.",
    ),
    dependency__resolves=("bool", "Whether a Service with an address stands for it: its name resolves."),
    dependency__hurts=("bool", "Whether a component that needs it does not serve, or keeps ending."),
    dependency__passing=("bool", "Whether it is not ready since a moment only, while its containers run."),
)


APP: dict[str, FactSpec] = {
    **facts_of_check(
        "summary",
        healthy=("bool", "Whether every essential check passes."),
        text=("str", "In words."),
        outage__ended=("bool", "Whether a component was down and serves again."),
        outage__recent=("bool", "Whether that outage ended within the last hour."),
        outage__text=("str", "From when to when, and why."),
    ),
    **facts_of_check(
        "versions",
        versions__known=(
            "bool",
            "Whether the image tags of caller and called component of the primary route are known.",
        ),
        versions__differ=("bool", "Whether those tags differ."),
        versions__older_api=("bool", "Whether the called component is older than the caller."),
        versions__text=("str", "Both tags."),
    ),
    **facts_of_check(
        "sessions",
        sessions__unstable=("bool", "Whether the component that keeps sessions restarted recently, or is down."),
        sessions__text=("str", "In words."),
    ),
    **facts_of_check(
        "namespace",
        namespace__terminating=("bool", "Whether the namespace itself is being deleted."),
        namespace__stuck=("bool", "Whether an object beside the workloads is to be deleted, and a finalizer keeps it."),
        namespace__stuck_text=("str", "Which object, since when, which finalizer."),
        namespace__text=("str", "Since when, and what keeps it."),
    ),
}


SYMPTOM: dict[str, FactSpec] = {
    "present": FactSpec("bool", "paste", "Whether the symptom was found in the paste."),
    "count": FactSpec("int", "paste", "How often."),
    "in_log": FactSpec(
        "bool", "own-logs", "Whether a log of the app says it: of a crashed run, or of the last minutes."
    ),
    "in_log_now": FactSpec("bool", "own-logs", "The same of a run that crashed or does not serve, or just now."),
    "log_text": FactSpec("str", "own-logs", "From which pod and run, and the line."),
    "log_of": FactSpec("str", "own-logs", "The components whose logs say so of what goes on now; empty if none does."),
}

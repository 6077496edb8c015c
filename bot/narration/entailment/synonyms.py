"""The table of the field's synonyms. Data only.

A phrase is written in plain words; `reading` brings it to base forms, the same way as it does with texts, and takes the
longest phrase first.
"""

from __future__ import annotations

SYNONYMS: tuple[tuple[str, str, str], ...] = (
    (
        "oom",
        "+",
        """
        killed for memory; oomkilled; oom killed; oom kill; out of memory; out of memory killed; runs out of
        memory; killed for using too much memory; killed by the oom killer; oom killer kills; exceeds memory
        limit; exceeds the memory limit; exceeds limit of memory; exceeded memory; hits memory limit; goes over
        memory limit; over its memory limit; above its memory limit; reaches memory limit; uses more memory than
        limit; uses more memory than allowed; uses more memory than limit allows; needs more memory than
        allowed; needs more memory than limit allows; uses too much memory; killed for exceeding memory limit;
        killed for exceeding memory; killed for going over memory limit; killed for reaching memory limit;
        killed for lack of memory; killed when exceeding memory limit; killed after exceeding memory limit;
        killed on exceeding memory limit; killed out of memory; killed as out of memory; killed for running out
        of memory; killed after running out of memory; killed when it runs out of memory; memory kill; killed
        with oomkilled; terminated for memory; memory limit exceeded; killed over memory; killed for excessive
        memory use; oom; oom kills; killed for running over memory limit; terminated for exceeding memory limit;
        out of memory kill; killed for using more memory than limit; killed for using more memory than limit
        allows; killed for using more memory than allowed; killed over memory use; killed over memory limit
        """,
    ),
    ("killed", "+", "killed; terminated"),
    (
        "crashing",
        "+",
        """
        keeps crashing; crash looping; crash loops; in a crash loop; crashloopbackoff; crash loop backoff;
        crashes; crashing; keeps ending; keeps exiting; keeps failing; keeps dying; dies; crashed; in
        crashloopbackoff; crashes repeatedly; crash loop
        """,
    ),
    ("restart", "+", "restarted; restarts; keeps restarting; restart loop; restarting; in a restart loop"),
    ("ended", "+", "ended; exited; exits; ends; stopped; quit"),
    ("ready", "+", "ready"),
    ("ready", "-", "unready"),
    ("endpoint", "+", "ready endpoint; endpoint ready; endpoint"),
    ("endpoint", "-", "endpoint missing; lacks endpoint; lacks ready endpoint"),
    ("up", "+", "up; available; serving; serves; online; working; works; runs fine"),
    ("up", "-", "down; unavailable; offline; in outage; outage; broken"),
    ("running", "+", "running; runs"),
    ("exists", "+", "exists; present; found; thereis"),
    ("exists", "-", "missing; absent; gone; lacking; nonexistent"),
    ("reach", "+", "reach; connect to; contact; get through to; talk to"),
    ("reached", "+", "be-reached; reachable"),
    ("reached", "-", "unreachable"),
    (
        "refuse",
        "+",
        """
        refuses connection; refuses the connection; refuses to connect; refusing connection; rejects connection
        """,
    ),
    (
        "refused",
        "+",
        """
        refused connection; connection refused; econnrefused; connect econnrefused; connection rejected
        """,
    ),
    (
        "answer",
        "+",
        """
        answer; respond; reply; responding; responsive; answer in time; respond in time; reply in time; answer
        requests; respond to requests
        """,
    ),
    ("answer", "-", "hang; hangs; unresponsive; times out; timed out; frozen; stuck without answer"),
    ("accept", "+", "accepts connection; accepts the connection; accepting connection"),
    ("listen", "+", "listen; listens; listening"),
    ("pull", "+", "pull; pulled; download; downloaded; fetch; fetched"),
    (
        "pull",
        "-",
        """
        imagepullbackoff; errimagepull; image pull failing; image pull fails; image pull error; pull fails; pull
        failing; back off pulling image; back off pulling
        """,
    ),
    (
        "scaled-to-zero",
        "+",
        """
        scaled to zero; scaled down to zero; scaled to 0; scaled down to 0; ask for 0 replica; asks for no
        replica; has 0 replica; has no replica; set to 0 replica; scaled to zero replica; scaled to 0 replica;
        scaled down to zero replica; ask for zero replica
        """,
    ),
    (
        "scheduled",
        "+",
        """
        scheduled; schedulable; placed; fit on node; fits on node; fit; placed on node; scheduled on node;
        scheduled onto node
        """,
    ),
    ("scheduled", "-", "unschedulable; pending; stuck in pending"),
    ("created", "+", "created; create"),
    ("allowed", "+", "allow; allowed; admit; admitted; permit; permitted; accepted; let through"),
    (
        "allowed",
        "-",
        """
        block; blocked; blocks; deny; denied; forbid; forbidden; prevent; prevented; reject; rejected; stop
        traffic; cut off
        """,
    ),
    ("start", "+", "start; started; start up; come up; comes up; boot; launch; launched"),
    ("resolve", "+", "resolve; resolved; resolution succeeds; look up; looked up"),
    (
        "resolve",
        "-",
        """
        eai_again; name resolution fails; resolution fails; dns fails; dns lookup fails; dns failing; dns is
        failing; lookup fails; dns resolution fails
        """,
    ),
    ("right", "+", "right; correct; valid; in order; proper; set correctly; accurate"),
    ("right", "-", "wrong; incorrect; invalid; bad; faulty"),
    ("healthy", "+", "healthy; in good health"),
    ("healthy", "-", "unhealthy"),
    ("pass", "+", "pass; passes; succeed; succeeds"),
    ("pass", "-", "fail; fails; failing; failed; unsuccessful"),
    ("match", "+", "match; agree; agrees; fits together; consistent; the same; in line"),
    ("match", "-", "differ; mismatch; disagree"),
    ("select", "+", "select; selects; pick; picks"),
    ("stuck", "+", "stuck; stalled; blocked rollout"),
    (
        "lead",
        "+",
        """
        lead to; leads to; point to; points to; point at; points at; go to; goes to; forward to; forwards to;
        refers to; refer to; send to; sends to
        """,
    ),
    ("set", "+", "set; defined; configured"),
    ("set", "-", "unset; undefined"),
    ("stale", "+", "old; outdated; stale; previous; former"),
    (
        "recovered",
        "+",
        """
        recovered; over; serve again; serves again; back up; up again; works again; healthy again; healthy now
        """,
    ),
    ("stable", "+", "stable; steady"),
    ("stable", "-", "unstable"),
    (
        "overloaded",
        "+",
        """
        overloaded; saturated; has more work than it can do; more work than it can do; overwhelmed; more load
        than it can handle; busy
        """,
    ),
    ("exceeded", "+", "exceed; exceeds; exceeded; over quota; used up; exhausted; full quota"),
    ("need", "+", "need; needs; require; requires; depend on; depends on; rely on; relies on"),
    ("use", "+", "use; uses; using"),
    ("confirmed", "+", "confirmed; proven; established"),
    ("begin", "+", "began; begun; started at; since; beginning; first failed; start of fault"),
)
"""Concept, pole (what it says without a negation), phrases. A negation in the clause turns the pole round."""

IMPLIES: dict[tuple[str, str], tuple[tuple[str, str], ...]] = {
    ("oom", "+"): (("killed", "+"), ("ended", "+")),
    ("crashing", "+"): (("ended", "+"), ("restart", "+"), ("stable", "-"), ("crashing", "+")),
    ("killed", "+"): (("ended", "+"),),
    ("scaled-to-zero", "+"): (("running", "-"), ("up", "-")),
}
"""What a concept says besides itself."""

CONSEQUENCES = frozenset({
    ("killed", "+"), ("ended", "+"), ("crashing", "+"), ("restart", "+"), ("ready", "-"), ("endpoint", "-"),
    ("up", "-"), ("reach", "-"), ("reached", "-"), ("refuse", "+"), ("refused", "+"), ("answer", "-"), ("running", "-"),
    ("start", "-"), ("created", "-"), ("pass", "-"),
})  # fmt: skip
"""What may follow from a confirmed cause, where the engine says so."""

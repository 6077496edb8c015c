"""Whose words a log holds: lines of other pods, machines and browsers are left out, a program's own never."""

import pytest

from bot.domain.view import ContainerLog
from bot.engine.calls.logs import calls_in_log
from bot.engine.calls.speaker import own_text

STAMP = "2026-11-29T13:20:11.100Z "
REFUSED = "connect ECONNREFUSED 10.9.9.9:5432"
OF_OTHERS = (
    f'[0] kube.var.log.containers.billing-7f_prod_billing-1.log: [1764435600.1, {{"log"=>"ERROR {REFUSED}"}}]',
    f'[0] kube.var.log.containers.billing-7f_prod_billing-1.log: [[1764435600.1, {{}}], {{"log"=>"{REFUSED}"}}]',
    f'2026-11-29 13:20:11.1 +0000 kubernetes.var.log.containers.a_b_c-1.log: {{"log":"{REFUSED}","stream":"stderr"}}',
    f"<11>Nov 29 13:20:11 mx2.paris.example postfix[11]: {REFUSED}",
    f"<11>Nov  2 13:20:11 web-7 next: {REFUSED}",
    f"<34>1 2026-11-29T13:20:11.003Z db7.example app 12 ID47 - {REFUSED}",
    f'{{"level":"error","source":"browser","message":"{REFUSED}"}}',
    f'{{"message":"{REFUSED}","platform": "browser"}}',
)
OWN = (
    f"ERROR {REFUSED}",
    f"[error] [input:tail:tail.0] cannot read /var/log/containers/a_b_c-1.log: {REFUSED}",
    f"[error] [output:es:es.0] kube.var.log.containers.a.log could not be sent: {REFUSED}",
    f"<134>Nov 29 13:20:11 haproxy[8]: {REFUSED}",
    f"<134>1 2026-11-29T13:20:11+00:00 - haproxy 8 - - {REFUSED}",
    f"<134>1 2026-11-29T13:20:11+00:00 shop-0 haproxy 8 - - {REFUSED}",
    f"<134>Nov 29 13:20:11 localhost app[8]: {REFUSED}",
    f'{{"level":"error","message":"{REFUSED}","agent":"browser"}}',
    f"<p>{REFUSED}</p>",
)


def log_of(*lines: str) -> ContainerLog:
    return ContainerLog(pod="shop-0", container="shop", text="".join(f"{STAMP}{line}\n" for line in lines))


@pytest.mark.parametrize("line", OF_OTHERS)
def test_another_programs_line_is_no_call_of_this_one(line: str) -> None:
    log = log_of("started", line, "done")
    assert calls_in_log(log) == ()
    assert own_text(log).splitlines() == [f"{STAMP}started", STAMP, f"{STAMP}done"]


@pytest.mark.parametrize("line", OWN)
def test_a_programs_own_line_stays(line: str) -> None:
    log = log_of("started", line)
    assert own_text(log).splitlines() == (log.text or "").splitlines()
    assert [call.address or call.host for call in calls_in_log(log)] == ["10.9.9.9"]


@pytest.mark.parametrize("ending", ["", "\n", "\n\n", "\r\n\r\n", "\x0b\n\n"])
def test_as_many_lines_are_left_as_there_were(ending: str) -> None:
    text = f"{STAMP}one\n{STAMP}{OF_OTHERS[3]}{ending}"
    log = ContainerLog(pod="shop-0", container="shop", text=text)
    assert len(own_text(log).splitlines()) == len(text.splitlines())

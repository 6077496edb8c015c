"""Checks on a bound app: pure questions to the view, each with a sentence, a kubectl command and typed facts.

`every.run_checks` asks all of them. A question that rests on more than one module has a room: `url`, `dependency`,
`startup`, `observed` (what logs say of calls), `network` (policies), `detail` (a workload's own life), `discovered`
(namespaces that no playbook describes).
"""

"""The policy of the sandbox: who of its people may repair the simulated Onyx.

Written to a file by the wiring, which names it to the bot as any policy is. Robin is on call, and an operator by the
user group; Robin and Sam are admins, so that each can ask for what is of high risk and the other approve it; Gale (a
guest) and Noa (external) may do nothing, though they see buttons.
"""

from __future__ import annotations

from pathlib import Path

from bot.sandbox.workspace.state.seed import ONCALL, ONCALL_GROUP, SECOND, TEAM

_POLICY = f"""\
# Written by the sandbox. deploy/policy/policy.yaml explains every field; edit this one and see what changes.
schema: triage/policy/v1
kind: policy
enabled: true
team: {TEAM}
roles:
  operator:
    may: [low, medium, high]
    apps: ["*"]
    namespaces: ["*"]
    clusters: ["*"]
    held_by: {{groups: [{ONCALL_GROUP}]}}
  admin:
    includes: [operator]
    held_by: {{users: [{ONCALL}, {SECOND}]}}
approvals: {{low: 0, medium: 0, high: 1}}
bounds:
  memory_limit: {{min: 64Mi, max: 8Gi}}
  cpu_limit: {{min: 50m, max: 4}}
  replicas: {{min: 1, max: 5}}
budgets: {{per_person_per_hour: 100, per_workload_per_hour: 20, per_hour: 200}}
expiry: {{offer: 30m, approval: 10m}}
verify: {{for: 5m}}
"""


def write_policy(path: Path) -> Path:
    """Write the policy to this file and return its path."""
    path.write_text(_POLICY, encoding="utf-8")
    return path

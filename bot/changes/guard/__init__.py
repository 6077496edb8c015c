"""The field guard: what the cluster itself lets the roles change, generated from the kinds of remedy.

`fields` says which fields each kind changes, `workloads` and `network` say it in CEL, `manifest` writes the file
`deploy/rbac/field-guard.yaml` (`python -m bot.changes.guard`).
"""

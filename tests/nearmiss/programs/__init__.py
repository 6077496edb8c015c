"""Near misses and faults of programs that people know, and of who keeps their pods: asked without a playbook."""

"""A small shop that no playbook describes, broken in many ways on a real cluster: programs, faults, views."""

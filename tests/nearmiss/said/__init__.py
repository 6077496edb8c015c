"""Near misses and faults in what logs say, of apps that no playbook describes: the same cases as in `shops`."""

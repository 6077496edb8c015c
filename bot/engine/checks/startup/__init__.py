"""Why pods do not come to run: they are not created, have no node, cannot start, or their rollout is stuck."""

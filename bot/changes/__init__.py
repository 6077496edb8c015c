"""Remedies put into effect: policy, preview, approval, claim, effect, verification, recovery after a crash."""

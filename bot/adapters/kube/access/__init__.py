"""Finds the cluster and the credentials, and sends single requests: what reading and writing share."""

"""What the network lets through: NetworkPolicies evaluated for a route, and which plugin carries them out."""

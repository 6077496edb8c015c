"""Shows what the bot does: metrics, health and readiness over HTTP."""

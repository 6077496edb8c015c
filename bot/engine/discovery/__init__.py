"""What runs in a namespace and who calls whom, worked out from the view alone: an app that no playbook describes.

Called by `bot.diagnosis` for a question about a namespace or an object in it; start reading at `discover`. Pure.
"""

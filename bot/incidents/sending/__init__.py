"""The queue of messages and edits, within the rates of a chat platform; which one, it does not know."""

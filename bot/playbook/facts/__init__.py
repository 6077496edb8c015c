"""Every fact there is, with type and meaning, by what it is about; `bot.playbook.catalogue` puts them together."""

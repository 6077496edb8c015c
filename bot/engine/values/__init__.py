"""How single values and lines read: addresses, variables, quantities, schedules, exit codes, known lines of logs."""

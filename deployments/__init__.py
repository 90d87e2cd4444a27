"""How it runs: local stack, warm worker, schedules and topologies."""

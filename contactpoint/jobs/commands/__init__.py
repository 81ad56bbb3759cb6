"""The subcommands of `contactpoint`, one module each, named as typed; loaded only when asked for."""

"""The subcommands of `contactpoint bench`, by what they measure."""

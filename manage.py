#!/usr/bin/env python3
"""Django's command line, with PostgreSQL and Valkey at hand: running ones, or its own while it lasts."""

from __future__ import annotations

import os
import sys

# These read no row, so they should not wait for a server.
WITHOUT_SERVICES = {
    "",
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "findstatic",
    "help",
    "makemessages",
}
WITHOUT_SERVICES |= {"startapp", "version", "--help", "-h", "--version"}


def needs_services(arguments: list[str]) -> bool:
    """Whether the command line needs a database or the broker."""
    command, *rest = arguments or [""]
    if {"--help", "-h"} & set(rest):
        return False
    return command not in WITHOUT_SERVICES or any(argument.startswith("--database") for argument in rest)


def main() -> None:
    """Run one administrative command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "csworkbench.settings")
    from django.core.management import execute_from_command_line

    if not needs_services(sys.argv[1:]):
        execute_from_command_line(sys.argv)
        return
    from csworkbench import devservices

    try:
        services = devservices.ensure()
    except devservices.ServicesError as error:
        sys.exit(f"manage.py: {error}")
    with services:
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()

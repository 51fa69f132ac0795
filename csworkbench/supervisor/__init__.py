"""`make run`: services, migrations, demo workspaces, web, worker, beat under one process and one Ctrl-C."""

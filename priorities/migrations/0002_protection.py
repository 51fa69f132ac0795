"""The tenant tables of priorities behind row-level security."""

from django.db import migrations

from csworkbench.tenancy.protect import Protect, Track


class Migration(migrations.Migration):
    dependencies = [("priorities", "0001_initial"), ("tenancy", "0002_history_and_protection")]

    operations = [Protect("priorities"), Track("priorities_ruleset")]

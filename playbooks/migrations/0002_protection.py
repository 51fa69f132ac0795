"""The tenant tables of playbooks behind row-level security."""

from django.db import migrations

from csworkbench.tenancy.protect import Protect, Track


class Migration(migrations.Migration):
    dependencies = [("playbooks", "0001_initial"), ("tenancy", "0002_history_and_protection")]

    operations = [Protect("playbooks"), Track("playbooks_playbookversion")]

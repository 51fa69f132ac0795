"""An import from upload to applied, and its rows that are not simply unchanged."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from csworkbench.common import clock
from csworkbench.tenancy.models import Member, TenantForeignKey, TenantModel


class ImportQuerySet(models.QuerySet["Import"]):
    """Sets of imports."""

    def due(self, workspace_id: int) -> ImportQuerySet:
        """Imports a worker has to do something about and nobody has in hand, whether or not a message survived."""
        free = models.Q(claimed_until__isnull=True) | models.Q(claimed_until__lt=clock.now())
        return self.filter(free, workspace=workspace_id, state__in=Import.WORKING)


class Import(TenantModel):
    """One file on its way into the workspace (IMP-1).

    uploaded → read (waits for a choice of columns) → mapped → ready (compared, waits for approval) → applying →
    applied; refused and cancelled end it earlier. The working states are re-derived from the row: a worker holds
    ``claimed_until`` while it works and gives up silently when it dies.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", "Being read"
        READ = "read", "Columns to choose"
        MAPPED = "mapped", "Being compared"
        READY = "ready", "Waiting for approval"
        APPLYING = "applying", "Being applied"
        PAUSED = "paused", "Paused"
        APPLIED = "applied", "Applied"
        UNDOING = "undoing", "Being undone"
        UNDONE = "undone", "Undone"
        REFUSED = "refused", "Refused"
        CANCELLED = "cancelled", "Cancelled"

    WORKING: ClassVar = (State.UPLOADED, State.MAPPED, State.APPLYING, State.UNDOING)
    OVER: ClassVar = (State.APPLIED, State.UNDONE, State.REFUSED, State.CANCELLED)
    OPEN: ClassVar = (State.UPLOADED, State.READ, State.MAPPED, State.READY)

    kind = models.CharField(max_length=40)
    file_name = models.CharField(max_length=200)
    file_key = models.UUIDField(help_text="The name of the stored file.")
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField(help_text="Bytes.")
    state = models.CharField(max_length=9, choices=State.choices, default=State.UPLOADED)
    error_code = models.CharField(max_length=40, blank=True)
    error = models.CharField(max_length=500, blank=True)
    # What was seen: {"columns": [title], "header_row": n, "samples": [[cell]], "skipped": [...], "sheet": …}
    layout = models.JSONField(default=dict)
    # What people say of it: {"sheet": name, "header_row": n, "columns": {folded title: [fields]}, "constants": {…}}
    table = models.JSONField(default=dict)
    # Field of the kind → position of its column.
    mapping = models.JSONField(default=dict)
    # Field of the kind → what every row says.
    constants = models.JSONField(default=dict)
    # Corrections, oldest first: [{"field", "value", "row", "use"}]; a row of NULL means every row with that value.
    fixes = models.JSONField(default=list)
    overwrites_crm = models.BooleanField(default=False, help_text="Whether fields that the CRM owns are written too.")
    rows = models.PositiveIntegerField(default=0)
    # Verdict → rows.
    counts = models.JSONField(default=dict)
    # Problems by column, reason and value: see Stage.problem_summary.
    problems = models.JSONField(default=list)
    applied_rows = models.PositiveIntegerField(default=0)
    # The last row of the sheet whose chunk is committed: where a resumed apply goes on.
    applied_through = models.PositiveIntegerField(default=0)
    undone_rows = models.PositiveIntegerField(default=0)
    # Rows that the undo left as they are, because somebody changed them since.
    kept_rows = models.PositiveIntegerField(default=0)
    undone_through = models.PositiveIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_until = models.DateTimeField(null=True)
    created_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    approved_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    undone_by = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    compared_at = models.DateTimeField(null=True)
    approved_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["workspace", "-created_at"], name="import_history_idx"),
            models.Index(fields=["workspace", "state"], name="import_state_idx"),
            models.Index(fields=["workspace", "created_by"], name="import_creator_idx"),
            models.Index(fields=["workspace", "approved_by"], name="import_approver_idx"),
            models.Index(fields=["workspace", "undone_by"], name="import_undoer_idx"),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def path(self) -> Path:
        """Where the file lies: outside what is served, below the workspace's own folder."""
        return Path(settings.MEDIA_ROOT) / "imports" / str(self.workspace_id) / str(self.file_key)

    @property
    def titles(self) -> list[str]:
        """The column titles of the file."""
        return list(self.layout.get("columns", []))

    @property
    def is_working(self) -> bool:
        """Whether a worker is or will be at it."""
        return self.state in self.WORKING

    @property
    def is_open(self) -> bool:
        """Whether it can still be changed or cancelled."""
        return self.state in self.OPEN

    @property
    def to_apply(self) -> int:
        """Rows that approving would write."""
        return int(self.counts.get("new", 0)) + int(self.counts.get("changed", 0))

    @property
    def left_out(self) -> int:
        """Rows that are not applied and can be downloaded with their reasons."""
        return sum(int(self.counts.get(verdict, 0)) for verdict in ("rejected", "duplicate", "conflict"))


class ImportRow(TenantModel):
    """A row of the file that is new, changed, rejected, a duplicate or a conflict; unchanged rows are only counted."""

    class Verdict(models.TextChoices):
        NEW = "new", "New"
        CHANGED = "changed", "Changed"
        REJECTED = "rejected", "Rejected"
        DUPLICATE = "duplicate", "Duplicate"
        CONFLICT = "conflict", "Conflict"
        CRM = "crm", "The CRM's"
        UNCHANGED = "unchanged", "Unchanged"

    class Undo(models.TextChoices):
        UNDONE = "undone", "Undone"
        KEPT = "kept", "Kept"

    import_batch = TenantForeignKey(Import, on_delete=models.CASCADE, related_name="import_rows")
    number = models.PositiveIntegerField(help_text="The row in the sheet, counted from 1.")
    verdict = models.CharField(max_length=9, choices=Verdict.choices)
    # What the row is about; a new one gets its id before it exists, so that applying twice makes one.
    target_id = models.UUIDField(null=True)
    cells = models.JSONField(help_text="The row as the sheet had it.")
    problems = models.JSONField(default=list)
    # Column → [old, new], as compared; applied only while that still holds.
    changes = models.JSONField(default=dict)
    # The same of fields that the CRM owns: shown, and not written.
    held = models.JSONField(default=dict)
    undo = models.CharField(max_length=6, choices=Undo.choices, blank=True)
    # Why the undo left it: [{"what", "who", "at"}]
    kept_because = models.JSONField(default=list)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "import_batch", "number"], name="import_row_once")
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["workspace", "import_batch", "target_id"],
                condition=models.Q(target_id__isnull=False),
                name="import_row_target_idx",
            )
        ]

    def __str__(self) -> str:
        return f"row {self.number}: {self.verdict}"


class ColumnMemory(TenantModel):
    """What the columns of a shape of file were chosen to be the last time (IMP-1): the next such file starts there."""

    kind = models.CharField(max_length=40)
    shape = models.CharField(max_length=64, help_text="SHA-256 of the titles, in any order.")
    # Folded title → fields of the kind; none means "do not import".
    columns = models.JSONField(default=dict)
    constants = models.JSONField(default=dict)
    member = TenantForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+")
    used_at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["workspace", "kind", "shape"], name="column_memory_once")
        ]
        indexes: ClassVar = [models.Index(fields=["workspace", "member"], name="column_memory_member_idx")]

    def __str__(self) -> str:
        return f"{self.kind} {self.shape[:8]}"

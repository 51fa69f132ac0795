"""Pages of imports: everyone looks, CS Ops, leads and admins import."""

"""Success and retention plans: goals with a measure, actions, check-ins and value statements (PLB-3 k)."""

"""Who may see and do what: one table of roles, one filter of rows, one way of masking; pure, for every way out of the city."""

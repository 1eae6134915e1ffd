"""How the centre's tables came to be: Alembic's steps, each run once, in one transaction with its record."""

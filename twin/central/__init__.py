"""The centre: the one ordered log of everybody's work, in PostgreSQL or SQLite, and the service that offices meet it by."""

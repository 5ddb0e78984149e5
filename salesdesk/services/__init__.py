"""The verbs and questions of the business; no Qt here."""

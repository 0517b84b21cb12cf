"""What is derived from a finished run beyond its summary: one module per study, each asked for by a table of the spec."""

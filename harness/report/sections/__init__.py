"""The parts of a report, one module each: what it says and its tables, as a `Section` that every renderer shows."""

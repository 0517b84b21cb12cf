"""Repairs beside one another: what each fixes and breaks, on which questions its thresholds were chosen, and what it costs."""

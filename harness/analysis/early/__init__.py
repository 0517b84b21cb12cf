"""Early decision: after how much of a question its answer could have been chosen."""

"""What is offered on the thank-you page: which offer to whom, why, and what became of it."""

"""What goes with what was bought, learnt from the shop's own orders. Answers; sends nothing."""

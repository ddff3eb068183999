"""Start guides and stories, written by the merchant in Liquid."""

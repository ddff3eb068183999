"""Our copy of the store's orders, customers, products and fulfillments."""

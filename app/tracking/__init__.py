"""The tracking page: on the store's domain and by signed link."""

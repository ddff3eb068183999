"""The Admin API: Shopify's published schema, answered from the sandbox's documents.

What the sandbox has no data for is answered with the error `not simulated: Type.field`, never with
a null that looks like an answer.
"""

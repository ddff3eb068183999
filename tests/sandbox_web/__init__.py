"""The faces of the sandbox, through the doors people and programs use."""

"""The merchant's shell: home, order timeline, settings."""

"""When does it run out? Deciders answer; they send nothing."""

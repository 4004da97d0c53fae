"""What is done with a dictionary as a whole: where its values are used, merging two of them, deleting one that nobody uses."""

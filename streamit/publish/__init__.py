"""What a finished build needs to be shared: the dataset card."""

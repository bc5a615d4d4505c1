"""Pure functions Item -> Records, one module per task. No file, network, clock or Ray in here."""

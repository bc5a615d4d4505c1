"""One module per native annotation format: file -> items, refusing what it cannot understand."""

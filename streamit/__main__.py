"""`python -m streamit` is the console script `streamit`."""

from streamit.cli.main import main

if __name__ == "__main__":
    main()

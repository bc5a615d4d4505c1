"""`python -m streamit` is the command `streamit`."""

from streamit.cli.main import main

if __name__ == "__main__":
    main()

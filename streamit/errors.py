"""Every exception that streamit raises on purpose.

StreamitError
├── UsageError            the command or call is wrong: exit code 2
│   ├── RecipeError       a recipe file or an override
│   ├── ResourceError     a recipe, source or schema that is not there
│   ├── EmbeddingError    embeddings of clips that are no finite unit rows; also a ValueError
│   └── EndpointError     a language model's address, key or name is wrong
├── SourceError           a corpus cannot be read at all (missing, broken, no permission)
│   └── ColumnMapError    the column map of a `table` source
├── VideoError            one video cannot be used; carries a reject reason
├── StorageError          reading or writing a build failed (full disk, permission, lock)
│   └── LockedError       another live run writes to the same folder
├── LlmError              a language model's server fails again and again
│   ├── BudgetError       the next request could cost more than is left of the budget
│   └── BatchesPendingError  requests were written as batches, and wait for their results
├── SchemaError           a row that is no Stream-IT record where one was expected
├── ConservationError     a build lost or invented an annotation: a bug, never ignored
└── EngineError           workers cannot be started, or disagree about package versions

A message states what is wrong with the value shown, where it stands (file, row, key) and what to
do. Exceptions of other packages are wrapped where they appear, `raise ... from exc`.
"""

from __future__ import annotations


class StreamitError(Exception):
    """Base of the tree; the command line prints its message without a traceback."""


class UsageError(StreamitError):
    """The command or call is wrong; the command line exits with 2."""


class RecipeError(UsageError):
    """A recipe file or an override is wrong."""


class ResourceError(UsageError):
    """A recipe, source or schema of that name is neither shipped nor at that path."""


class EmbeddingError(UsageError, ValueError):
    """Embeddings of clips that are no finite unit rows of floats."""


class EndpointError(UsageError):
    """A language model cannot be asked: its address, key or name is missing or refused."""


class SourceError(StreamitError):
    """A corpus cannot be read at all, so nothing could be counted."""


class ColumnMapError(SourceError):
    """The column map of a `table` source does not fit its file."""


class VideoError(StreamitError):
    """One video cannot be used. Costs that video, never the build.

    `reason` is the code under which its annotations are rejected.
    """

    def __init__(self, reason: str, message: str) -> None:
        super().__init__(message)
        self.reason = reason


class StorageError(StreamitError):
    """Reading or writing a build failed: full disk, permission, vanished file."""


class LockedError(StorageError):
    """Another run that is still alive writes to the same folder."""


class LlmError(StreamitError):
    """A language model's server fails again and again; what it replied is in the cache."""


class BudgetError(LlmError):
    """The next request could cost more than `--max-cost` leaves; nothing more was asked."""


class BatchesPendingError(LlmError):
    """Requests stand in batch files; the build goes on when their results are there."""


class SchemaError(StreamitError):
    """A row is not a Stream-IT record, or of a schema version that this release does not know."""


class ConservationError(StreamitError):
    """read != recorded + rejected + set_aside: an annotation was lost or invented."""


class EngineError(StreamitError):
    """Workers cannot be started, or see other package versions than the driver."""

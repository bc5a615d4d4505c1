"""FineAction: actions in untrimmed videos, 106 classes; times are seconds.

`annotations_gt.json` has the shape of readers/database.py. Actions overlap by design. Test videos
serve a challenge and have no labels. Liu et al., FineAction: A Fine-Grained Video Dataset for
Temporal Action Localization, IEEE Transactions on Image Processing, 2022.
"""

from __future__ import annotations

from collections.abc import Iterator

from streamit.item import Item, Reject
from streamit.readers.base import SourceFile
from streamit.readers.database import Corpus, read_database
from streamit.readers.labels import read_label


def read(file: SourceFile) -> Iterator[Item | Reject]:
    """One item per video; labels are class names in words. Raises SourceError."""
    return read_database(file, Corpus("FineAction", "label", read_label, hides_test=True))

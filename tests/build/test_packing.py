from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from streamit.build.packing import pack_item, unpack_item
from streamit.item import Event, Item, ItemClip

TIMES = st.floats(allow_nan=False, allow_infinity=False)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
EVENTS = st.builds(
    Event, st.integers(0, 99), TIMES, st.none() | TIMES, TEXTS, question=st.none() | TEXTS
)
CLIPS = st.builds(
    ItemClip, TEXTS, TEXTS, st.integers(0, 99), *[TEXTS] * 3, start_s=TIMES, end_s=TIMES
)
ITEMS = st.builds(
    Item,
    *[TEXTS] * 3,
    ordinal=st.integers(0, 10**6),
    key=TEXTS,
    video_id=TEXTS,
    source_video=TEXTS,
    duration_s=st.none() | TIMES,
    events=st.lists(EVENTS, max_size=4).map(tuple),
    language=st.none() | TEXTS,
    media_id=st.none() | TEXTS,
    n_refused=st.integers(0, 9),
    clips=st.lists(CLIPS, max_size=3).map(tuple),
)


@given(ITEMS)
def test_an_item_survives_packing(item):
    assert unpack_item(pack_item(item)[0]) == item


@given(ITEMS, TEXTS)
def test_the_hash_does_not_depend_on_where_the_item_was_found(item, other):
    moved = replace(item, file=other, key=other, split=other, ordinal=item.ordinal + 1)
    assert pack_item(moved)[1] == pack_item(item)[1]


@given(ITEMS, EVENTS)
def test_the_hash_depends_on_every_event(item, event):
    longer = replace(item, events=(*item.events, event))
    assert pack_item(longer)[1] != pack_item(item)[1]


@given(ITEMS, CLIPS)
def test_the_hash_depends_on_every_clip(item, clip):
    longer = replace(item, clips=(*item.clips, clip))
    assert pack_item(longer)[1] != pack_item(item)[1]

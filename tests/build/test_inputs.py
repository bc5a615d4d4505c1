import pytest

from streamit import resources
from streamit.build import inputs
from streamit.errors import ResourceError, SourceError, UsageError
from streamit.recipe import load_recipe
from tests.corpora import make_captions, write_captions


@pytest.fixture(scope="module")
def recipe():
    return load_recipe("dense_caption")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A current folder without data, and a cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path


def find(sources, data, recipe):
    found = inputs.find_inputs(sources, data, recipe)
    return [(one.record_source, len(one.files)) for one in found.discovered]


def test_sources_are_named_by_pairs_or_by_a_mapping(elsewhere, recipe):
    write_captions(elsewhere / "captions", make_captions(1))
    assert find(["activitynet=captions"], None, recipe) == [("activitynet", 1)]
    assert find({"activitynet": elsewhere / "captions"}, None, recipe) == [("activitynet", 1)]


@pytest.mark.parametrize("text", ["activitynet", "=captions", "activitynet="])
def test_a_pair_that_is_none_is_refused(elsewhere, recipe, text):
    with pytest.raises(UsageError, match="NAME=PATH"):
        inputs.find_inputs([text], None, recipe)


def test_an_unknown_source_is_refused_with_the_nearest_name(elsewhere, recipe):
    with pytest.raises(ResourceError, match="activitynet"):
        inputs.find_inputs(["activitnet=x"], None, recipe)


def test_a_data_folder_holds_one_folder_per_source_under_any_alias(elsewhere, recipe):
    write_captions(elsewhere / "all" / "activitynet_captions", make_captions(1))
    (elsewhere / "all" / "holidays").mkdir()
    assert find(None, "all", recipe) == [("activitynet", 1)]


def test_a_data_folder_without_any_source_is_refused(elsewhere, recipe):
    (elsewhere / "all").mkdir()
    with pytest.raises(SourceError, match="holds no folder of a source"):
        inputs.find_inputs(None, "all", recipe)


def test_a_folder_named_data_is_found_by_itself(elsewhere, recipe):
    write_captions(elsewhere / "data" / "activitynet", make_captions(1))
    assert find(None, None, recipe) == [("activitynet", 1)]


def test_a_folder_named_data_that_is_not_ours_is_left_alone(elsewhere, recipe):
    (elsewhere / "data" / "holidays").mkdir(parents=True)
    found = inputs.find_inputs(None, None, recipe)
    assert found.is_stand_in
    assert {one.record_source for one in found.discovered} == {"demo"}


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("dense_caption", ["activitynet", "shot2story", "vitt"]),
        ("step_recognition", ["coin"]),
        ("step_coach", ["coin"]),
        ("grounded_qa", ["qaego4d"]),
        ("action_detection", ["fineaction"]),
        ("temporal_grounding", ["charades_sta"]),
        ("offline_qa", ["llava_video_178k"]),
        ("activation", ["activitynet", "shot2story"]),
    ],
)
def test_the_demo_gives_each_recipe_what_it_has_for_its_task(elsewhere, demo, name, parts):
    found = inputs.find_inputs({"demo": demo.root}, None, load_recipe(name))
    assert [one.part for one in found.discovered] == parts
    assert found.is_demo
    assert not found.is_stand_in


def test_every_shipped_recipe_lists_the_demo():
    assert all("demo" in load_recipe(name).sources for name in resources.names("recipes"))


def test_the_demo_takes_the_task_that_the_recipe_gives_it(elsewhere, demo):
    recipe = load_recipe("activation", {"sources.demo.task": "step_recognition"})
    found = inputs.find_inputs({"demo": demo.root}, None, recipe)
    assert [one.part for one in found.discovered] == ["coin"]


def test_a_recipe_that_the_demo_cannot_serve_is_told_so(elsewhere, demo):
    recipe = load_recipe("activation", {"sources.demo.task": "word_stream"})
    with pytest.raises(SourceError, match=r"demo: has no annotations for recipe 'activation'"):
        inputs.find_inputs({"demo": demo.root}, None, recipe)


def test_a_demo_among_other_data_is_left_out_where_it_has_nothing(elsewhere, demo):
    write_captions(elsewhere / "all" / "activitynet", make_captions(1))
    (elsewhere / "all" / "demo").symlink_to(demo.root)
    recipe = load_recipe("dense_caption", {"sources.demo.task": "word_stream"})
    assert find(None, "all", recipe) == [("activitynet", 1)]


def test_excluded_ids_are_compared_in_normal_form(tmp_path):
    (tmp_path / "ids.csv").write_text("v_0bosp4-pyTM,reason\n# note\nabc.mp4\n\n")
    assert inputs.read_excluded(tmp_path / "ids.csv") == {"0bosp4-pyTM", "abc"}


def test_a_list_of_ids_that_is_not_there_is_named(tmp_path):
    with pytest.raises(UsageError, match="nothing"):
        inputs.read_excluded(tmp_path / "nothing")

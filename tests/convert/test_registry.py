import pytest

from streamit import resources
from streamit.convert.registry import CONVERTERS, count_numbers, load_converter
from streamit.errors import RecipeError
from streamit.recipe import load_recipe
from tests.convert.scenes import make_item, run


@pytest.mark.parametrize("name", sorted(CONVERTERS))
def test_every_task_has_a_converter(name):
    assert load_converter(name).__module__ == f"streamit.convert.{name}"


def test_an_unknown_task_brings_the_nearest():
    with pytest.raises(RecipeError, match="did you mean 'dense_caption'"):
        load_converter("dense_captions")


def test_the_activation_mix_has_the_five_tasks_of_the_paper():
    """PAPER 4: two sources for each task, and a pool of five wordings for each."""
    recipe = load_recipe("activation")
    sources = [name for name in recipe.sources if name not in ("table", "demo")]
    by_task = {
        task: [name for name in sources if recipe.task_of(name) == task] for task in recipe.tasks
    }
    assert by_task == {
        "dense_caption": ["activitynet", "shot2story"],
        "step_recognition": ["youcook2", "coin"],
        "action_detection": ["fineaction", "hacs"],
        "grounded_qa": ["multihop_egoqa", "egotimeqa"],
        "temporal_grounding": ["charades_sta", "et_instruct"],
    }
    assert {len(recipe.questions_of(task).proactive) for task in recipe.tasks} == {5}
    assert (recipe.sampling.fps, recipe.sampling.max_frames) == (1.0, None)


@pytest.mark.parametrize("task", sorted(load_recipe("activation").tasks))
def test_the_task_of_a_source_makes_its_records(task):
    item = make_item([(2.0, 9.0, "a dog barks", "Who barks?")])
    out = run(item, recipe="activation", sources__corpus__task=task)
    assert {record.task for record in out.records} == {task}
    assert {record.recipe for record in out.records} == {"activation"}


@pytest.mark.parametrize(
    ("task", "n_numbers"),
    [
        ("action_detection", 8),
        ("dense_caption", 1),
        ("grounded_qa", 8),
        ("offline_qa", 8),
        ("step_recognition", 1),
        ("temporal_grounding", 8),
    ],
)
def test_tasks_that_ask_about_one_thing_take_a_number_for_each_annotation(task, n_numbers):
    assert count_numbers(task, 8) == n_numbers


def test_shipped_recipes_ask_for_tasks_that_are_there():
    for name in resources.names("recipes"):
        recipe = load_recipe(name)
        tasks = {recipe.task, *recipe.tasks, *map(recipe.task_of, recipe.sources)}
        assert tasks <= set(CONVERTERS), name

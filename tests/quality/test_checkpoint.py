"""CLIP and SigLIP checkpoints as embedders, on tiny ones of random weights."""

import io
import os
import shutil
import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from streamit.errors import UsageError
from streamit.quality.similarity import open_embedder
from tests.checkpoints import TEXT_LENGTH, write_clip, write_siglip

torch = pytest.importorskip("torch", reason="needs torch: pip install 'streamit[train]'")
transformers = pytest.importorskip(
    "transformers", reason="needs transformers: pip install 'streamit[train]'"
)

PICTURES = [
    np.random.default_rng(n).integers(0, 256, (48 + n, 80 - n, 3), np.uint8) for n in range(7)
]
CAPTIONS = [f"a caption of number {n}" * (n + 1) for n in range(7)]
KINDS = {"clip": (write_clip, 24), "siglip": (write_siglip, 32)}


@pytest.fixture(scope="module", params=KINDS)
def checkpoint(request, tmp_path_factory):
    """The folder of a checkpoint, and the length of its rows."""
    write, dim = KINDS[request.param]
    return write(tmp_path_factory.mktemp("checkpoints") / request.param), dim


def test_rows_are_the_model_s_own(checkpoint):
    """Beside transformers' own way through processor and model, without any batch of ours."""
    folder, dim = checkpoint
    embedder = open_embedder(str(folder), batch_size=4)

    rows = embedder.embed(PICTURES)
    scores = embedder.score(rows, CAPTIONS)

    model = transformers.AutoModel.from_pretrained(folder)
    processor = transformers.AutoProcessor.from_pretrained(folder)
    inputs = processor(
        text=CAPTIONS,
        images=[Image.fromarray(picture) for picture in PICTURES],
        padding="max_length",
        truncation=True,
        max_length=TEXT_LENGTH,
        return_tensors="pt",
    )
    with torch.inference_mode():
        out = model(**inputs)
    assert rows == pytest.approx(out.image_embeds.numpy(), abs=1e-5)
    cosines = (out.image_embeds * out.text_embeds).sum(-1)
    assert scores == pytest.approx(cosines.numpy(), abs=1e-5)
    assert (embedder.dim, rows.shape, rows.dtype) == (dim, (7, dim), np.float32)


def test_a_row_does_not_depend_on_its_batch(checkpoint):
    """Exactly: what one picture gets alone, it gets beside any others, at any place."""
    embedder = open_embedder(str(checkpoint[0]), batch_size=4)
    together = embedder.embed(PICTURES)
    assert embedder.embed(PICTURES[::-1])[::-1].tolist() == together.tolist()
    alone = [embedder.embed([picture])[0].tolist() for picture in PICTURES]
    assert together.tolist() == alone
    scores = embedder.score(together, CAPTIONS)
    pairs = zip(together, CAPTIONS, strict=True)
    assert scores.tolist() == [embedder.score(row[None], [text])[0] for row, text in pairs]


def test_rows_have_length_one(checkpoint):
    rows = open_embedder(str(checkpoint[0])).embed(PICTURES)
    assert np.linalg.norm(rows, axis=1) == pytest.approx(np.ones(7), abs=1e-6)


def test_the_name_says_which_weights(tmp_path):
    first, second = write_clip(tmp_path / "one/tiny"), write_clip(tmp_path / "two/tiny", seed=1)
    moved = shutil.copytree(first, tmp_path / "moved/tiny")
    names = [open_embedder(str(folder)).name for folder in (first, second, moved)]
    assert all(name.startswith("tiny@") and len(name) == len("tiny@") + 12 for name in names)
    assert names[0] == names[2] != names[1]
    assert str(tmp_path) not in "".join(names)


def test_nothing_is_printed(checkpoint, capfd):
    open_embedder(str(checkpoint[0])).embed(PICTURES[:1])
    assert capfd.readouterr() == ("", "")


def test_a_model_of_another_kind_is_refused(tmp_path):
    from transformers import SiglipVisionConfig, SiglipVisionModel

    SiglipVisionModel(SiglipVisionConfig(num_hidden_layers=1)).save_pretrained(tmp_path / "x")
    embedder = open_embedder(str(tmp_path / "x"))
    with pytest.raises(UsageError, match="SiglipVisionModel has no rows for pictures and texts"):
        embedder.embed(PICTURES[:1])


def test_a_folder_without_a_checkpoint_is_refused(tmp_path):
    with pytest.raises(UsageError, match="holds no checkpoint"):
        open_embedder(str(tmp_path))


def test_a_broken_checkpoint_is_refused(checkpoint, tmp_path):
    folder = shutil.copytree(checkpoint[0], tmp_path / "broken")
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(UsageError, match=r"broken@.* cannot be loaded as a CLIP or SigLIP"):
        open_embedder(str(folder)).embed(PICTURES[:1])


@pytest.mark.parametrize("name", ["./no/such/folder", "clip", "a/b/c", "/tmp/no such folder"])
def test_what_is_neither_a_folder_nor_a_repository_is_refused(name):
    with pytest.raises(UsageError, match="no such folder; give one, OWNER/NAME"):
        open_embedder(name)


def test_a_batch_has_at_least_one_picture():
    with pytest.raises(UsageError, match="batch size of the embedder is 0"):
        open_embedder("pixels", batch_size=0)


def run(code, **env):
    """What a fresh Python prints, with these variables."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | env,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_a_repository_of_the_hub_is_named_by_its_commit(tmp_path):
    """Taken from the Hub's own cache, without a network."""
    commit = "0123456789abcdef0123456789abcdef01234567"
    cached = tmp_path / "hub/models--owner--tiny"
    write_clip(cached / "snapshots" / commit)
    (cached / "refs").mkdir()
    (cached / "refs/main").write_text(commit)
    code = (
        "from streamit.quality.similarity import open_embedder\n"
        "embedder = open_embedder('owner/tiny')\n"
        "print(embedder.name, embedder.dim)"
    )
    said = run(code, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1")
    assert said == "owner/tiny@0123456789ab 24\n"


def test_a_repository_that_is_not_there_is_refused(tmp_path):
    code = (
        "from streamit.errors import UsageError\n"
        "from streamit.quality.similarity import open_embedder\n"
        "try:\n    open_embedder('owner/nothing')\n"
        "except UsageError as error:\n    print(error)"
    )
    said = run(code, HF_HOME=str(tmp_path), HF_HUB_OFFLINE="1")
    assert said.startswith("similarity.embedder 'owner/nothing': neither a folder nor to be had")


def test_missing_packages_are_named(checkpoint):
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "import numpy as np\n"
        "from streamit.errors import UsageError\n"
        "from streamit.quality.similarity import open_embedder\n"
        f"embedder = open_embedder({str(checkpoint[0])!r})\n"
        "try:\n    embedder.dim\n"
        "except UsageError as error:\n    print(error)"
    )
    assert "pip install 'streamit[train]'" in run(code)


@pytest.mark.gpu
def test_a_gpu_gives_nearly_the_same(checkpoint):
    if not torch.cuda.is_available():
        pytest.skip("needs a GPU that torch can use")
    on_gpu = open_embedder(str(checkpoint[0])).embed(PICTURES)
    code = (
        "import io, sys, numpy as np\n"
        "from streamit.quality.similarity import open_embedder\n"
        "rng = np.random.default_rng\n"
        "pictures = [rng(n).integers(0, 256, (48 + n, 80 - n, 3), np.uint8) for n in range(7)]\n"
        f"rows = open_embedder({str(checkpoint[0])!r}).embed(pictures)\n"
        "np.save(sys.stdout.buffer, rows)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        check=True,
    )
    assert on_gpu == pytest.approx(np.load(io.BytesIO(done.stdout)), abs=1e-4)

"""Small pictures, made while several look."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

from PIL import Image

from kezhou.files.small import small


def test_threads_that_look_at_a_new_picture_at_once_all_see_it(tmp_path: Path) -> None:
    together = Barrier(4)

    def look(content: Path) -> tuple[int, int]:
        together.wait()
        made = small(content, "image/jpeg")
        assert made is not None
        with Image.open(made) as picture:
            picture.load()
            return picture.size

    contents = [tmp_path / str(number) for number in range(3)]
    for content in contents:
        Image.effect_noise((1600, 1200), 50).save(content, "JPEG")
    with ThreadPoolExecutor(4) as threads:
        seen = [list(threads.map(look, [content] * 4)) for content in contents]

    assert seen == [[(320, 240)] * 4] * 3
    assert sorted(path.name for path in tmp_path.iterdir()) == ["0", "0.small", "1", "1.small", "2", "2.small"]

"""What is loaded when a process begins its work is not looked through for garbage again and again."""

import gc

from runtime.starting import keep_what_is_loaded, look_seldom_for_garbage

OF_PYTHON = (700, 10, 10)
"""How often Python 3.11 looks by itself."""


def test_what_is_loaded_is_kept_and_what_comes_later_is_not() -> None:
    before, often = gc.get_freeze_count(), gc.get_threshold()
    try:
        keep_what_is_loaded()
        kept = gc.get_freeze_count()
        later = [[number] for number in range(100)]
        assert kept > before
        assert gc.get_freeze_count() == kept
        assert any(one is later for one in gc.get_objects())
        assert gc.get_threshold() == often
    finally:
        gc.unfreeze()


def test_a_worker_looks_through_what_comes_later_but_seldom() -> None:
    often = gc.get_threshold()
    try:
        gc.set_threshold(*OF_PYTHON)
        look_seldom_for_garbage()
        seldom = gc.get_threshold()
        assert gc.isenabled() and all(now > own for now, own in zip(seldom, OF_PYTHON, strict=True))
    finally:
        gc.set_threshold(*often)

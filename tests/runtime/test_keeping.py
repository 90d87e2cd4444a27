"""What is loaded when a process begins its work is not looked through for garbage again and again."""

import gc

from runtime.starting import keep_what_is_loaded


def test_what_is_loaded_is_kept_and_what_comes_later_is_not() -> None:
    before, often = gc.get_freeze_count(), gc.get_threshold()
    try:
        keep_what_is_loaded()
        kept = gc.get_freeze_count()
        later = [[number] for number in range(100)]
        assert kept > before
        assert gc.get_freeze_count() == kept
        assert any(one is later for one in gc.get_objects())
        assert gc.isenabled() and gc.get_threshold()[0] > often[0]
    finally:
        gc.unfreeze()
        gc.set_threshold(*often)

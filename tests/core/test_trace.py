import pytest

from runtime.core.trace import STAGES, TurnTrace, stages


def test_stages_are_the_differences_of_marks_in_order() -> None:
    trace = TurnTrace(3, "Where is the lift?")
    for name, time_s in (("speech_end", 10.0), ("committed", 10.2), ("first_phrase", 10.25), ("first_out", 10.4)):
        assert trace.mark(name, time_s)
    assert trace.stages() == pytest.approx({"endpoint": 0.2, "brain": 0.05})
    trace.mark("first_audio", 10.3)
    assert list(trace.stages()) == [name for name, _, _ in STAGES]
    assert sum(trace.stages().values()) == pytest.approx(0.4)


def test_the_first_time_of_a_mark_counts() -> None:
    trace = TurnTrace(1, "")
    assert trace.mark("committed", 1.0)
    assert not trace.mark("committed", 2.0)
    assert trace.marks == {"committed": 1.0}


def test_a_stage_that_ends_before_it_begins_took_no_time() -> None:
    assert stages({"speech_end": 2.0, "committed": 1.5}) == {"endpoint": 0.0}

"""What the server counts, for Prometheus. Label values come from fixed sets, so their number is bounded."""

from collections.abc import Callable, Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

from runtime.core.messages import Interrupted, SessionEvent, Trouble, TurnReport, UserTurn
from runtime.core.trace import STAGES
from runtime.delivery.tracks import MediaStats

BUCKETS_S = (0.02, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 4.0)
CAUSES = frozenset({"speech", "text", "click", "gesture"})
ROOMS = frozenset({"capture", "perception", "persona", "answer", "voice", "avatar", "delivery"})
STAGE_NAMES = frozenset(name for name, _, _ in STAGES)


class _MediaCollector(Collector):
    """Adds up the media statistics of open peers and of those that have left."""

    def __init__(self, open_stats: Callable[[], Iterable[MediaStats]]) -> None:
        self._open_stats = open_stats
        self.left = MediaStats()

    def collect(self) -> Iterable[Metric]:
        """Yield frames by outcome and clock shifts."""
        total = MediaStats()
        for stats in (self.left, *self._open_stats()):
            add_stats(total, stats)
        frames = CounterMetricFamily("avatar_video_frames", "Picture frames by what became of them", labels=["outcome"])
        for outcome in ("fresh", "repeated", "skipped", "late"):
            frames.add_metric([outcome], getattr(total, outcome))
        yield frames
        yield CounterMetricFamily("avatar_audio_frames", "Sound frames sent", value=total.audio_frames)
        yield CounterMetricFamily("avatar_clock_shifts", "Stalls of the media clock over 200 ms", value=total.rebases)


def add_stats(total: MediaStats, stats: MediaStats) -> None:
    """Add one peer's counts to a total."""
    for name in ("audio_frames", "fresh", "repeated", "skipped", "late", "rebases"):
        setattr(total, name, getattr(total, name) + getattr(stats, name))


class Metrics:
    """The counters of one server. `sessions` and `media` are asked when the metrics are read."""

    def __init__(self, sessions: Callable[[], int], media: Callable[[], Iterable[MediaStats]]) -> None:
        self.registry = CollectorRegistry()
        self._media = _MediaCollector(media)
        self.registry.register(self._media)
        registry = self.registry
        Gauge("avatar_sessions", "Open sessions", registry=registry).set_function(sessions)
        self.offers = Counter("avatar_offers", "Offers by outcome", ["outcome"], registry=registry)
        self.sessions_total = Counter("avatar_sessions_opened", "Sessions opened", registry=registry)
        self.turns = Counter("avatar_turns", "Turns of the user", ["how"], registry=registry)
        self.interruptions = Counter("avatar_interruptions", "Answers cut off", ["cause"], registry=registry)
        self.troubles = Counter("avatar_troubles", "Troubles told to clients", ["room"], registry=registry)
        self.stage = Histogram(
            "avatar_stage_seconds", "Answer time by stage", ["stage"], buckets=BUCKETS_S, registry=registry
        )
        self.answer = Histogram(
            "avatar_answer_seconds", "End of speech to first sound of the answer", buckets=BUCKETS_S, registry=registry
        )
        self.dropped_messages = Counter("avatar_dropped_messages", "Messages a client did not read", registry=registry)

    def left(self, stats: MediaStats, dropped_messages: int) -> None:
        """Keep the counts of a peer that has left."""
        add_stats(self._media.left, stats)
        self.dropped_messages.inc(dropped_messages)

    def render(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self.registry)


class SessionMeter:
    """Counts one session's events; a turn's times are taken once, from its first report."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics
        self._spoken_turns: set[int] = set()
        metrics.sessions_total.inc()

    def count(self, event: SessionEvent) -> None:
        """Take an event."""
        metrics = self._metrics
        match event:
            case UserTurn():
                metrics.turns.labels("spoken" if event.spoken else "typed").inc()
                if event.spoken:
                    self._spoken_turns.add(event.turn)
            case Interrupted():
                metrics.interruptions.labels(event.cause if event.cause in CAUSES else "other").inc()
            case Trouble():
                metrics.troubles.labels(event.room if event.room in ROOMS else "other").inc()
            case TurnReport() if event.turn in self._spoken_turns and "first_out" in event.marks:
                self._spoken_turns.discard(event.turn)
                for name in STAGE_NAMES & event.stages.keys():
                    metrics.stage.labels(name).observe(event.stages[name])
                metrics.answer.observe(max(0.0, event.marks["first_out"] - event.marks["speech_end"]))
            case _:
                pass

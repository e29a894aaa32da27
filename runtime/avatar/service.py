"""The render process's part: one character per session, drawn into shared memory when asked."""

import logging
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from runtime.avatar.animator import Animator
from runtime.avatar.frames import FrameRing, check_size
from runtime.avatar.mirror import MirrorAnimator
from runtime.core.errors import UserError
from runtime.core.messages import Face, FaceCue, FrameRequest, Manner

if TYPE_CHECKING:
    from runtime.avatar.renderer import Renderer

log = logging.getLogger(__name__)

SERVICE = "character"
MAX_SESSIONS = 32
UNKNOWN_SESSION: Final = "No character is open for session"
_WARM_UP_FRAMES = 3

_Key = tuple[str, int, int]


class UnknownSession(UserError, KeyError):
    """The session was never opened here, or this process is a new one: open it again."""

    def __init__(self, session: str) -> None:
        UserError.__init__(self, f"{UNKNOWN_SESSION} {session[:80]!r}.", "Open it again.")

    def __str__(self) -> str:
        return UserError.__str__(self)


@dataclass(slots=True)
class _Open:
    animator: Animator | MirrorAnimator
    ring: FrameRing
    key: _Key
    next_slot: int = 0


class CharacterService:
    """Characters of all sessions. A worker service: one thread, `load` first, `close` last."""

    def __init__(self, pack: str = "ada", width: int = 512, height: int = 512) -> None:
        """Serve any pack, by name or path; `pack` at `width` x `height` pixels is made ready by `load`."""
        self._default: _Key = (pack, width, height)
        self._open: dict[str, _Open] = {}
        self._renderers: dict[_Key, Renderer] = {}
        self._users: Counter[_Key] = Counter()

    def load(self) -> None:
        """Open the default pack and draw with it once.

        Raises:
            UserError: the pack is missing or broken.
        """
        import cv2

        cv2.setNumThreads(1)  # a conversion takes 0.1 ms; waking threads for it costs more
        check_size(*self._default[1:])
        renderer = self._renderer(self._default)
        animator = Animator(seed=0)
        for frame in range(_WARM_UP_FRAMES):
            renderer.draw(animator.step(FrameRequest(frame / 25, -1, 0.0, Manner.IDLE)))

    def open(
        self,
        session: str,
        pack: str,
        width: int,
        height: int,
        shared_name: str,
        slots: int,
        seed: int,
        mirror: bool = False,
    ) -> None:
        """Make a character for `session`, to be drawn into the ring `shared_name`; a second open replaces the first.

        A `mirror` is moved by the face that `see` is given, any other by cues.

        Raises:
            UserError: too many sessions, a size out of bounds, a missing pack or ring.
        """
        self.close_session(session)
        if len(self._open) >= MAX_SESSIONS:
            raise UserError(f"This process already draws {MAX_SESSIONS} characters.", "End another session first.")
        check_size(width, height)
        key = (pack, width, height)
        ring = FrameRing.attach(shared_name, width, height, slots)
        try:
            self._renderer(key)
        except BaseException:
            ring.close()
            raise
        self._users[key] += 1
        self._open[session] = _Open(MirrorAnimator() if mirror else Animator(seed), ring, key)

    def cue(self, session: str, cue: FaceCue) -> None:
        """Learn the mouth and face of an utterance before it is asked for. Raises UnknownSession."""
        animator = self._session(session).animator
        if isinstance(animator, Animator):
            animator.cue(cue)

    def see(self, session: str, time_s: float, face: Face) -> None:
        """Let a mirror take the person's face as seen at `time_s`. Raises UnknownSession."""
        animator = self._session(session).animator
        if isinstance(animator, MirrorAnimator):
            animator.see(time_s, face)

    def draw(self, session: str, request: FrameRequest) -> int:
        """Draw the character at `request`; return the slot of the ring that holds the I420 picture.

        Raises:
            UnknownSession: open the session (again) first.
        """
        import cv2  # heavy: only the render process needs it

        state = self._session(session)
        pixels = self._renderers[state.key].draw(state.animator.step(request))
        slot = state.next_slot
        state.next_slot = (slot + 1) % state.ring.slots
        cv2.cvtColor(pixels, cv2.COLOR_RGBA2YUV_I420, dst=state.ring.view(slot))
        return slot

    def close_session(self, session: str) -> None:
        """Forget `session`; unknown ones are ignored. The default pack's renderer is kept for the next."""
        state = self._open.pop(session, None)
        if state is None:
            return
        state.ring.close()
        self._users[state.key] -= 1
        if self._users[state.key] <= 0 and state.key != self._default:
            del self._users[state.key]
            self._renderers.pop(state.key).close()

    def close(self) -> None:
        """Close every session and renderer."""
        for session in list(self._open):
            self.close_session(session)
        for renderer in self._renderers.values():
            renderer.close()
        self._renderers.clear()

    def _session(self, session: str) -> _Open:
        try:
            return self._open[session]
        except KeyError:
            raise UnknownSession(session) from None

    def _renderer(self, key: _Key) -> "Renderer":
        """Return the renderer of a pack at a size: sessions share it, as it draws whole states and keeps none."""
        if key not in self._renderers:
            renderer = self._open_renderer(*key)
            renderer.load()
            self._renderers[key] = renderer
        return self._renderers[key]

    def _open_renderer(self, pack: str, width: int, height: int) -> "Renderer":
        from runtime.avatar.renderer import open_renderer

        return open_renderer(pack, width, height)

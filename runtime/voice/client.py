"""The voice as the session calls it."""

from runtime.core.messages import Affect, Spoken, Utterance
from runtime.core.workers import Caller
from runtime.voice.synthesizer import VoiceStyle

SERVICE = "voice"


class Voice:
    """Text to speech, wherever its process is."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller

    async def synthesise(self, text: str, style: VoiceStyle, affect: Affect) -> Utterance:
        """Return `text` spoken.

        Raises:
            WorkerDied: the speech process ended; it is being started again.
            UserError: no voice could speak the text.
        """
        utterance: Utterance = await self._caller.call(SERVICE, "synthesise", text, style, affect)
        return utterance

    async def recite(self, spoken: Spoken) -> Utterance:
        """Return what is spoken already with the mouth that goes with it.

        Raises:
            WorkerDied: the speech process ended; it is being started again.
            UserError: it is too long.
        """
        utterance: Utterance = await self._caller.call(SERVICE, "recite", spoken)
        return utterance

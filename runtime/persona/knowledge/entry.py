"""One thing a persona knows."""

from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

MAX_CLUES: Final = 50

Line = Annotated[str, Field(min_length=1, max_length=200)]
Answer = Annotated[str, Field(min_length=1, max_length=1_000)]
Clue = Annotated[str, Field(min_length=1, max_length=1_200)]
Feeling = Literal["neutral", "warm", "calm", "happy", "sad", "concerned", "surprised", "curious", "angry"]


class Strict(BaseModel):
    """Values that are fixed once read; an unknown key is a mistake."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(Strict):
    """One thing the persona knows: how people ask for it, and the answer, spoken once its {slots} are filled.

    What people say to take their leave (act "farewell") has no answer of its own: the closing words answer it.
    `clues` are searched as the questions are, but the recogniser doesn't listen for them. `picture` is shown with the
    answer: a file that pictures.csv lists.
    """

    id: Line
    questions: Annotated[tuple[Line, ...], Field(min_length=1, max_length=50)]
    answer: Answer | None = None
    topic: str = Field(default="", max_length=100)
    affect: Feeling = "neutral"
    act: Literal["answer", "greet", "farewell"] = "answer"
    clues: Annotated[tuple[Clue, ...], Field(max_length=MAX_CLUES)] = ()
    picture: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _has_its_answer(self) -> Self:
        if (self.answer is None) != (self.act == "farewell"):
            raise ValueError('an entry needs an answer; one whose act is "farewell" has none: the closing words answer')
        return self

"""What is said about symptoms and conditions: careful sentences out of the graph, never a diagnosis. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from runtime.core.messages import Phrase
from runtime.persona.brain import phrases_of
from runtime.persona.graph.finding import Found
from runtime.persona.graph.model import EMERGENCY, Condition, Fact, Relation
from runtime.persona.graph.ranking import Candidate, alarming_signs, is_pressing, most_urgent, told_of

PREFIX: Final = "graph:"
"""The source of a phrase that comes from the graph is this and the condition's id."""
MAX_SIGNS: Final = 6
_ASKED: Final[dict[Relation, str]] = {
    "prevention": r"prevent\w*|avoid(?:ing)?|protect (?:myself|against|from)|not (?:get|catch)|keep from",
    "symptoms": r"symptoms?|signs?|recogni[sz]e|how (?:do|can|would) (?:i|you|we) (?:know|tell|notice)|feels? like|"
    r"looks? like",
    "treatment": r"treat\w*|cure\w*|helps?|do (?:about|against|for|with)|get rid|remed\w+|medicines?|medication|"
    r"what (?:can|should|do) i do|good for|take for|manage|relieve|ease",
    "tests": r"tests?|tested|diagnos\w+|find out (?:if|whether)",
    "outlook": r"how long|go(?:es)? away|serious|dangerous|fatal|deadly|harmful|heal\w*|get better|worry about|"
    r"when should i see|urgent",
    "risk": r"who gets|at risk|inherit\w*|runs? in (?:the |my )?famil\w+|contagious|catching|infectious|how common",
    "causes": r"caus\w+|comes? from|reasons?|why|bring\w* on|due to",
    "about": r"what is|what are|what does|tell me about|explain|know about|information (?:on|about)|mean",
}
"""How people ask; what stands first is looked for first."""
_ASKED_PATTERNS: Final = {relation: re.compile(rf"\b(?:{pattern})\b") for relation, pattern in _ASKED.items()}


def relation_asked(words: str) -> Relation | None:
    """Return what a normalised text asks about a condition, or None."""
    return next((relation for relation, pattern in _ASKED_PATTERNS.items() if pattern.search(words)), None)


class Answers:
    """Makes the answers of one persona: `limits` says that it is no doctor, `call` names whom to call."""

    def __init__(self, limits: str, call: str, most: int, symptom_names: Mapping[str, str]) -> None:
        self._limits = limits
        self._call = call
        self._most = most
        self._names = symptom_names

    def about_symptoms(self, found: Found, ranked: Sequence[Candidate]) -> list[Phrase]:
        """Tell what symptoms may come from: the limits, conditions that fit, how soon to get help, and what helps."""
        told = told_of(ranked, self._most)
        felt = self._felt(found)
        if not told:
            return phrases_of(
                f"{self._limits} I know of nothing that {felt} would have in common. Please let a doctor look at it, "
                f"and call {self._call} if it gets bad.",
                "concerned",
                "answer",
                PREFIX,
            )
        first = told[0]
        source = PREFIX + first.condition.id
        if is_pressing(first, ranked):
            text = (
                f"Please take this seriously: {felt} can be a sign of {first.condition.name}. "
                f"If it is strong, sudden or getting worse, call {self._call} now. {first.condition.warning} "
                f"{self._limits}"
            )
            if len(told) > 1:
                text += f" It may also be something else, such as {_one_of([c.condition.name for c in told[1:]])}."
            return phrases_of(text, "concerned", "answer", source)
        names = [candidate.condition.name for candidate in told]
        text = f"{self._limits} {_capital(felt)} can come with {_one_of(names)}. "
        urgency = most_urgent(told)
        text += f"{urgency.text} {_sentences(first.condition)} {first.condition.warning}"
        flags = alarming_signs(ranked, (*found.present, *found.absent))
        if flags:
            text += f" If there is also {_all_of([self._names[flag] for flag in flags])}, call {self._call} at once."
        return phrases_of(text, "concerned", "answer", source)

    def about_condition(self, condition: Condition, relation: Relation) -> list[Phrase]:
        """Tell about a condition what was asked; of an emergency, help first."""
        said = {
            "symptoms": f"Signs of {condition.name} can be {self._signs(condition)}. {condition.warning}",
            "treatment": f"{_sentences(condition, len(condition.advice))} {condition.urgency.text} {condition.warning}",
            "prevention": f"{condition.about} {_sentences(condition, 1)}",
            "outlook": f"{condition.about} {condition.urgency.text} {condition.warning}",
            "tests": f"{condition.about} Whether it is that, I can't tell, but a doctor can. {condition.warning}",
        }.get(relation, f"{condition.about} {condition.warning}")
        if condition.urgency.id == EMERGENCY:
            if relation == "symptoms":
                said = f"{condition.about} {condition.warning}"
            said = f"If you think that it is happening now, call {self._call} at once. {said}"
        feeling = "concerned" if condition.urgency.id == EMERGENCY else "calm"
        return phrases_of(f"{said} {self._limits}", feeling, "answer", PREFIX + condition.id)

    def about_fact(self, fact: Fact) -> list[Phrase]:
        """Tell a fact with its source."""
        text = f"{fact.text} That is from {fact.source}. {self._limits}"
        return phrases_of(text, "calm", "answer", f"{PREFIX}fact")

    def about_sources(self, condition: Condition) -> list[Phrase]:
        """Tell which kinds of source a condition was written after."""
        names = _all_of([source.name for source in condition.sources])
        text = f"What I said about {condition.name} was written after {names}, in general words. {self._limits}"
        return phrases_of(text, "calm", "answer", PREFIX + condition.id)

    def _felt(self, found: Found) -> str:
        felt = _all_of([self._names[one] for one in found.present])
        without = [self._names[one].removeprefix("a ").removeprefix("an ") for one in found.absent]
        return f"{felt} without {_one_of(without)}" if without else felt

    def _signs(self, condition: Condition) -> str:
        likely = sorted(condition.signs, key=lambda sign: -sign[1])[:MAX_SIGNS]
        return _all_of([self._names[sign] for sign, _ in likely])


def _sentences(condition: Condition, most: int = 1) -> str:
    return " ".join(advice.text for advice in condition.advice[:most])


def _all_of(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _one_of(names: Sequence[str]) -> str:
    return " or ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

"""Every column of the five tables: type, unit, meaning. The one place where a column is added."""

from __future__ import annotations

from typing import Final, NamedTuple

OUTCOMES: Final = ("resolved", "unresolved", "abandoned", "blocked", "closed", "balked", "unfinished", "unreached")
RESOLVED, UNRESOLVED, ABANDONED, BLOCKED, CLOSED, BALKED, UNFINISHED, UNREACHED = range(8)

CHANNELS: Final = ("voice", "chat", "email", "web", "bot", "message", "social", "walk_in", "other")

TRANSFERS: Final = ("none", "cold", "warm")
NO_TRANSFER, COLD, WARM = range(3)

PRESENCE: Final = ("available", "break", "absent", "overtime")
AVAILABLE, BREAK, ABSENT, OVERTIME = range(4)

NOBODY: Final = -1
# In any coded column of a real log: the export does not say. A call known only as answered has this outcome.
UNKNOWN: Final = -1


class Column(NamedTuple):
    """One column: its NumPy type, unit, the list that decodes it (or '') and its meaning in one line."""

    name: str
    dtype: str
    unit: str
    codes: str
    meaning: str


_TOUCHPOINTS = (
    Column("replication", "i4", "1", "", "independent repetition of the scenario; 0 in a real log"),
    Column("case", "i8", "1", "", "one need of one customer until it is resolved or given up"),
    Column("contact", "i2", "1", "", "attempt of the case, from 0 in order of scheduling"),
    Column("touch", "i2", "1", "", "leg of the contact, from 0; a transfer starts the next leg"),
    Column("customer", "i8", "1", "", "the person; -1 not identified"),
    Column("segment", "i2", "1", "segment", "persona of the customer"),
    Column("contact_type", "i2", "1", "contact_type", "what the case is about"),
    Column("touchpoint", "i2", "1", "touchpoint", "the step the contact is at"),
    Column("channel", "i2", "1", "channel", "how the customer gets in touch"),
    Column("staffed", "?", "1", "", "an agent serves this touchpoint"),
    Column("deferred", "?", "1", "", "the customer does not wait on the line (e-mail, ticket)"),
    Column("outbound", "?", "1", "", "the centre gets in touch with the customer, not the customer with the centre"),
    Column("agent_group", "i2", "1", "agent_group", "group of the agent who answered; -1 nobody"),
    Column("agent", "i4", "1", "", "number of the agent within the group; -1 nobody"),
    Column("offered", "f8", "s", "", "instant at which the contact reaches the touchpoint"),
    Column("answered", "f8", "s", "", "instant at which talk begins, outbound work on it; NaN nobody answered"),
    Column("ended", "f8", "s", "", "instant at which the customer is gone; NaN unfinished"),
    Column("wrapped", "f8", "s", "", "instant at which the agent is free again; NaN nobody answered"),
    Column("held", "f8", "s", "", "part of the talk time spent on hold"),
    Column("dialled", "f8", "s", "", "part of the time from answered to ended before an outbound customer picks up"),
    Column("paused", "f8", "s", "", "time after the answer in which nobody worked on it"),
    Column("announced_wait", "f8", "s", "", "wait told to the customer; NaN none"),
    Column("promise", "f8", "s", "", "instant by which an answer was promised; NaN none"),
    Column("outcome", "i1", "1", "outcome", "how the touch ended, as the centre believes; -1 not known"),
    Column("truly_resolved", "?", "1", "", "the need was really met at this touch"),
    Column("transfer_kind", "i1", "1", "transfer_kind", "how this leg was passed on: none, cold, warm"),
    Column("callback", "f8", "s", "", "instant at which a callback was accepted; NaN none"),
    Column("chaser", "?", "1", "", "asks only where the answer stays; resolves nothing"),
    Column("reinfo", "?", "1", "", "the customer had to tell the story again"),
    Column("level", "i1", "1", "", "skill level of the agent for this work, 1 first; 0 nobody"),
)

_STAFFING = (
    Column("replication", "i4", "1", "", "independent repetition of the scenario"),
    Column("agent_group", "i2", "1", "agent_group", "group"),
    Column("agent", "i4", "1", "", "number within the group"),
    Column("start", "f8", "s", "", "begin of the stretch"),
    Column("end", "f8", "s", "", "end of the stretch"),
    Column("kind", "i1", "1", "presence", "available, break, absent or overtime (past the plan)"),
    Column("paid", "?", "1", "", "the stretch is paid"),
)

_AGENTS = (
    Column("agent_group", "i2", "1", "agent_group", "group"),
    Column("agent", "i4", "1", "", "number within the group"),
    Column("speed", "f8", "1", "", "handle time multiplier, mean 1"),
    Column("quality", "f8", "SD", "", "skill at solving and at people, centre mean 0"),
    Column("hired", "f8", "s", "", "hire date on the log's clock; -inf long ago"),
    Column("cost", "f8", "money/h", "", "paid hour, all included"),
)

_CUSTOMERS = (
    Column("customer", "i8", "1", "", "the person"),
    Column("segment", "i2", "1", "segment", "persona"),
    Column("margin", "f8", "money/month", "", "margin before service; NaN not given"),
    Column("churn", "f8", "1", "", "probability of leaving within 12 months, by perception"),
    Column(
        "lifetime_value", "f8", "money", "", "discounted margin over 36 months, by perception; NaN without a margin"
    ),
)

_SURVEYS = (
    Column("replication", "i4", "1", "", "independent repetition of the scenario"),
    Column("case", "i8", "1", "", "the case asked about"),
    Column("customer", "i8", "1", "", "the person"),
    Column("segment", "i2", "1", "segment", "persona"),
    Column("contact_type", "i2", "1", "contact_type", "what the case was about"),
    Column("touchpoint", "i2", "1", "touchpoint", "first touchpoint of the case"),
    Column("channel", "i2", "1", "channel", "first channel of the case"),
    Column("offered", "f8", "s", "", "begin of the case"),
    Column("invited", "?", "1", "", "was asked"),
    Column("answered", "?", "1", "", "gave an answer"),
    Column("satisfaction", "i1", "1-5", "", "CSAT answer, given or that would have been given; 0 unknown"),
    Column("satisfaction_of_2", "i1", "1-2", "", "good (2) or bad (1), the same opinion; 0 unknown"),
    Column("satisfaction_of_7", "i1", "1-7", "", "CSAT answer on seven points; 0 unknown"),
    Column("satisfaction_of_10", "i1", "1-10", "", "CSAT answer on ten points; 0 unknown"),
    Column("ease", "i1", "1-7", "", "CES 2.0 answer, 7 easy; 0 unknown"),
    Column("effort", "i1", "1-5", "", "CES 1.0 answer, 5 very high effort; 0 unknown"),
    Column("recommendation", "i1", "0-10", "", "NPS answer; -1 unknown"),
    Column("more_disloyal", "?", "1", "", "says to be less loyal than before; a stated intention"),
    Column("intends_to_leave", "?", "1", "", "says to intend to leave; a stated intention"),
    Column("theme", "i1", "1", "theme", "what the comment is about; -1 no comment; synthetic if by perception"),
    Column("polarity", "i1", "1", "polarity", "tone of the comment; -1 no comment"),
    Column("sentence", "i2", "1", "sentence", "text of the comment, synthetic; -1 no comment"),
    Column("satisfaction_index", "f8", "SD", "", "sum of driver contributions to satisfaction"),
    Column("ease_index", "f8", "SD", "", "sum of driver contributions to ease"),
    Column("recommendation_index", "f8", "SD", "", "sum of driver contributions to recommendation"),
    Column("expected_top_box", "f8", "1", "", "probability of satisfaction 5, given what happened"),
    Column("expected_top_two", "f8", "1", "", "probability of satisfaction 4 or 5"),
    Column("expected_three_plus", "f8", "1", "", "probability of satisfaction 3 to 5"),
    Column("expected_satisfaction", "f8", "1-5", "", "mean of the satisfaction answer"),
    Column("expected_good", "f8", "1", "", "probability of good, asked good or bad"),
    Column("expected_satisfaction_of_7", "f8", "1-7", "", "mean of the answer on seven points"),
    Column("expected_top_two_of_7", "f8", "1", "", "probability of 6 or 7 of seven"),
    Column("expected_satisfaction_of_10", "f8", "1-10", "", "mean of the answer on ten points"),
    Column("expected_top_two_of_10", "f8", "1", "", "probability of 9 or 10 of ten"),
    Column("expected_top_three_of_10", "f8", "1", "", "probability of 8 to 10 of ten"),
    Column("expected_ease", "f8", "1-7", "", "mean of the ease answer"),
    Column("expected_agree", "f8", "1", "", "probability of ease 5 to 7"),
    Column("expected_effort", "f8", "1-5", "", "mean of the first effort question"),
    Column("expected_promoter", "f8", "1", "", "probability of recommendation 9 or 10"),
    Column("expected_detractor", "f8", "1", "", "probability of recommendation 0 to 6"),
)

TABLES: Final[dict[str, dict[str, Column]]] = {
    "touchpoints": {column.name: column for column in _TOUCHPOINTS},
    "staffing": {column.name: column for column in _STAFFING},
    "agents": {column.name: column for column in _AGENTS},
    "customers": {column.name: column for column in _CUSTOMERS},
    "surveys": {column.name: column for column in _SURVEYS},
}

FIXED_CODES: Final[dict[str, tuple[str, ...]]] = {
    "outcome": OUTCOMES,
    "channel": CHANNELS,
    "transfer_kind": TRANSFERS,
    "presence": PRESENCE,
}

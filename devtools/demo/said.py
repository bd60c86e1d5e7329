"""What people write when they look back on a program that is over: each line once."""

HELPED: tuple[str, ...] = (
    "Somebody from another department who asked why.",
    "It was lunch: nobody had to find an hour.",
    "That we changed who leads each time.",
    "The five minutes of silence before we began.",
    "My partner remembered what I had promised.",
    "Hearing that others do not know either.",
    "The questions in the kit. I use two of them every week.",
    "That nothing of it went to our managers.",
    "Being asked what I want, and not what is late.",
    "One promise at the end. Small ones, and I kept most.",
    "To say it out loud once. After that it was easy.",
    "We were honest from the second week on.",
    "Somebody who had done it, and told me what went wrong.",
    "Walking instead of sitting.",
    "I learned to wait for the answer.",
    "That five weeks have an end.",
    "Two topics, one for each of us, and a clock.",
    "My partner works nights. I had no idea what that means.",
    "It made me call people whom I only wrote to.",
    "The note on how to begin. We would have talked shop.",
    "I led for the first time, and it went well.",
    "That it was only the two of us.",
)
# by the theme under which a coordinator reads it
CHANGE: dict[str, tuple[str, ...]] = {
    "More time": (
        "Five weeks are too short: we had just begun.",
        "Lunch is thirty minutes here. Give us an hour.",
        "Every second week, and for longer.",
        "Two of our five dates fell out. Plan six.",
        "A week between saying yes and the first date.",
        "Start after the end of the quarter.",
        "Let us go on if both want to.",
        "An hour for the first time, to get to know each other.",
        "A longer last meeting, to look back together.",
        "Not on Mondays.",
        "Fewer check-ins for so short a time.",
    ),
    "Who is matched with whom": (
        "Match people from different places, not only departments.",
        "I would have liked somebody with more experience.",
        "We were too much alike: the same job, the same worries.",
        "Tell us more about each other before the first lunch.",
        "Let me say with whom I would rather not.",
        "Three people instead of two, so that one may be away.",
        "Another partner for the second half.",
        "Somebody whose hours are like mine.",
        "Ask what we want to learn in our own words.",
        "Introduce us at a table, not by e-mail.",
        "Mix those who have been here long with those who are new.",
    ),
}
# by the key of the closing survey's question
LOOKING_BACK = {
    "helped": HELPED,
    "change": tuple(line for lines in CHANGE.values() for line in lines),
}

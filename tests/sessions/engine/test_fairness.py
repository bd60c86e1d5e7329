from sessions.rotation.engine.fairness import lead_spread


def test_lead_spread_is_most_minus_least_and_none_for_nobody() -> None:
    assert lead_spread([3, 1, 2]) == 2
    assert lead_spread([4]) == 0
    assert lead_spread([]) is None

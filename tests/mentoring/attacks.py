"""What an attacker inside an organisation is after: words written to one person in confidence."""

from __future__ import annotations

from dataclasses import dataclass

from core.members.models import Member
from core.tenancy.context import tenant
from pairing.models.partnerships import KindWords
from pairing.partnerships.operations import repairing
from tests.cast import Cast, make_member
from tests.sessions.build import make_cohort, make_partnership

SECRET = "only for Vera"


@dataclass
class Attack:
    """Vera, who has private words, and Olga, an owner who would like to read them."""

    cast: Cast
    vera: Member

    def read_by(self, member: Member) -> list[str]:
        with tenant(self.cast.acme, member=member.pk):
            now = Member.objects.get(pk=member.pk)
            return [words.text for words in KindWords.objects.visible_to(now)]

    def own_row(self, *, live: bool) -> Member:
        """A second mailbox of Olga's, invited by her as somebody new."""
        return make_member(self.cast.acme, "Mallory", live=live)

    def is_safe(self) -> bool:
        """Nobody but Vera reads her words, and her row is the one that her own sign-in opens."""
        with tenant(self.cast.acme):
            now = Member.objects.get(pk=self.vera.pk)
            author = self.cast.pavel
            others = list(Member.objects.exclude(pk__in=[now.pk, author.pk]))
        mine = (now.user_id, now.email) == (self.vera.user_id, self.vera.email)
        return mine and self.read_by(now) == [SECRET] and not any(map(self.read_by, others))


def make_attack(cast: Cast) -> Attack:
    """Let a partner leave private words for Vera."""
    vera = make_member(cast.acme, "Vera")
    with tenant(cast.acme):
        table = make_partnership(make_cohort(cast.acme), [vera, cast.pavel], name="Oak")
    with tenant(cast.acme, member=cast.pavel.pk):
        repairing.part_ways(partnership=table, by=cast.pavel, cause="time", words=SECRET)
    attack = Attack(cast, vera)
    assert attack.is_safe()
    return attack

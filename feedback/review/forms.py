"""Forms of the review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from feedback.models.review import ReviewChange
from feedback.models.testimonials import Testimonial
from feedback.review.queries import CommentGroup, FigureShown


class ThemeForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("A theme"), max_length=80)


class CommentsForm(forms.Form):
    """Each comment with its theme."""

    def __init__(
        self,
        *args: Any,
        groups: Sequence[CommentGroup],
        themes: Sequence[str],
        chosen: Mapping[str, str],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", _("No theme")), *((name, name) for name in themes)]
        for group in groups:
            for comment in group.comments:
                self.fields[comment.digest] = forms.ChoiceField(
                    label=comment.text,
                    choices=choices,
                    required=False,
                    initial=chosen.get(comment.digest, ""),
                )


class ChangesForm(forms.Form):
    """Up to five: what people said, and what changes."""

    def __init__(self, *args: Any, changes: Sequence[ReviewChange], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        before = {row.place: row for row in changes}
        for place in range(1, ReviewChange.MOST + 1):
            row = before.get(place)
            self.fields[f"said_{place}"] = forms.CharField(
                label=_("%(n)d. You said") % {"n": place},
                max_length=200,
                required=False,
                initial=row.said if row else "",
            )
            self.fields[f"change_{place}"] = forms.CharField(
                label=_("%(n)d. We change") % {"n": place},
                max_length=300,
                required=False,
                initial=row.change if row else "",
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self) -> dict[str, Any]:
        for place in range(1, ReviewChange.MOST + 1):
            said, change = self._pair(place)
            if bool(said) != bool(change):
                missing = "change" if said else "said"
                self.add_error(f"{missing}_{place}", _("Both belong together: fill in this too."))
        return self.cleaned_data

    @property
    def pairs(self) -> list[tuple[str, str]]:
        rows = [self._pair(place) for place in range(1, ReviewChange.MOST + 1)]
        return [row for row in rows if all(row)]

    def _pair(self, place: int) -> tuple[str, str]:
        said, change = (self.cleaned_data.get(f"{name}_{place}", "") for name in ("said", "change"))
        return said, change


class QuoteForm(forms.Form):
    """Which testimonial stands beside which figure."""

    testimonial = forms.ChoiceField(label=gettext_lazy("What somebody lets be quoted"))
    item = forms.ChoiceField(label=gettext_lazy("Beside which figure?"))

    def __init__(
        self,
        *args: Any,
        testimonials: Sequence[Testimonial],
        figures: Sequence[FigureShown],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.rows = {str(row.pk): row for row in testimonials}
        quotes: Any = self.fields["testimonial"]
        quotes.choices = [
            (key, f"{row.signature}: {row.text[:80]}") for key, row in self.rows.items()
        ]
        items: Any = self.fields["item"]
        items.choices = [(row.item, row.result.question) for row in figures]

    def clean_testimonial(self) -> Testimonial:
        return self.rows[self.cleaned_data["testimonial"]]

"""What testimonials can say no to."""

from django.utils.translation import gettext_lazy as _

from core.common.errors import DomainError


class TestimonialGone(DomainError):
    code = "testimonial_gone"
    message = _("Its author does not let it be shown any more.")


class NotYetThere(DomainError):
    code = "testimonial_too_early"
    message = _("You can say what it was like once you take part.")

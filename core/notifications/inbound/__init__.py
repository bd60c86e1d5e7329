"""E-mails that come in: answers, what a calendar answers, and what came back."""

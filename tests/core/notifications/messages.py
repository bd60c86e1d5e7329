"""Messages as mail programs write them, to an address that the test gives."""

from __future__ import annotations

from email import policy
from email.message import EmailMessage
from itertools import count

SENDER = "petra@acme.example"
_numbers = count(1)
BEFORE = "Petra, how did it go? Write met, 2, 2. yes\n\nCheck in:\nhttps://roundtable.example/l/x/"
QUOTED = "\n".join(f"> {line}".rstrip() for line in BEFORE.splitlines())
OUTLOOK_HEAD = (
    "From: Acme (Roundtable) <roundtable@roundtable.example>\n"
    "Sent: Monday, 16 March 2026 13:00\nTo: Petra Acme <petra@acme.example>\n"
    "Subject: How did it go with Circle Wye?\n"
)
GMAIL_LINE = (
    "On Mon, 16 Mar 2026 at 13:00, Acme (Roundtable) <roundtable@roundtable.example>\nwrote:\n"
)


def message_to(
    to: str, text: str | None = None, *, html: str | None = None, sender: str = SENDER, **heads: str
) -> EmailMessage:
    """Write a message; `heads` are more headers, with _ for -."""
    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["To"] = f"Petra Acme <{sender}>", to
    message["Subject"] = "Re: How did it go with Circle Wye?"
    message["Message-ID"] = f"<{next(_numbers)}.abc@mail.acme.example>"
    for name, value in heads.items():
        del message[name.replace("_", "-")]
        message[name.replace("_", "-")] = value
    if text is not None:
        message.set_content(text)
    if html is not None and text is None:
        message.set_content(html, subtype="html")
    elif html is not None:
        message.add_alternative(html, subtype="html")
    return message


# how programs write around an answer: its text, or its HTML
AROUND_TEXT = {
    "bare": "{}\n",
    "gmail": "{}\n\n" + GMAIL_LINE + "\n" + QUOTED + "\n",
    "gmail in German": "{}\n\nAm Mo., 16. März 2026 um 13:00 Uhr schrieb Acme (Roundtable) <\n"
    "roundtable@roundtable.example>:\n\n" + QUOTED,
    "gmail in Spanish": "{}\n\nEl lun, 16 mar 2026 a las 13:00, Acme (<r@roundtable.example>)\n"
    "escribió:\n\n" + QUOTED,
    "outlook": "{}\n\n________________________________\n" + OUTLOOK_HEAD + "\n" + BEFORE,
    "outlook without a rule": "{}\n\n" + OUTLOOK_HEAD + "\n" + BEFORE,
    "outlook in German": "{}\n\nVon: Acme <roundtable@roundtable.example>\n"
    "Gesendet: Montag, 16. März 2026 13:00\nAn: Petra\nBetreff: Wie war es?\n\n" + BEFORE,
    "outlook of old": "{}\n\n-----Original Message-----\n" + OUTLOOK_HEAD + "\n" + BEFORE,
    "outlook on a phone": "{}\n\nGet Outlook for iOS<https://aka.ms/o0ukef>\n"
    "________________________________\n" + OUTLOOK_HEAD + "\n" + BEFORE,
    "apple": "{}\n\n> On 16 Mar 2026, at 13:00, Acme (Roundtable) <r@r.example> wrote:\n> \n"
    + QUOTED,
    "apple on a phone": "{}\n\nSent from my iPhone\n\n> On 16 Mar 2026, at 13:00, Acme wrote:\n"
    + QUOTED,
    "thunderbird": "{}\n\nOn 3/16/26 13:00, Acme (Roundtable) wrote:\n" + QUOTED,
    "below what is quoted": GMAIL_LINE + QUOTED + "\n\n{}\n",
    "with a signature": "{}\n\n-- \nPetra Acme\nHead of Sales · 5 offices, 4 countries\n",
    "with a closing": "{}\n\nBest regards,\nPetra\n+49 30 4444",
    "with blanks": "\u200b\n\n  {}  \n\n\n",
}
AROUND_HTML = {
    "gmail": '<div dir="ltr">{}</div><br><div class="gmail_quote gmail_quote_container">'
    '<div dir="ltr" class="gmail_attr">On Mon, Acme wrote:<br></div>'
    '<blockquote class="gmail_quote">yes</blockquote>',
    "outlook": "<html><head><style>p {{margin: 0}} /* 4 */</style></head><body><div>{}</div>"
    '<div id="appendonsend"></div><hr><div id="divRplyFwdMsg"><b>From:</b> Acme<br></div>yes',
    "word": "<html xmlns:o='urn'><head><!--[if mso]><xml>4</xml><![endif]--></head><body lang=EN>"
    "<p class=MsoNormal>{}<o:p></o:p></p><div><p class=MsoNormal><b>From:</b> Acme<br><b>Sent:</b>"
    " Monday<br><b>To:</b> Petra</p></div><p>yes</p></body></html>",
    "apple": '<html><body dir="auto">{}<br id="lineBreakAtBeginningOfSignature"><div dir="ltr">Sent'
    ' from my iPhone</div><div dir="ltr"><br><blockquote type="cite">On 16 Mar, Acme wrote:<br>yes'
    "</blockquote></div></body></html>",
    "a phone's": "<p>{}</p><p>Sent from Yahoo Mail</p>"
    "<blockquote>On Mon, Acme wrote: yes</blockquote>",
}


def event_reply(uid: str, partstat: str, *, attendee: str = SENDER, **lines: str) -> str:
    """Write what a calendar answers; `lines` are more properties of the event."""
    more = "".join(f"{name}:{value}\r\n" for name, value in lines.items())
    return (
        "BEGIN:VCALENDAR\r\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\r\nVERSION:2.0\r\n"
        f"METHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:{uid}\r\n{more}DTSTAMP:20260302T120000Z\r\n"
        f'ATTENDEE;CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT={partstat};CN="Acme: Petra":\r\n'
        f" mailto:{attendee}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )


def with_event(message: EmailMessage, event: str) -> EmailMessage:
    message.add_alternative(
        event.encode(), "text", "calendar", params={"method": "REPLY", "charset": "UTF-8"}
    )
    return message

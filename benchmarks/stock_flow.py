"""What stock Prefect offers for "ask a person, then write to the next": a flow that is suspended and resumed.

In a file of its own, so that the process that a stock worker starts for each run imports nothing else.
"""

import smtplib
from email.message import EmailMessage

from prefect import flow, suspend_flow_run


@flow
def approval(number: int, mail_port: int) -> None:
    """Wait for a person, then write to the next one."""
    suspend_flow_run()
    letter = EmailMessage()
    letter["From"], letter["To"] = "bench@example.org", "next@stock.example.org"
    letter["Subject"], letter["Message-ID"] = f"Decide number {number}", f"<stock{number}@example.org>"
    letter.set_content("Somebody has decided, and now it is your turn.")
    with smtplib.SMTP("127.0.0.1", mail_port) as server:
        server.send_message(letter)

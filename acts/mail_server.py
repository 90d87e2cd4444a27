"""The mail server that this installation's settings name."""

from notifications.mail import MailServer
from runtime.settings import InstallationSettings


def mail_server_of(chosen: InstallationSettings) -> MailServer:
    """Where letters are handed over, and as whom."""
    return MailServer(
        host=chosen.mail_host,
        port=chosen.mail_port,
        sender=chosen.mail_sender,
        security=chosen.mail_security,
        user=chosen.mail_user,
        password=chosen.mail_password.get_secret_value() if chosen.mail_password else None,
        returns_to=chosen.returned_mail_address,
    )

"""The public body whose accounts are looked after. Everything else belongs to exactly one."""

from sqlmodel import Field, SQLModel

from models.columns import json_field


class Municipality(SQLModel, table=True):
    """One public body: its name, zone and the addresses letters come from and records go to."""

    __tablename__ = "municipality"

    id: int | None = Field(default=None, primary_key=True)
    slug: str = Field(unique=True, max_length=60)
    name: str = Field(max_length=120)
    time_zone: str = Field(default="Europe/Stockholm", max_length=60)
    mail_domains: list[str] = json_field(list)
    """Work-mail domains whose holders may apply, lower case, without "@"."""
    sender_address: str = Field(max_length=254)
    registry_address: str | None = Field(default=None, max_length=254)
    notice_address: str | None = Field(default=None, max_length=254)
    """Shared mailbox of the communications unit: gets news, never a deciding link."""
    shown_name: str = Field(default="", max_length=60)
    """What it calls itself in headers and letters, where that is not its name."""
    colour: str = Field(default="", max_length=7)
    """#rrggbb, or empty for the product's own."""
    logotype: str = Field(default="", max_length=80)
    """File name of its logotype: the content's SHA-256 and an ending. Empty when it has none."""

    @property
    def called(self) -> str:
        """Its name in headers and letters."""
        return self.shown_name or self.name

    @property
    def look(self) -> str:
        """What tells one version of its look from the next; empty when it is the product's own."""
        return f"{self.colour[1:]}-{self.logotype[:16]}" if self.colour or self.logotype else ""

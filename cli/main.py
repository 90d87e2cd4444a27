"""The command line: kanalvakt …"""

from cli import policies
from cli.swedish import SwedishApp

app = SwedishApp(help="Kanalvakt håller reda på kommunens konton i sociala medier.")
app.add_typer(policies.app, name="policies")

if __name__ == "__main__":
    app()

"""The command line: kanalvakt …"""

from cli import audit, checking, importing, municipality, policies, target
from cli.swedish import SwedishApp

app = SwedishApp(help="Kanalvakt håller reda på kommunens konton i sociala medier.")
app.add_typer(audit.app, name="audit")
app.add_typer(importing.app, name="import")
app.add_typer(municipality.app, name="municipality")
app.add_typer(policies.app, name="policies")
app.add_typer(target.app, name="target")
app.command()(municipality.migrate)
app.command()(checking.check)

if __name__ == "__main__":
    app()

"""The command line: kanalvakt …"""

from cli import audit, importing, municipality, policies, records, target
from cli.swedish import SwedishApp

app = SwedishApp(help="Kanalvakt håller reda på kommunens konton i sociala medier.")
app.add_typer(audit.app, name="audit")
app.add_typer(importing.app, name="import")
app.add_typer(municipality.app, name="municipality")
app.add_typer(policies.app, name="policies")
app.add_typer(target.app, name="target")
app.command()(municipality.migrate)
app.command()(records.handout)
app.command(name="about-me")(records.about_me)

if __name__ == "__main__":
    app()

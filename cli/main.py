"""The command line: kanalvakt …"""

from cli import (
    audit,
    backing_up,
    checking,
    importing,
    inventory,
    municipality,
    people,
    policies,
    records,
    simulation,
    target,
    yearly,
)
from cli.beginning import asking
from cli.doctor import examining
from cli.swedish import SwedishApp

app = SwedishApp(help="Kanalvakt håller reda på kommunens konton i sociala medier.")
app.add_typer(audit.app, name="audit")
app.add_typer(importing.app, name="import")
app.add_typer(inventory.app, name="inventory")
app.add_typer(municipality.app, name="municipality")
app.add_typer(people.app, name="people")
app.add_typer(policies.app, name="policies")
app.add_typer(target.app, name="target")
app.command()(municipality.migrate)
app.command()(backing_up.backup)
app.command()(backing_up.restore)
app.command()(checking.check)
app.command()(examining.doctor)
app.command(name="new-municipality")(asking.new_municipality)
app.command(name="simulate")(simulation.simulate_year)
app.command()(simulation.preview)
app.command()(records.handout)
app.command(name="about-me")(records.about_me)
app.command()(yearly.report)

if __name__ == "__main__":
    app()

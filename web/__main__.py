"""Runs the portal: `python -m web --host 127.0.0.1 --port 8080`. Its settings are looked at first."""

import argparse
import sys

from runtime.plain_logs import keep_logs_plain, write_log_in_utc
from runtime.starting import WillNotStart, demand_key, keep_what_is_loaded, settings_to_start_with


def main() -> None:
    """Serve, or say why not."""
    parser = argparse.ArgumentParser(prog="python -m web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8080)
    chosen = parser.parse_args()
    keep_logs_plain()
    try:
        demand_key(settings_to_start_with(chosen.host))
    except WillNotStart as why:
        sys.exit(str(why))
    serve(chosen.host, chosen.port)


def serve(host: str, port: int) -> None:
    """Answer until told to stop."""
    import uvicorn

    from migrations import demand_this_version
    from runtime.database import installation_engine
    from web.app import create_app
    from web.watchman import start_watchman

    demand_this_version(installation_engine())
    write_log_in_utc()
    app = create_app()
    start_watchman(app.state.desk)
    keep_what_is_loaded()
    uvicorn.run(app, host=host, port=port, server_header=False, date_header=True, log_config=None)


if __name__ == "__main__":
    main()

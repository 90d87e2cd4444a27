"""Pages of an invented platform, built as the real ones are, on a server of this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NAME = "Exempelby bibliotek"
_STYLE = """
body { margin: 0; font-family: sans-serif; background: #f0f2f5 }
header { background: #14575f; color: white; padding: 20px; display: flex; justify-content: space-between }
article { background: white; margin: 20px auto; width: 680px; padding: 20px; min-height: 200px }
.veil { position: fixed; inset: 0; background: rgba(0, 0, 0, .6) }
.dialog { position: fixed; left: 300px; top: 200px; width: 500px; height: 500px; background: white }
.bar { position: fixed; left: 0; right: 0; bottom: 0; height: 120px; background: white }
"""
_POSTS = "".join(f"<article><p>Inlägg {n}: i dag läser vi sagor, välkommen!</p></article>" for n in range(12))
_FORM = (
    "<form><input type='email' placeholder='E-post'><input type='password' placeholder='Lösenord'>"
    "<button>Logga in</button></form>"
)
_COOKIES = (
    "<h2>Vi använder kakor</h2><p>Kakor hjälper oss. Samtycker du?</p>"
    "<button>Godkänn alla kakor</button><button>Neka</button>"
)


def html(body: str, title: str = f"{NAME} | Platsen") -> str:
    head = f"<meta charset='utf-8'><title>{title}</title><style>{_STYLE}</style>"
    return f"<!doctype html><html lang='sv'><head>{head}</head><body>{body}</body></html>"


def account(name: str = NAME, *, before: str = "", after: str = "") -> str:
    header = f"<header><h1>{name}</h1><a href='/login'>Logga in</a></header>"
    return html(f"{header}{before}{_POSTS}{after}", f"{name} | Platsen")


GOOD = {
    "plain": account(),
    "small-form": account(before=f"<div style='float:right;width:250px'>{_FORM}</div>"),
    "hidden-dialog": account(after=f"<div class='dialog' role='dialog' style='display:none'>{_FORM}</div>"),
    "unseen-dialog": account(
        after=f"<div class='dialog' style='opacity:0;pointer-events:none'>{_FORM}</div>"
    ),
    "cookie-bar": account(after=f"<div class='bar'>{_COOKIES}</div>"),
    "log-in-bar": account(after="<div class='bar'>Missa inget. <a>Logga in</a> <a>Registrera dig</a></div>"),
    "fixed-shell": html(
        f"<div style='position:fixed;inset:0;overflow:auto'><h1>{NAME}</h1><a>Logga in</a>{_POSTS}</div>"
    ),
    "side-columns": account(
        after="<div style='position:fixed;left:0;top:0;bottom:0;width:220px'>Logga in</div>"
        "<div style='position:fixed;right:0;top:0;bottom:0;width:220px'>Skapa konto</div>"
    ),
    "form-far-down": account(after=f"<footer style='height:600px'>{_FORM}</footer>"),
}
BAD = {
    "log-in": (
        "log_in",
        html(f"<main style='margin:200px auto;width:400px'><h1>Logga in</h1>{_FORM}</main>", "Platsen"),
    ),
    "log-in-of-account": (
        "log_in",
        html(
            f"<form style='margin:150px auto;width:420px;height:380px'><h1>{NAME}</h1>"
            "<input type='password'></form>"
        ),
    ),
    "log-in-dialog": (
        "log_in",
        account(after=f"<div class='veil'></div><div class='dialog' role='dialog'>{_FORM}</div>"),
    ),
    "log-in-invitation": (
        "log_in",
        account(after="<div class='veil'><p>Se mer</p><a>Logga in</a> <a>Skapa konto</a></div>"),
    ),
    "consent": ("consent", account(after=f"<div class='veil'><div class='dialog'>{_COOKIES}</div></div>")),
    "consent-absolute": (
        "consent",
        account(
            after=f"<div style='position:absolute;z-index:9999;inset:0;background:white'>{_COOKIES}</div>"
        ),
    ),
    "consent-shadow": (
        "consent",
        account(
            after="<div id='host'></div><script>host.attachShadow({mode: 'open'}).innerHTML = "
            f"`<div style='position:fixed;inset:0;background:white'>{_COOKIES}</div>`</script>"
        ),
    ),
    "consent-frame": (
        "consent",
        account(
            after="<div class='veil'><iframe style='width:900px;height:700px' "
            f'srcdoc="{_COOKIES}"></iframe></div>'
        ),
    ),
    "log-in-frame": (
        "log_in",
        html(
            "<iframe style='width:1000px;height:800px' "
            f'srcdoc="<style>form {{ height: 600px }}</style>{_FORM}"></iframe>'
        ),
    ),
    "modal": (
        "consent",
        account(
            after=f"<dialog id='d' style='width:800px;height:700px'>{_COOKIES}</dialog>"
            "<script>d.showModal()</script>"
        ),
    ),
    "gone": ("error_page", html("<h1>Sidan finns inte</h1><p>Den kan ha tagits bort.</p>", "Platsen")),
    "other": ("other_page", account("Grannby bibliotek")),
    "nothing": ("empty", html("", "Platsen")),
}


# What happens after the page has come; "ELSEWHERE" is a server that no capture may ask.
HAPPENS = {
    "busy": account(after="<script>setTimeout(() => { while (true) {} }, 200)</script>"),
    "never-loaded": account(after="<img src='/hangs'>"),
    "greedy": account(
        after="<script>let a = []; setInterval(() => a.push(new Uint8Array(5e7).fill(1)), 20)</script>"
    ),
    "looks-inside": account(
        after="<img src='ELSEWHERE'><iframe src='ELSEWHERE'></iframe>"
        "<script>fetch('ELSEWHERE', {mode: 'no-cors'})</script>"
        "<script>new WebSocket('ELSEWHERE'.replace('http', 'ws'))</script>"
    ),
    "pops-up": account(after="<script>alert('hej'); confirm('hej?'); open('/plain')</script>"),
    "wall-on-scroll": account(
        after=f"<div id='v' class='veil' style='display:none'>{_FORM}</div>"
        "<script>addEventListener('scroll', () => { v.style.display = 'block' })</script>"
    ),
    "tall": account(after="<div style='height:20000px;background:linear-gradient(red, blue)'></div>"),
    "lazy": account(
        after="<div style='height:4000px'></div>"
        "<img loading='lazy' src='/picture-far-down' width='9' height='9'>"
    ),
    "log-in-later": account(after="<script>location = '/login?next=x'</script>"),
}
ANSWERS = {
    "status-404": (404, account(), {}),
    "to-log-in": (302, "", {"Location": "/login?next=x"}),
    "to-elsewhere": (302, "", {"Location": "ELSEWHERE"}),
    "file": (200, "x" * 1000, {"Content-Type": "application/zip"}),
    "login": (200, BAD["log-in"][1], {}),
    **{name: (200, page, {}) for name, page in (GOOD | HAPPENS).items()},
    **{name: (200, page, {}) for name, (_, page) in BAD.items()},
}


class Platform(ThreadingHTTPServer):
    """Serves each page under its name; /hangs never answers before the end."""

    def __init__(self, elsewhere: str = "http://127.0.0.1:9") -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.origin = f"http://127.0.0.1:{self.server_port}"
        self.elsewhere = elsewhere
        self.ended = threading.Event()
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()


class _Answers(BaseHTTPRequestHandler):
    server: Platform

    def do_GET(self) -> None:
        name = self.path.strip("/").partition("?")[0]
        self.server.asked.append(name)
        if name == "hangs":
            self.server.ended.wait()
            return
        status, page, headers = ANSWERS.get(name, (404, "", {}))
        self.send_response(status)
        for key, value in {"Content-Type": "text/html; charset=utf-8", **headers}.items():
            self.send_header(key, value.replace("ELSEWHERE", self.server.elsewhere))
        self.end_headers()
        self.wfile.write(page.replace("ELSEWHERE", self.server.elsewhere).encode())

    def log_message(self, *arguments: object) -> None:
        """Nothing on the terminal."""

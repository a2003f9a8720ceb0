"""A reward expert behind a URL: short answers are good, empty ones do not count.  python3 expert.py 8901"""
import json
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


def score(row, concept):
    """One number, higher is better; None: the expert does not apply. base64.b64decode(row["image"]) is a PNG."""
    words = row["answer"].split()
    return 1 / len(words) if words else None


class Expert(BaseHTTPRequestHandler):
    def do_POST(self):
        request = json.loads(self.rfile.read(int(self.headers["content-length"])))
        scores = [score(row, request["concepts"][row["concept"]]) for row in request["rows"]]
        body = json.dumps({"scores": scores}).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Expert)
print(f"http://127.0.0.1:{server.server_port}/", flush=True)
server.serve_forever()

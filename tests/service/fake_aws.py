# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for AWS X-Ray on a port of its own: checks signatures with botocore, and fails as it is told."""

import http.server
import json
import socket
import socketserver
import threading
import time
import urllib.parse

import tap

try:
    from botocore.auth import SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    SigV4Auth = None

REGION = "eu-west-1"
KEYS = ("AKIDEXAMPLE", "secret/of+the=account", "token-1")


def answer(status, body=None, kind=None, **headers):
    """What one request gets."""
    if kind:
        headers["x-amzn-ErrorType"] = kind
        body = {"message": kind}
    return status, headers, json.dumps(body if body is not None else {}).encode()


class Aws:
    """Every request is verified and kept; @behave may answer it otherwise, or hold it back."""

    service = "xray"

    def __init__(self, keys=KEYS):
        if SigV4Auth is None:
            raise tap.Skip("botocore is not installed")
        self.keys = keys
        self.lock = threading.Lock()
        self.requests = []       # (path, parsed body, headers)
        self.documents = []      # those that were accepted, in order
        self.batches = []        # sizes of all PutTraceSegments that were verified
        self.bad_signatures = []
        self.behave = None       # (path, body, headers) → an answer, or None for the ordinary one
        self.go_on = threading.Event()
        self.go_on.set()
        self.connections = set()
        self.port = 0
        self.start()

    def start(self):
        aws = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                try:
                    status, headers, text = aws.serve(self.path, dict(self.headers.items()), body)
                    self.send_response_only(status)
                    for name, value in {"Content-Type": "application/json", **headers}.items():
                        self.send_header(name, value)
                    self.send_header("Content-Length", str(len(text)))
                    self.end_headers()
                    self.wfile.write(text)
                except OSError:
                    self.close_connection = True

            do_GET = do_PUT = do_POST

            def setup(self):
                super().setup()
                aws.connections.add(self.connection)

            def finish(self):
                aws.connections.discard(self.connection)
                super().finish()

            def log_message(self, *unused):
                pass

        class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
            daemon_threads = True
            request_queue_size = 64

            def handle_error(self, request, client_address):
                pass  # the collector went away

        self.server = Server(("127.0.0.1", self.port), Handler)
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def stop(self):
        self.go_on.set()
        self.server.shutdown()
        self.server.server_close()
        for connection in list(self.connections):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.thread.join()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.stop()

    def verify(self, path, headers, body):
        """The signature, made again by botocore from what came."""
        lower = {name.lower(): value for name, value in headers.items()}
        given = lower.get("authorization", "")
        parts = dict(part.strip().split("=", 1) for part in given.partition(" ")[2].split(",") if "=" in part)
        names = parts.get("SignedHeaders", "").split(";")
        scope = parts.get("Credential", "").split("/")
        if len(scope) != 5 or scope[2:] != [REGION, self.service, "aws4_request"] or not {"host", "x-amz-date"} <= set(names):
            return f"scope {scope}, headers {names}"
        request = AWSRequest("POST", f"http://{lower['host']}{path}", data=body, headers={name: lower[name] for name in names})
        request.context["timestamp"] = lower["x-amz-date"]
        signer = SigV4Auth(Credentials(*self.keys), self.service, REGION)
        expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        if scope[0] != self.keys[0] or lower.get("x-amz-security-token") != self.keys[2] or "x-amz-security-token" not in names:
            return f"keys of {scope[0]}"
        return None if parts.get("Signature") == expected else f"signature of {names}"

    def serve(self, path, headers, body):
        parsed = json.loads(body) if body else {}
        with self.lock:
            self.requests.append((path, parsed, headers))
            behave = self.behave
        told = behave(path, parsed, headers) if behave else None
        if not self.go_on.wait(tap.PATIENCE):
            return answer(503)
        if told:
            return told
        problem = self.verify(path, headers, body)
        if problem:
            self.bad_signatures.append(problem)
            return answer(403, kind="InvalidSignatureException")
        if path == "/TraceSegments":
            return self.take(parsed["TraceSegmentDocuments"])
        return answer(200)

    def take(self, documents, refuse=lambda document: None):
        """Accepts documents; @refuse gives the code of one that it does not."""
        unprocessed = []
        with self.lock:
            self.batches.append(len(documents))
            for document in map(json.loads, documents):
                code = refuse(document)
                if code:
                    unprocessed.append({"Id": document["id"], "ErrorCode": code, "Message": "no"})
                else:
                    self.documents.append(document)
        return answer(200, {"UnprocessedTraceSegments": unprocessed})

    def ids(self):
        with self.lock:
            return [document["id"] for document in self.documents]

    def of(self, path):
        with self.lock:
            return [(body, headers) for each, body, headers in self.requests if each == path]


class Sts(Aws):
    """A stand-in for STS: roles can be assumed with the keys it was made with."""

    service = "sts"

    def __init__(self, keys=KEYS, lifetime=3600):
        self.lifetime = lifetime  # of the keys given out, in seconds
        self.forms = []
        self.given = []
        self.deny = False
        super().__init__(keys)

    def serve(self, path, headers, body):
        form = dict(urllib.parse.parse_qsl(body.decode(), strict_parsing=True))
        problem = self.verify(path, headers, body)
        with self.lock:
            self.forms.append(form)
            n = len(self.forms)
            if problem:
                self.bad_signatures.append(problem)
        if problem or self.deny:
            code = "SignatureDoesNotMatch" if problem else "AccessDenied"
            return 403, {"Content-Type": "text/xml"}, f"<ErrorResponse><Error><Code>{code}</Code><Message>no</Message></Error></ErrorResponse>".encode()
        keys = (f"ASIA{n}", f"secret/{n}", f"token+{n}==")
        with self.lock:
            self.given.append(keys)
        until = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + self.lifetime))
        return 200, {"Content-Type": "text/xml"}, (
            '<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><AssumedRoleUser>'
            f'<AssumedRoleId>AROA:x</AssumedRoleId><Arn>{form["RoleArn"]}/x</Arn></AssumedRoleUser><Credentials>'
            "<AccessKeyId>{}</AccessKeyId><SecretAccessKey>{}</SecretAccessKey><SessionToken>{}</SessionToken>".format(*keys)
            + f"<Expiration>{until}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>").encode()

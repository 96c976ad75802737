#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""fluoroscope-cli signing in to AWS on a terminal, and without one."""
import hashlib
import http.server
import json
import os
import pty
import select
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "service"))
import tap  # pylint: disable=wrong-import-position

START = "https://corp.awsapps.com/start"
SERIAL = "arn:aws:iam::111122223333:mfa/alice"
GROUPS = {"Groups": [{"GroupName": "Checkout", "GroupARN": "arn:aws:xray:eu-west-1:1:group/Checkout/x", "FilterExpression": 'service("checkout")'}]}


class Fake:
    """IAM Identity Center, STS and X-Ray on one port."""

    def __init__(self):
        self.asked = []
        self.pending = 1
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, kind, text = fake.serve(self.path.split("?")[0], body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST = answer

            def log_message(self, *unused):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, path, body):
        self.asked.append((path, body))
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 3600))
        if path == "/client/register":
            found = {"clientId": "c", "clientSecret": "CANARY-s", "clientSecretExpiresAt": 4102444800}
        elif path == "/device_authorization":
            found = {"deviceCode": "CANARY-d", "userCode": "WXYZ-ABCD", "verificationUri": "https://device.sso.eu-west-1.amazonaws.com/", "expiresIn": 600, "interval": 1}
        elif path == "/token" and self.pending > 0:
            self.pending -= 1
            return 400, "application/json", '{"error":"authorization_pending"}'
        elif path == "/token":
            found = {"accessToken": "CANARY-token", "expiresIn": 28800}
        elif path == "/federation/credentials":
            found = {"roleCredentials": {"accessKeyId": "ASIASSO", "secretAccessKey": "CANARY-k", "sessionToken": "CANARY-t", "expiration": int(time.time() + 3600) * 1000}}
        elif path == "/Groups":
            found = GROUPS
        else:
            form = dict(urllib.parse.parse_qsl(body))
            if form.get("TokenCode") != "654321":
                return 403, "text/xml", "<ErrorResponse><Error><Code>AccessDenied</Code><Message>no such code</Message></Error></ErrorResponse>"
            return 200, "text/xml", (
                "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIASTS</AccessKeyId><SecretAccessKey>CANARY-x</SecretAccessKey>"
                f"<SessionToken>CANARY-y</SessionToken><Expiration>{end}</Expiration></Credentials><AssumedRoleUser>"
                "<Arn>arn:aws:sts::444455556666:assumed-role/oncall/me</Arn></AssumedRoleUser></AssumeRoleResult></AssumeRoleResponse>")
        return 200, "application/json", json.dumps(found)


class Home:
    """A home with the three kinds of profiles, and one connection."""

    def __init__(self, url):
        self.path = tempfile.mkdtemp(prefix="fluo-sign-in-")
        os.makedirs(self.path + "/.aws")
        os.makedirs(self.path + "/config/fluoroscope")
        with open(self.path + "/.aws/config", "w", encoding="utf-8") as file:
            file.write(f"[default]\nregion = eu-west-1\naws_access_key_id = AKID\naws_secret_access_key = CANARY-u\n"
                       f"[profile corp]\nsso_session = corp\nsso_account_id = 402155889917\nsso_role_name = read\nregion = eu-west-1\n"
                       f"[sso-session corp]\nsso_start_url = {START}\nsso_region = eu-west-1\n"
                       f"[profile mfa]\nrole_arn = arn:aws:iam::444455556666:role/oncall\nsource_profile = default\nmfa_serial = {SERIAL}\nregion = eu-west-1\n"
                       "[profile login]\nlogin_session = arn:aws:sts::111122223333:assumed-role/Admin/alice\nregion = eu-west-1\n")
        with open(self.path + "/config/fluoroscope/connections.ini", "w", encoding="utf-8") as file:
            file.write(f"[connections]\nVersion=1\nOrder=a;\n[connection a]\nKind=sso\nName=Shop prod\nSsoStartUrl={START}\nSsoRegion=eu-west-1\n"
                       f"SsoAccount=402155889917\nSsoRole=read\nRegion=eu-west-1\nEndpoint={url}\n")
        self.env = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "FLUOROSCOPE_", "XDG_"))}
        self.env.update(HOME=self.path, XDG_CONFIG_HOME=self.path + "/config", XDG_DATA_HOME=self.path + "/data", LC_ALL="C.UTF-8", TZ="UTC",
                        AWS_EC2_METADATA_DISABLED="true", AWS_ENDPOINT_URL=url)

    def run(self, *words):
        """Without a terminal."""
        return subprocess.run([tap.CLI, *words], capture_output=True, text=True, env=self.env, stdin=subprocess.DEVNULL, timeout=tap.PATIENCE, check=False)

    def on_terminal(self, words, typed=(), meanwhile=None):
        """With one: types each answer when its question is there. Exit code, standard output, what the terminal showed."""
        above, below = pty.openpty()
        with subprocess.Popen([tap.CLI, *words], stdin=below, stdout=subprocess.PIPE, stderr=below, env=self.env, start_new_session=True, preexec_fn=tap.tie) as process:
            os.close(below)
            shown = ""
            left = list(typed)
            end = time.monotonic() + tap.PATIENCE
            while time.monotonic() < end:
                if select.select([above], [], [], 0.1)[0]:
                    try:
                        shown += os.read(above, 4096).decode()
                    except OSError:
                        break
                if left and left[0][0] in shown.replace("\r", ""):
                    os.write(above, left.pop(0)[1].encode())
                if meanwhile and meanwhile(shown):
                    meanwhile = None
                if process.poll() is not None and not select.select([above], [], [], 0)[0]:
                    break
            os.close(above)
            out = process.stdout.read().decode()
            process.wait(timeout=tap.PATIENCE)
            assert not left, (left, shown)
            return process.returncode, out, shown.replace("\r", "")

    def remove(self):
        shutil.rmtree(self.path)


def with_home(test):
    def run():
        fake = Fake()
        home = Home(fake.url)
        try:
            test(fake, home)
        finally:
            home.remove()
            fake.server.shutdown()
            fake.server.server_close()
    run.__doc__ = test.__doc__
    return run


@with_home
def single_sign_on(fake, home):
    """single sign-on: the address and the code are shown, and the sign-in is kept for the next command"""
    code, out, shown = home.on_terminal(["--profile", "corp", "sign-in"])
    assert code == 0, (code, out, shown)
    assert "https://device.sso.eu-west-1.amazonaws.com/" in shown and "WXYZ-ABCD" in shown and "sign in to corp" in shown, shown
    assert out.startswith("Signed in, account 402155889917"), out
    assert "CANARY" not in out + shown
    # The AWS tools find it where they look.
    name = hashlib.sha1(b"corp").hexdigest()
    with open(f"{home.path}/.aws/sso/cache/{name}.json", encoding="utf-8") as file:
        assert json.load(file)["accessToken"] == "CANARY-token"
    done = home.run("--profile", "corp", "groups")
    assert done.returncode == 0 and "Checkout" in done.stdout, done
    assert len([path for path, _ in fake.asked if path == "/device_authorization"]) == 1


@with_home
def command_signs_in(_fake, home):
    """a command that finds nobody signed in asks by itself, and prints only its own on standard output"""
    code, out, shown = home.on_terminal(["--json", "--profile", "corp", "groups"])
    assert code == 0, (code, out, shown)
    assert "WXYZ-ABCD" in shown, shown
    assert json.loads(out)["Groups"][0]["GroupName"] == "Checkout", out


@with_home
def without_terminal(_fake, home):
    """without a terminal nobody is asked: exit 5, and what to do"""
    done = home.run("--profile", "corp", "groups")
    assert done.returncode == 5 and done.stdout == "", done
    assert "nobody is signed in" in done.stderr and "fluoroscope-cli sign-in" in done.stderr, done.stderr


@with_home
def mfa_code(fake, home):
    """the code of an MFA device is asked for, again when it is none, and spent once"""
    code, out, shown = home.on_terminal(["--profile", "mfa", "groups"], [(f"{SERIAL} shows now: ", "12345\n"), ("That is no code.", "654 321\n")])
    assert code == 0 and "Checkout" in out, (code, out, shown)
    assert len([body for _, body in fake.asked if "TokenCode=654321" in body]) == 1
    code, out, shown = home.on_terminal(["--profile", "mfa", "groups"], [("shows now: ", "111111\n")])
    assert code == 5 and "no such code" in shown, (code, out, shown)


@with_home
def given_up(_fake, home):
    """the end of input ends the asking"""
    code, _, shown = home.on_terminal(["--profile", "mfa", "groups"], [("shows now: ", "\x04")])
    assert code == 130 and "Interrupted" in shown, (code, shown)


@with_home
def connection(_fake, home):
    """a connection of the application's list, by its name in any case; others are named"""
    code, out, shown = home.on_terminal(["--connection", "shop PROD", "groups"])
    assert code == 0 and "Checkout" in out and "WXYZ-ABCD" in shown, (code, out, shown)
    done = home.run("--connection", "Shop", "groups")
    assert done.returncode == 2 and "There are “Shop prod”." in done.stderr, done
    done = home.run("--connection", "Shop prod", "--profile", "corp", "groups")
    assert done.returncode == 2 and "Give one of" in done.stderr, done
    done = home.run("--connection", "Shop prod", "credentials")
    assert done.returncode == 2 and "CANARY" not in done.stdout, done


@with_home
def aws_login(_fake, home):
    """“aws login”: the command is shown, and a session that it began is taken up"""
    session = "arn:aws:sts::111122223333:assumed-role/Admin/alice"
    path = f"{home.path}/.aws/login/cache/{hashlib.sha256(session.encode()).hexdigest()}.json"

    def begin(shown):
        if "aws login --profile login" not in shown:
            return False
        os.makedirs(os.path.dirname(path))
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + 900))
        with open(path, "w", encoding="utf-8") as file:
            json.dump({"accessToken": {"accessKeyId": "ASIALOGIN", "secretAccessKey": "CANARY-l", "sessionToken": "CANARY-m", "accountId": "111122223333",
                                       "expiresAt": end}, "clientId": "c", "refreshToken": "CANARY-n", "dpopKey": "CANARY-o"}, file)
        return True

    code, out, shown = home.on_terminal(["--profile", "login", "sign-in"], meanwhile=begin)
    assert code == 0 and "account 111122223333" in out, (code, out, shown)


@with_home
def local(_fake, home):
    """there is nobody to sign in to on this computer"""
    done = home.run("sign-in")
    assert done.returncode == 2 and "--profile or --connection" in done.stderr, done


tap.run([single_sign_on, command_signs_in, without_terminal, mfa_code, given_up, connection, aws_login, local])

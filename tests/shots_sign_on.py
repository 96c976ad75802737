# SPDX-License-Identifier: GPL-3.0-or-later
"""Single sign-on from nothing: where, the browser, an account, a role, the form."""
import json
import os
import time

ACCOUNTS = ["petshop-prod", "petshop-staging", "petshop-test", "data-lake", "log-archive", "security-audit", "sandbox-anna", "sandbox-ben",
            "petshop-production-settlement-reconciliation-orchestrator-frankfurt", "network-hub"]
ROLES = ["AdministratorAccess", "ReadOnlyAccess", "Billing", "oncall-read", "ShopDeployer"]


def answers(state):
    accounts = [{"accountId": f"{402155889917 + 7919 * i}", "accountName": name + ("" if i < 10 else f"-{i}"), "emailAddress": f"aws+{name[:20]}{i}@petshop.example"}
                for i, name in enumerate(ACCOUNTS * 5)]
    return {"/client/register": {"clientId": "c", "clientSecret": "s", "clientIdIssuedAt": 1, "clientSecretExpiresAt": 4102444800},
            "/device_authorization": {"deviceCode": "d", "userCode": "WXYZ-ABCD", "verificationUri": "https://device.sso.eu-central-1.amazonaws.com/",
                                      "expiresIn": 600, "interval": 1},
            "/token": {"accessToken": "t", "expiresIn": 28800, "tokenType": "Bearer"} if state["confirmed"] else None,
            "/assignment/accounts": {"accountList": accounts if state["assigned"] else []},
            "/assignment/roles": {"roleList": [{"roleName": role, "accountId": "x"} for role in ROLES]}}


def make_scene(other, window_place):
    """OTHER is a server that does nothing; the window is opened at WINDOW_PLACE's "Connect to AWS"."""

    def scene_sign_on(window_of, tone, empty):
        place = other(True)
        state = {"confirmed": False, "assigned": True}

        def answer(handler):
            found = answers(state).get(handler.path.split("?")[0])
            body = json.dumps(found or {"error": "authorization_pending"}).encode()
            handler.send_response(200 if found else 400)
            handler.send_header("Content-Type", "application/json")
            handler.send_header("Content-Length", str(len(body)))
            handler.end_headers()
            handler.wfile.write(body)

        place.server.RequestHandlerClass.do_POST = answer
        place.server.RequestHandlerClass.do_GET = answer
        for name in ("SSO", "SSO_OIDC"):
            os.environ["AWS_ENDPOINT_URL_" + name] = place.url
        window = window_of(endpoint=empty.url)
        window.click(*window_place)
        time.sleep(1)
        window.shot(f"sign-on-none-{tone}")
        window.key("Tab", "Return")
        time.sleep(1)
        window.type("corp")
        window.shot(f"sign-on-where-{tone}")
        window.key("Return")
        time.sleep(2)
        window.shot(f"sign-on-browser-{tone}")
        state["confirmed"] = True
        time.sleep(3)
        window.shot(f"sign-on-accounts-{tone}")
        window.type("petshop-prod")
        window.shot(f"sign-on-found-{tone}")
        window.key("Return")
        time.sleep(1)
        window.shot(f"sign-on-roles-{tone}")
        window.type("oncall")
        window.key("Return")
        time.sleep(1)
        window.shot(f"sign-on-form-{tone}")
        window.close()
        for name in ("SSO", "SSO_OIDC"):
            del os.environ["AWS_ENDPOINT_URL_" + name]
        place.stop()

    return scene_sign_on

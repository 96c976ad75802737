# SPDX-License-Identifier: GPL-3.0-or-later
"""Which of many configured credentials win: botocore and ours must agree on each row of a table, but for what is
written down as different on purpose. Prints TAP."""
import hashlib
import http.server
import importlib.util
import json
import logging
import os
import subprocess
import sys
import tempfile
import threading

try:
    import botocore.credentials
    import botocore.session
except ImportError:
    print('1..0 # SKIP python3-botocore is not installed')
    sys.exit(0)

ARN = 'arn:aws:iam::111122223333:role/%s'
LOGIN = 'arn:aws:sts::111122223333:assumed-role/Admin/alice'
CREDENTIALS = '[keys]\naws_access_key_id = AKIDCRED\naws_secret_access_key = s\n'
STATIC = 'aws_access_key_id = AKIDCONF\naws_secret_access_key = s\n'
SSO = 'sso_session = corp\nsso_account_id = 111122223333\nsso_role_name = Read\n'
OLD_SSO = 'sso_start_url = https://a.awsapps.com/start\nsso_region = eu-west-1\nsso_account_id = 111122223333\nsso_role_name = Read\n'
PROCESS = 'credential_process = %s\n'
WEB = 'web_identity_token_file = %s\nrole_arn = ' + ARN % 'web' + '\n'
SESSIONS = '[sso-session corp]\nsso_start_url = https://a.awsapps.com/start\nsso_region = eu-west-1\n'


def role(name, source):
    return 'role_arn = %s\nsource_profile = %s\n' % (ARN % name, source)


def profiles(dir_):
    """Name -> (config file, credentials file) of every kind of profile."""
    process = PROCESS % os.path.join(dir_, 'process')
    web = WEB % os.path.join(dir_, 'token')
    login = 'login_session = %s\n' % LOGIN
    static = 'aws_access_key_id = AKIDOWN\naws_secret_access_key = s\n'
    return {
        'cred': ('', static), 'conf': (STATIC, ''), 'both': (STATIC, static), 'empty': ('region = eu-west-1\n', ''),
        'half': ('', 'aws_access_key_id = AKIDOWN\n'), 'halfconf': ('aws_access_key_id = A\n', ''),
        'split': ('aws_secret_access_key = s\n', 'aws_access_key_id = AKIDOWN\n'),
        'sso': (SSO, ''), 'oldsso': (OLD_SSO, ''), 'sso-cred': (SSO, static), 'sso-conf': (SSO + STATIC, ''), 'sso-process': (SSO + process, ''),
        'sso-half': ('sso_session = corp\nsso_role_name = Read\n', ''), 'sso-lost': (SSO.replace('corp', 'lost'), ''),
        'web': (web, ''), 'web-sso': (web + SSO, ''), 'web-cred': (web, static), 'web-norole': ('web_identity_token_file = /x\n', ''),
        'process': (process, ''), 'process-cred': (process, static), 'process-conf': (process + STATIC, ''),
        'login': (login, ''), 'login-cred': (login, static), 'login-conf': (login + STATIC, ''), 'login-process': (login + process, ''),
        'login-sso': (login + SSO, ''),
        'role': (role('r', 'keys'), ''), 'role-cred': (role('r', 'keys'), static), 'role-self': (role('r', 'role-self'), static),
        'role-bare': (role('r', 'role-bare'), ''), 'role-chain': (role('r2', 'role'), ''), 'role-sso': (role('r', 'sso'), ''),
        'role-process': (role('r', 'process'), ''), 'role-web': (role('r', 'web'), ''), 'role-conf': (role('r', 'conf'), ''),
        'role-ssocred': (role('r', 'sso-cred'), ''), 'role-rolecred': (role('r', 'role-cred'), ''), 'role-empty': (role('r', 'empty'), ''),
        'role-gone': (role('r', 'nosuch'), ''), 'role-login': (role('r', 'login'), ''),
        'role-env': ('role_arn = %s\ncredential_source = Environment\n' % (ARN % 'r'), ''),
        'role-ecs': ('role_arn = %s\ncredential_source = EcsContainer\n' % (ARN % 'r'), ''),
        'role-two': (role('r', 'keys') + 'credential_source = Environment\n', ''), 'role-none': ('role_arn = %s\n' % (ARN % 'r'), ''),
        'circle-a': (role('a', 'circle-b'), ''), 'circle-b': (role('b', 'circle-a'), ''),
    }


ENV = {'AWS_ACCESS_KEY_ID': 'AKIDENV', 'AWS_SECRET_ACCESS_KEY': 's'}
WEB_ENV = {'AWS_WEB_IDENTITY_TOKEN_FILE': '/x', 'AWS_ROLE_ARN': ARN % 'web'}

# What differs on purpose, with the reason: (row, theirs, ours).
DIFFERENT = {
    # An error of ours too, the one that says where was looked.
    'role-empty': ('error', 'none'),
    # Keys of the environment are enough; that AWS_PROFILE names nothing harms nobody.
    'AWS_PROFILE=nosuch+env': ('error', '0 env AKIDENV'),
}


def table(names, container):
    """(row's name, profile named, environment)"""
    for name in names:
        yield name, name, {}
    for name in ('cred', 'sso', 'process', 'role', 'web', 'empty', 'role-env'):
        yield name + '+env', name, ENV
        yield 'AWS_PROFILE=%s+env' % name, None, dict(ENV, AWS_PROFILE=name)
        yield 'AWS_PROFILE=%s+web' % name, None, dict(WEB_ENV, AWS_PROFILE=name)
        yield 'AWS_PROFILE=%s+container' % name, None, dict(container, AWS_PROFILE=name)
    yield 'nothing', None, {}
    yield 'env', None, ENV
    yield 'env-half', None, {'AWS_ACCESS_KEY_ID': 'AKIDENV'}
    yield 'env-empty', None, {'AWS_ACCESS_KEY_ID': '', 'AWS_SECRET_ACCESS_KEY': ''}
    yield 'web-env', None, WEB_ENV
    yield 'web-env-norole', None, {'AWS_WEB_IDENTITY_TOKEN_FILE': '/x'}
    yield 'web-env+env', None, dict(WEB_ENV, **ENV)
    yield 'container', None, container
    yield 'container+env', None, dict(container, **ENV)
    yield 'role-ecs+container', 'role-ecs', container
    yield 'AWS_PROFILE=nosuch', None, {'AWS_PROFILE': 'nosuch'}
    yield 'AWS_PROFILE=nosuch+env', None, dict(ENV, AWS_PROFILE='nosuch')
    yield 'nosuch', 'nosuch', {}
    yield 'AWS_DEFAULT_PROFILE=cred', None, {'AWS_DEFAULT_PROFILE': 'cred'}


def describe(credentials):
    roles = 0
    while credentials is not None and credentials.method == 'assume-role':
        roles += 1
        credentials = credentials._refresh_using.__self__._source_credentials
    if credentials is None:
        return 'none'
    static = credentials.method in ('env', 'shared-credentials-file', 'config-file')
    return '%d %s %s' % (roles, credentials.method, credentials.get_frozen_credentials().access_key if static else '-')


def by_botocore(profile):
    try:
        return describe(botocore.session.Session(profile=profile).get_credentials())
    except Exception:  # each kind of mistake has a class of its own
        return 'error'


def by_ours(tool, profile):
    done = subprocess.run([tool] + ([profile] if profile else []), stdout=subprocess.PIPE, check=True, text=True)
    return done.stdout.strip()


class Container(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        body = json.dumps({'AccessKeyId': 'A', 'SecretAccessKey': 's', 'Token': 't', 'Expiration': '2099-01-01T00:00:00Z'}).encode()
        self.send_response(200)
        self.send_header('Content-Type', 'application/json')
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def write(path, text, mode=0o600):
    with open(path, 'w', encoding='utf-8') as file:
        file.write(text)
    os.chmod(path, mode)


def set_up(dir_):
    kinds = profiles(dir_)
    write(os.path.join(dir_, 'config'), SESSIONS + ''.join('[profile %s]\n%s' % (name, kind[0]) for name, kind in kinds.items()))
    write(os.path.join(dir_, 'credentials'), CREDENTIALS + ''.join('[%s]\n%s' % (name, kind[1]) for name, kind in kinds.items() if kind[1]))
    write(os.path.join(dir_, 'token'), 'token')
    write(os.path.join(dir_, 'process'), '#!/bin/sh\necho \'{"Version":1,"AccessKeyId":"AKIDPROC","SecretAccessKey":"s"}\'\n', 0o700)
    for name in [name for name in os.environ if name.startswith('AWS_')]:
        del os.environ[name]
    os.makedirs(os.path.join(dir_, 'login'))
    name = hashlib.sha256(LOGIN.encode()).hexdigest() + '.json'
    write(os.path.join(dir_, 'login', name), json.dumps(
        {'accessToken': {'accessKeyId': 'AKIDLOGIN', 'secretAccessKey': 's', 'sessionToken': 't', 'accountId': '111122223333',
                         'expiresAt': '2099-01-01T00:00:00Z'},
         'clientId': 'c', 'refreshToken': 'r', 'dpopKey': 'k', 'tokenType': 'aws_sigv4', 'idToken': 'i'}))
    os.environ.update(AWS_LOGIN_CACHE_DIRECTORY=os.path.join(dir_, 'login'), HOME=dir_, AWS_CONFIG_FILE=os.path.join(dir_, 'config'), AWS_EC2_METADATA_DISABLED='true',
                      AWS_SHARED_CREDENTIALS_FILE=os.path.join(dir_, 'credentials'), AWS_REGION='eu-west-1', AWS_DEFAULT_REGION='eu-west-1')
    return kinds


def main():
    logging.disable(logging.CRITICAL)
    tool = sys.argv[1]
    # "aws login" came late, and botocore needs another library for it.
    has_login = hasattr(botocore.credentials, 'LoginProvider') and importlib.util.find_spec('awscrt') is not None
    server = http.server.ThreadingHTTPServer(('127.0.0.1', 0), Container)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    agreed = rows = 0
    with tempfile.TemporaryDirectory() as dir_:
        kinds = set_up(dir_)
        names = [name for name in kinds if has_login or 'login' not in name]
        container = {'AWS_CONTAINER_CREDENTIALS_FULL_URI': 'http://127.0.0.1:%d/' % server.server_port}
        for row, profile, variables in table(names, container):
            os.environ.update(variables)
            theirs, ours = by_botocore(profile), by_ours(tool, profile)
            for name in variables:
                del os.environ[name]
            rows += 1
            if theirs == ours or DIFFERENT.get(row) == (theirs, ours):
                agreed += 1
            else:
                print('# %s: botocore "%s", ours "%s"' % (row, theirs, ours))
    server.shutdown()
    print('# botocore %s, %s' % (botocore.__version__, 'with aws login' if has_login else 'without aws login'))
    print('1..1')
    print('%sok 1 the same credentials win in %d of %d rows' % ('' if agreed == rows >= 60 else 'not ', agreed, rows))
    return agreed != rows


if __name__ == '__main__':
    sys.exit(main())

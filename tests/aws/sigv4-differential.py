# SPDX-License-Identifier: GPL-3.0-or-later
"""Signs random requests with botocore and with ours; both must agree. Prints TAP."""
import base64
import datetime
import random
import subprocess
import sys
from unittest import mock

try:
    import botocore.auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
except ImportError:
    print('1..0 # SKIP python3-botocore is not installed')
    sys.exit(0)

SEED, REQUESTS = 20260820, 10000
UNRESERVED = 'abcXYZ019-._~'


def encode(text):
    return base64.b64encode(text.encode()).decode()


def word(rng, alphabet, low, high):
    return ''.join(rng.choice(alphabet) for _ in range(rng.randint(low, high)))


def make(rng):
    path = '/' + '/'.join(
        rng.choice(['..', '.', '', word(rng, UNRESERVED, 1, 8), word(rng, UNRESERVED, 0, 3) + '%20' + word(rng, 'é中a', 0, 3)])
        for _ in range(rng.randint(0, 4)))
    # Names and values are sent percent-encoded once, which is what botocore expects of a URL.
    query = '&'.join(word(rng, 'abAB-', 1, 3) + '=' + rng.choice(['', word(rng, UNRESERVED, 0, 6), '%20%2F%3D', '%C3%A9'])
                     for _ in range(rng.choice([0, 0, 1, 3, 6])))
    headers = {'X-Custom-%s' % word(rng, 'abc', 1, 2): word(rng, 'ab  \t,;="', 1, 12).strip() or 'v'
               for _ in range(rng.randint(0, 3))}
    headers['Content-Type'] = rng.choice(['application/json', 'text/plain; charset=utf-8'])
    if rng.random() < 0.3:
        headers['User-Agent'] = 'unsigned'
    host = rng.choice(['xray.eu-west-1.amazonaws.com', '127.0.0.1:2000', 'Example.COM:8443'])
    return {
        'method': rng.choice(['GET', 'POST', 'PUT', 'DELETE']), 'path': path, 'query': query, 'headers': headers, 'host': host,
        'body': word(rng, '{}":[]é中 abc\n', 0, 200), 'region': rng.choice(['us-east-1', 'eu-west-1', 'cn-north-1']),
        'service': rng.choice(['xray', 'sts', 'logs', 'monitoring']), 'access': 'AKID' + word(rng, 'ABC123', 4, 12),
        'secret': word(rng, UNRESERVED + '+/', 10, 80), 'token': rng.choice([None, word(rng, UNRESERVED + '+/=', 20, 300)]),
        'time': datetime.datetime(2000, 1, 1) + datetime.timedelta(seconds=rng.randrange(2 ** 31)),
    }


def by_botocore(case):
    request = AWSRequest(case['method'], 'http://%s%s%s' % (case['host'], case['path'], case['query'] and '?' + case['query']),
                         headers=case['headers'], data=case['body'].encode())

    class FixedTime(datetime.datetime):
        @classmethod
        def utcnow(cls):
            return case['time']

    signer = botocore.auth.SigV4Auth(Credentials(case['access'], case['secret'], case['token']), case['service'], case['region'])
    patched = mock.patch.object(botocore.auth.datetime, 'datetime', FixedTime) if hasattr(botocore.auth.datetime, 'datetime') \
        else mock.patch.object(botocore.auth, 'datetime', FixedTime)
    with patched:
        signer.add_auth(request)
    return request.headers['Authorization']


def by_ours(tool, case):
    timestamp = case['time'].strftime('%Y%m%dT%H%M%SZ')
    lines = ['%s %s' % (name, encode(case[name]))
             for name in ('method', 'path', 'query', 'body', 'region', 'service', 'access', 'secret')]
    lines.append('timestamp ' + encode(timestamp))
    headers = dict(case['headers'], Host=case['host'].lower())
    headers['X-Amz-Date'] = timestamp
    if case['token']:
        lines.append('token ' + encode(case['token']))
        headers['X-Amz-Security-Token'] = case['token']
    lines += ['header %s %s' % (encode(name), encode(value)) for name, value in headers.items()]
    tool.stdin.write('\n'.join(lines) + '\n\n')
    tool.stdin.flush()
    return tool.stdout.readline().strip()


def main():
    rng = random.Random(SEED)
    tool = subprocess.Popen([sys.argv[1]], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    agreed, shown = 0, 0
    for number in range(REQUESTS):
        case = make(rng)
        theirs, ours = by_botocore(case), by_ours(tool, case)
        if theirs == ours:
            agreed += 1
        elif shown < 5:
            shown += 1
            print('# %d %r\n#   botocore %s\n#   ours     %s' % (number, case, theirs, ours))
    tool.stdin.close()
    tool.wait()
    print('# %d of %d requests agree' % (agreed, REQUESTS))
    print('%sok 1 signatures agree with botocore' % ('' if agreed == REQUESTS else 'not '))
    print('1..1')
    return agreed != REQUESTS


sys.exit(main())

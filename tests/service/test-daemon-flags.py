#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""The X-Ray daemon's command lines and cfg.yaml start the collector too."""

import contextlib
import json
import os
import shutil
import stat
import subprocess
import tempfile

import fake_aws
import tap

EXAMPLE = """\
# Maximum buffer size in MB (minimum 3). Choose 0 to use 1% of host memory.
TotalBufferSizeMB: 0
Concurrency: 8
Region: ""
Endpoint: ""
Socket:
  # Change the address and port on which the daemon listens for UDP packets
  UDPAddress: "127.0.0.1:0"
  TCPAddress: "127.0.0.1:0"
Logging:
  LogRotation: true
  LogLevel: prod
  LogPath: ""
LocalMode: false
ResourceARN: ""
RoleARN: ""
ProxyAddress: ""
NoVerifySSL: false
Version: 2
"""


@contextlib.contextmanager
def directory():
    home = tempfile.mkdtemp(prefix="fluo-flags-")
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


def start(home, *arguments):
    return tap.Collector(home, arguments, listen=(), udp=())


def run(home, *arguments):
    """Where it must end by itself."""
    return subprocess.run([tap.BINARY, *arguments], env=tap.environment(home), capture_output=True, text=True, errors="replace",
                          timeout=tap.PATIENCE)


def write(home, text, name="cfg.yaml"):
    path = os.path.join(home, name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def works(collector):
    """Datagrams and HTTP."""
    document = tap.segment()
    collector.datagram(tap.HEADER + json.dumps(document).encode())
    tap.wait_until(lambda: collector.status()["Stored"] == 1, "stored")
    tap.equal(len(collector.summaries()), 1)


def test_command_line():
    """the daemon's usual command line works, on the addresses it names, and sends nothing to AWS"""
    for arguments in [["-o", "-b", "127.0.0.1:0", "-t", "127.0.0.1:0", "-n", "us-east-1"],
                      ["--local-mode", "--bind", "127.0.0.1:0", "--bind-tcp", "127.0.0.1:0", "--region", "us-east-1",
                       "--buffer-memory", "100", "--resource-arn", "arn:aws:ecs:us-east-1:1:task/x", "--log-level", "prod",
                       "--proxy-address", "http://127.0.0.1:9"]]:
        with directory() as home, start(home, *arguments) as collector:
            works(collector)
            tap.equal((len(collector.ready["udp"]), len(collector.ready["http"])), (1, 1))
            tap.equal(collector.status()["Relay"], None)
            assert "nothing is sent to AWS" in collector.read_log(), collector.read_log()


def test_example():
    """the daemon's own cfg.yaml is taken; what means nothing here is named; a flag beats the file"""
    with directory() as home:
        log = os.path.join(home, "daemon.log")
        path = write(home, EXAMPLE.replace('LogPath: ""', f"LogPath: '{log}'").replace("LogLevel: prod", "LogLevel: error"))
        with start(home, "--config", path, "-l", "dev") as collector:
            works(collector)
            tap.equal((len(collector.ready["udp"]), len(collector.ready["http"])), (1, 1))
        with open(log) as file:
            text = file.read()
        assert "Logging.LogRotation" in text and "NoVerifySSL" not in text, text
        assert "[Info] listening: udp" in text, text
        tap.equal(stat.S_IMODE(os.stat(log).st_mode), 0o600)


def test_relay_by_file():
    """with --relay the file says where to"""
    with directory() as home, fake_aws.Aws() as aws:
        os.makedirs(f"{home}/.aws")
        write(home, "[default]\naws_access_key_id = {}\naws_secret_access_key = {}\naws_session_token = {}\n".format(*fake_aws.KEYS),
              ".aws/credentials")
        text = EXAMPLE.replace('Region: ""', f"Region: {fake_aws.REGION}").replace('Endpoint: ""', f"Endpoint: {aws.url}")
        path = write(home, text.replace("TotalBufferSizeMB: 0", "TotalBufferSizeMB: 5").replace("LocalMode: false", "LocalMode: yes"))
        with start(home, "--relay", "-c", path) as collector:
            works(collector)
            status = tap.wait_until(lambda: (lambda now: now["Sent"] == 1 and now)(collector.status()["Relay"]), "sent")
            tap.equal((status["Endpoint"], status["Region"], status["BufferBytes"]), (aws.url, fake_aws.REGION, 5 << 20))
        tap.equal(len(aws.ids()), 1)
        with start(home, "--relay", "-c", path, "-m", "7", "-n", "eu-north-1") as collector:
            status = collector.status()["Relay"]
            tap.equal((status["Region"], status["BufferBytes"]), ("eu-north-1", 7 << 20))


def test_mistakes_in_the_file():
    """a file with a mistake is refused with the line and the key"""
    with directory() as home:
        for text, line, words in [
                ("Version: 2\nRegoin: x\n", 2, "Regoin"),
                ("Socket:\n  UDPAdress: x\nVersion: 2\n", 2, "Socket.UDPAdress"),
                ("Version: 2\nSocket.UDPAddress: x\n", 2, "Socket.UDPAddress"),
                ("Version: 2\nsocket:\n  UDPAddress: x\n", 2, "socket"),
                ("Version: 3\n", 1, "Version"),
                ("Version: 2\nVersion: 2\n", 2, "twice"),
                ("Version: 2\nTotalBufferSizeMB: much\n", 2, "whole number"),
                ("Version: 2\nConcurrency: -1\n", 2, "whole number"),
                ("Version: 2\nConcurrency: 18446744073709551617\n", 2, "whole number"),
                ("Version: 2\nLocalMode: perhaps\n", 2, "true or false"),
                ("Version: 2\nRegion: [a, b]\n", 2, "plain value"),
                ("Version: 2\nRegion: {a: b}\n", 2, "plain value"),
                ("Version: 2\nSocket: x\n", 2, "Socket"),
                ("Version: 2\nSocket:\n  UDPAddress:\n    x: y\n", 4, "plain value"),
                ("Version: 2\nRegion: &a x\nEndpoint: *a\n", 2, "aliases"),
                ("Version: 2\nRegion: !!binary x\n", 2, "tags"),
                ("Version: 2\n? [a]\n: b\n", 2, "key"),
                ("Version: 2\n---\nVersion: 2\n", 2, "end of the file"),
                ("- Version: 2\n", 1, "keys and values"),
                ("Version: 2\n\tRegion: x\n", 2, ""),
                ("Version: 2\nRegion: \"a\\0b\"\n", 2, "NUL"),
                ("Version: 2\n" + "[" * 20000 + "\n", 2, ""),
                ("Version: 2\nRegion: " + "[" * 20000 + "\n", 2, "plain value"),
                ("Version: 2\n\x1b[31m\u202ered: x\n".encode(), 2, "")]:
            result = run(home, "-c", write(home, text))
            tap.equal(result.returncode, 64, f"{text[:60]!r}: {result.stderr}")
            assert f"cfg.yaml:{line}: " in result.stderr and words in result.stderr, f"{text[:60]!r}: {result.stderr}"
            assert "\x1b" not in result.stderr and "\u202e" not in result.stderr, result.stderr


def test_files_that_are_none():
    """what is no configuration file is refused, and nothing waits for it"""
    with directory() as home:
        os.mkfifo(f"{home}/fifo")
        laughs = "Version: 2\na0: &a0 [x]\n" + "".join(f"a{i}: &a{i} [{','.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 10))
        for path, words in [
                (f"{home}/missing", "missing"),
                (home, "no file"),
                (f"{home}/fifo", "no file"),
                (write(home, "#" * 65537, "large"), "64 KiB"),
                (write(home, "", "empty"), "keys and values"),
                (write(home, "Region: x\n", "old"), "Version"),
                (write(home, "Version: 2\n".encode("utf-16"), "utf-16"), ""),
                (write(home, b"\xff\xfe\x00\x00", "bytes"), ""),
                (write(home, laughs, "laughs"), "laughs:2: ")]:
            result = run(home, "-c", path)
            tap.equal(result.returncode, 64, f"{path}: {result.stderr}")
            assert words in result.stderr and result.stderr.startswith("fluoroscoped: "), f"{path}: {result.stderr}"


def test_log():
    """levels and files of the log are the daemon's"""
    with directory() as home:
        log = f"{home}/the.log"
        with start(home, "-b", "127.0.0.1:0", "-t", "127.0.0.1:0", "-l", "warn", "-r", "arn:aws:iam::1:role/x") as collector:
            text = collector.read_log()
            assert "listening" not in text and "--role-arn is ignored" in text, text
        os.truncate(f"{home}/log", 0)
        with start(home, "-b", "127.0.0.1:0", "-t", "127.0.0.1:0", "-l", "error", "-r", "arn:aws:iam::1:role/x", "-f", log) as collector:
            works(collector)
        tap.equal(os.path.getsize(log), 0)
        tap.equal(os.path.getsize(f"{home}/log"), 0)
        for arguments, words in [(["-l", "loud"], "loud"), (["-f", f"{home}/no/such"], "no/such")]:
            result = run(home, *arguments)
            tap.equal(result.returncode, 64, result.stderr)
            assert words in result.stderr, result.stderr


def test_version():
    """-v is the version, as for the daemon"""
    with directory() as home:
        for flag in ["-v", "--version"]:
            result = run(home, flag)
            tap.equal(result.returncode, 0)
            assert result.stdout.startswith("fluoroscoped "), result.stdout


tap.run([test_command_line, test_example, test_relay_by_file, test_mistakes_in_the_file, test_files_that_are_none, test_log,
         test_version])

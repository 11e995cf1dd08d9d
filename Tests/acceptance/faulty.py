"""Servers that fail as real ones do. Each function makes one and gives the URL that leads to it."""
import http.server, pathlib, socket, ssl, struct, subprocess, threading, time


def serve(talk, wrap=None):
    """Calls `talk` with each connection, on a thread of its own. The port it listens on."""
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def converse(connection):
        try:
            with wrap(connection) if wrap else connection as connection:
                talk(connection)
        except OSError:
            pass

    def accept():
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=converse, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    return listener.getsockname()[1]


def request(connection):
    """Reads a whole request."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(65536)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    while len(body) < length:
        body += connection.recv(65536)


def slow_answer(connection):
    """A byte every two seconds, so that no pause is long, and that the status comes too late."""
    request(connection)
    for byte in b"HTTP/1.1 204 No Content\r\n\r\n":
        connection.sendall(bytes([byte]))
        time.sleep(2)


def endless_body(connection):
    request(connection)
    connection.sendall(b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain\r\n\r\n")
    while True:
        connection.sendall(b"still sorry, " * 1000)


def half_closed(connection):
    """Reads on, and will never say a word."""
    request(connection)
    connection.shutdown(socket.SHUT_WR)
    time.sleep(60)


def reset(connection):
    request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def silent(connection):
    """Takes the connection and nothing else: no TLS, no answer."""
    time.sleep(60)


def no_http(connection):
    request(connection)
    connection.sendall(b"220 mail.example.org ESMTP\r\n")


def good(connection):
    while True:
        request(connection)
        connection.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")


def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


def authority(folder):
    """Makes an authority's certificate: ca.pem."""
    openssl(folder, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "ca.key", "-out", "ca.pem",
            "-subj", "/CN=authority")


def tls(folder, name="localhost", days=2, is_self_signed=False, version=None):
    """A server whose certificate is for a name, from now on or until `-days` days ago."""
    folder = pathlib.Path(folder)
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", "key.pem"]
    subject = ["-subj", "/CN=server", "-addext", f"subjectAltName=DNS:{name}"]
    if is_self_signed:
        openssl(folder, "req", "-x509", *key, *subject, "-out", "cert.pem")
    else:
        openssl(folder, "req", *key, *subject, "-out", "request.pem")
        openssl(folder, "x509", "-req", "-in", "request.pem", "-CA", "ca.pem", "-CAkey", "ca.key", "-days", str(days),
                "-copy_extensions", "copy", "-out", "cert.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    if version:
        # Debian's OpenSSL speaks old versions only where it is told to take weak ciphers.
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = context.maximum_version = version
    return serve(good, wrap=lambda connection: context.wrap_socket(connection, server_side=True))


def name_server(address="127.0.0.153"):
    """Knows no name, and never answers for one that begins with `hang`. It listens on the port of all name servers."""
    server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    server.bind((address, 53))

    def answer():
        while True:
            query, client = server.recvfrom(4096)
            if not query[13:].startswith(b"hang"):
                # The question again, and that there is no such name (RFC 1035 4.1.1).
                end = query.index(b"\0", 12) + 5
                server.sendto(query[:2] + b"\x81\x83" + query[4:6] + bytes(6) + query[12:end], client)

    threading.Thread(target=answer, daemon=True).start()
    return address

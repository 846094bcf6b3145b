//! Over real sockets: the parser's limits, smuggling, broken connections, the stop, the WebSocket.

use std::time::Duration;

use belfry_domain::DeviceId;
use belfry_gate::http::{CARRIER_PLAIN, serve_connection};
use belfry_wire::{Decoder, Frame, Framing, operation, v1};
use bytes::{Bytes, BytesMut};
use prost::Message as _;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::house::{House, peer};

struct Server {
    house: House,
    listener: TcpListener,
}

struct Client {
    stream: TcpStream,
    server: JoinSet<()>,
}

impl Server {
    async fn new() -> Server {
        Server { house: House::new(), listener: TcpListener::bind("127.0.0.1:0").await.expect("a port") }
    }

    async fn connect(&self) -> Client {
        let address = self.listener.local_addr().expect("an address");
        let (stream, accepted) = tokio::join!(TcpStream::connect(address), self.listener.accept());
        let (io, _) = accepted.expect("a connection");
        let (router, stop) = (self.house.bare.clone(), self.house.stop.clone());
        let mut server = JoinSet::new();
        server.spawn(async move {
            let _outcome = serve_connection(io, peer(CARRIER_PLAIN), router, stop).await;
        });
        Client { stream: stream.expect("a connection"), server }
    }

    /// All that the server says to these bytes until it closes, or falls silent; and whether it closed.
    async fn says(&self, bytes: &[u8]) -> (String, bool) {
        let mut client = self.connect().await;
        // A server that has closed already takes no more.
        let _taken_or_closed = client.stream.write_all(bytes).await;
        client.rest().await
    }
}

impl Client {
    async fn rest(&mut self) -> (String, bool) {
        let mut said = Vec::new();
        let mut buffer = [0; 4096];
        loop {
            match timeout(Duration::from_millis(300), self.stream.read(&mut buffer)).await {
                Ok(Ok(0) | Err(_)) => return (String::from_utf8_lossy(&said).into_owned(), true),
                Ok(Ok(read)) => said.extend_from_slice(&buffer[..read]),
                Err(_) => return (String::from_utf8_lossy(&said).into_owned(), false),
            }
        }
    }
}

fn statuses(said: &str) -> Vec<&str> {
    said.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect()
}

#[tokio::test]
async fn requests_in_a_row_are_answered_in_a_row() {
    let server = Server::new().await;
    let one = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let post = "POST /v1/lobby/join HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\
         Content-Type: application/json\r\n\r\n{}";
    let (said, closed) = server.says(format!("{one}{post}{one}").as_bytes()).await;
    assert_eq!((statuses(&said), closed), (vec!["200", "400", "200"], false), "{said}");
}

#[tokio::test]
async fn what_two_parsers_could_read_differently_is_refused_and_closed() {
    let server = Server::new().await;
    let hidden = "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    let mut cases: Vec<String> = Vec::new();
    for lines in [
        "Content-Length: 5\r\nContent-Length: 5",
        "Content-Length: 5\r\nContent-Length: 6",
        "Content-Length: 0\r\ncontent-length: 5",
        "Content-Length: +5",
        "Content-Length: -5",
        "Content-Length: 5,5",
        "Content-Length: 5, 6",
        "Content-Length: 0x5",
        "Content-Length: 5 5",
        "Content-Length: 5\u{b}",
        "Content-Length: five",
        "Content-Length:",
        "Content-Length: \"5\"",
        "Content-Length: 18446744073709551616",
        "Content-Length: 1e1",
        "Content-Length : 5",
        "Content-Length\t: 5",
        " Content-Length: 5",
        "\tContent-Length: 5",
        "Content-Length: 5\r\n 6",
        "X: y\r\n Content-Length: 5",
        "Content-Length: 5\nX: y",
        "Content-Length: 5\rX: y",
        "X: y\nContent-Length: 5",
        "X: y\n\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked\r\nContent-Length: 5",
        "Content-Length: 5\r\nTransfer-Encoding: identity",
        "Content-Length: 0\r\nTransfer-Encoding: chunked",
        "Transfer-Encoding: chunked",
        "Transfer-Encoding: gzip, chunked",
        "Transfer-Encoding: chunked, gzip",
        "Transfer-Encoding: xchunked",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: identity",
        "Transfer-Encoding : chunked",
        "Transfer-Encoding:\u{b}chunked",
        "Transfer-Encoding: \"chunked\"",
        "Transfer-Encoding: Chunked",
        "Transfer-Encoding:\tchunked",
        "TRANSFER-ENCODING: chunked",
        "Transfer-Encoding:\r\n chunked",
        " Transfer-Encoding: chunked",
        "X: y\r\n\tTransfer-Encoding: chunked",
        "Transfer\u{0}-Encoding: chunked",
        "X\u{0}: y",
        "X: y\u{0}",
        "X y",
        ": y",
        "X: y\r\r\nZ: z",
        "X\u{7f}: y",
        "X(: y",
        "\u{e9}: y",
    ] {
        cases.push(format!("POST /healthz HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n\r\n0\r\n\r\n{hidden}"));
    }
    for head in [
        "GET /healthz HTTP/1.1\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\n\r\n",
        "GET /healthz HTTP/1.1\r\nHost: localhost\r\n\n",
        "GET /healthz HTTP/1.1\nHost: localhost\n\n",
        "\nGET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.1\r\rHost: localhost\r\n\r\n",
        "GET  /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz  HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET\t/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/1.2\r\nHost: localhost\r\n\r\n",
        "GET /healthz HTTP/2.0\r\nHost: localhost\r\n\r\n",
        "GET /healthz\r\n\r\n",
        "GET /heal\u{0}thz HTTP/1.1\r\n\r\n",
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n",
        " GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ] {
        cases.push(format!("{head}{hidden}"));
    }
    assert!(cases.len() >= 60);
    for case in cases {
        let (said, closed) = server.says(case.as_bytes()).await;
        let statuses = statuses(&said);
        assert!(closed, "still open after {case:?}: {said}");
        assert!(statuses.len() <= 1, "answered twice to {case:?}: {said}");
        assert!(statuses.iter().all(|status| status.starts_with('4')), "{case:?}: {said}");
    }
}

#[tokio::test]
async fn a_transfer_coding_is_told_what_to_do_instead() {
    let server = Server::new().await;
    let head = "POST /v1/lobby/join HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n";
    let (said, closed) = server.says(format!("{head}{}\r\n", "ff7f\r\n".repeat(100)).as_bytes()).await;
    assert_eq!((statuses(&said), closed), (vec!["411"], true), "{said}");
}

#[tokio::test]
async fn a_head_is_bounded() {
    let server = Server::new().await;
    let with = |lines: String| format!("GET /healthz HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n");
    let (said, closed) = server.says(with(format!("X: {}\r\n", "x".repeat(64 * 1024))).as_bytes()).await;
    assert_eq!((statuses(&said), closed), (vec!["431"], true), "{said}");
    let (said, closed) = server.says(with("X: y\r\n".repeat(150)).as_bytes()).await;
    assert_eq!((statuses(&said), closed), (vec!["431"], true), "{said}");
    let (said, _) = server.says(with("X: y\r\n".repeat(90)).as_bytes()).await;
    assert_eq!(statuses(&said), ["200"], "{said}");
    let long = format!("GET /{} HTTP/1.1\r\nHost: localhost\r\n\r\n", "x".repeat(9 * 1024));
    let (said, closed) = server.says(long.as_bytes()).await;
    assert_eq!((statuses(&said), closed), (vec!["414"], true), "{said}");
    let (said, _) = server.says(b"GET /v1/openapi.json HTTP/1.1\r\n\r\n").await;
    assert_eq!(statuses(&said), ["400"], "{said}");
}

#[tokio::test]
async fn a_client_that_goes_away_ends_its_held_request() {
    let server = Server::new().await;
    let (_, bob) = server.house.pair().await;
    let key = server.house.get(&bob, "/v1/message/next").await.header("belfry-key").to_owned();
    let mut client = server.connect().await;
    let ask = format!(
        "GET /v1/message/next?key={key}&wait=60 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bob}\r\n\r\n"
    );
    client.stream.write_all(ask.as_bytes()).await.expect("is taken");
    let online = async || {
        let listed = server.house.post(Some(&bob), "/v1/device/list", serde_json::json!({})).await.json();
        let device = listed["devices"][0].clone();
        assert_eq!(device["deviceId"], DeviceId(1).0);
        device["online"] == true
    };
    let held = async {
        while !online().await {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    timeout(Duration::from_secs(30), held).await.expect("it is held");
    drop(client.stream);
    let ended = timeout(Duration::from_secs(30), client.server.join_next()).await.expect("the connection has ended");
    ended.expect("it was there").expect("without a panic");
    assert!(!online().await, "it is not held any more");
}

#[tokio::test]
async fn a_stop_lets_the_answer_under_way_out_and_closes() {
    let server = Server::new().await;
    let (_, bob) = server.house.pair().await;
    let key = server.house.get(&bob, "/v1/message/next").await.header("belfry-key").to_owned();
    let mut held = server.connect().await;
    let mut idle = server.connect().await;
    let ask = format!(
        "GET /v1/message/next?key={key}&wait=60 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {bob}\r\n\r\n"
    );
    held.stream.write_all(ask.as_bytes()).await.expect("is taken");
    tokio::time::sleep(Duration::from_millis(100)).await;
    server.house.engine.begin_shutdown(1_000);
    server.house.stop.cancel();
    let (said, closed) = held.rest().await;
    assert_eq!((statuses(&said), closed), (vec!["200"], true), "{said}");
    assert!(idle.rest().await.1);
}

fn upgrade(lines: &str) -> String {
    format!(
        "GET /v1/socket HTTP/1.1\r\nHost: localhost:8080\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{lines}\r\n"
    )
}

#[tokio::test]
async fn only_our_own_page_may_open_a_socket() {
    let server = Server::new().await;
    for origin in [
        "null",
        "",
        "http://evil.example",
        "https://localhost.evil.example",
        "http://localhost:3000",
        "http://localhost",
        "http://localhost:8080.evil.example",
        "http://localhost:8080@evil.example",
        "http://evil.example@localhost:8080",
        "http://evil.example#localhost:8080",
        "http://localhost:8080/",
        "http://localhost:8080/path",
        "http://localhost:8080?x",
        "ftp://localhost:8080",
        "file://",
        "chrome-extension://abc",
        "localhost:8080",
        "//localhost:8080",
        "http://localhost:8080, http://evil.example",
        "http://[::1]:8080",
        "http://127.0.0.1:8080",
        "http:/localhost:8080",
        "http://localhost:08080x",
        "http://localhost:8080\\.evil.example",
        "http://chat.example:8443",
        "http://notchat.example",
        "javascript:alert(1)",
        "http://l\u{f6}calhost:8080",
    ] {
        let (said, closed) = server.says(upgrade(&format!("Origin: {origin}\r\n")).as_bytes()).await;
        assert_eq!((statuses(&said), closed), (vec!["403"], true), "{origin}: {said}");
    }
    let twice = "Origin: http://localhost:8080\r\nOrigin: http://localhost:8080\r\n";
    for lines in ["", twice] {
        let (said, _) = server.says(upgrade(lines).as_bytes()).await;
        assert_eq!(statuses(&said), ["403"], "{said}");
    }
    let hidden = "GET /healthz HTTP/1.1\nHost: localhost\n\n";
    let (said, closed) = server.says(format!("{}{hidden}", upgrade("Origin: null\r\n")).as_bytes()).await;
    assert_eq!((statuses(&said), closed), (vec!["403"], true), "nothing follows a refused upgrade: {said}");
}

#[tokio::test]
async fn a_socket_carries_frames_and_no_compression() {
    let server = Server::new().await;
    let token = server.house.guest("ann").await;
    let mut client = server.connect().await;
    let offer =
        "Origin: http://localhost:8080\r\nSec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n";
    client.stream.write_all(upgrade(offer).as_bytes()).await.expect("is taken");
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(client.stream.read_u8().await.expect("an answer"));
    }
    let head = String::from_utf8(head).expect("text");
    assert!(head.starts_with("HTTP/1.1 101 "), "{head}");
    assert!(!head.to_lowercase().contains("sec-websocket-extensions"), "{head}");
    assert_eq!(server.house.tasks.len(), 1, "it is counted");

    let login = v1::LoginRequest { token, client: "test".into() };
    let frame = Frame { operation: operation::LOGIN, seq_id: 1, body: Bytes::from(login.encode_to_vec()) };
    let mut frames = BytesMut::new();
    frame.encode(Framing::Sync, &mut frames);
    // RFC 6455 §5.2: final, binary, masked (here with zeros), 126: the length follows.
    let mut message = vec![0x82, 0x80 | 126];
    message.extend_from_slice(&u16::try_from(frames.len()).expect("is short").to_be_bytes());
    message.extend_from_slice(&[0; 4]);
    message.extend_from_slice(&frames);
    client.stream.write_all(&message).await.expect("is taken");
    let mut first = [0; 2];
    client.stream.read_exact(&mut first).await.expect("an answer");
    assert_eq!((first[0], first[1] < 126), (0x82, true));
    let mut answer = vec![0; usize::from(first[1])];
    client.stream.read_exact(&mut answer).await.expect("an answer");
    let answer =
        Decoder::new(Framing::Sync).decode(&mut BytesMut::from(&answer[..])).expect("a frame").expect("a whole one");
    assert_eq!((answer.operation, answer.seq_id), (operation::LOGIN, 1));
    let reply = v1::LoginReply::decode(answer.body).expect("a reply");
    assert_eq!((reply.address.as_str(), reply.guest), ("ann", true));

    server.house.stop.cancel();
    server.house.tasks.close();
    timeout(Duration::from_secs(5), server.house.tasks.wait()).await.expect("the socket has ended");
}

#[tokio::test]
async fn a_socket_takes_nothing_in_its_url() {
    let server = Server::new().await;
    let asked = upgrade("Origin: http://localhost:8080\r\n").replace("/v1/socket", "/v1/socket?token=x");
    let (said, closed) = server.says(asked.as_bytes()).await;
    assert_eq!((statuses(&said), closed), (vec!["400"], true), "{said}");
}

#[tokio::test]
async fn a_socket_that_floods_before_it_has_logged_in_is_cut() {
    let server = Server::new().await;
    for flood in [vec![[0x02, 0x80, 0, 0, 0, 0]; 2_000].concat(), [&[0x82, 0xFE, 0xFF, 0xFF][..], &[0; 9_000]].concat()]
    {
        let mut client = server.connect().await;
        client.stream.write_all(upgrade("Origin: http://localhost:8080\r\n").as_bytes()).await.expect("is taken");
        let mut answered = [0; 12];
        client.stream.read_exact(&mut answered).await.expect("an answer");
        assert_eq!(&answered, b"HTTP/1.1 101");
        let _taken_or_closed = client.stream.write_all(&flood).await;
        let (_, closed) = client.rest().await;
        assert!(closed);
    }
}

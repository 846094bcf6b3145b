//! What hostile clients do to the listener over real sockets: old TLS, torn and endless handshakes, silence and
//! handshakes by the thousand, plain text from elsewhere. Each test has a process of its own, and each ends by showing
//! that it still answers others.

use std::io::{BufRead, BufReader, ErrorKind, Read, Write};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use belfry_client::{Carrier, Client, ClientConfig, ClientEvent, Events, ServerAddress};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::{AlertDescription, ClientConnection, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tempfile::TempDir;

/// Nothing that is closed here may take longer, on a busy machine.
const SOON: Duration = Duration::from_secs(30);

/// No deadline of the server ends what a flood has left hanging: what is closed was closed because it was too much.
const NO_DEADLINES: &str = "hello = \"1 h\"\nhandshake = \"1 h\"\nlogin = \"1 h\"\n";

/// The password of the accounts that are made here.
const PASSWORD: &str = "correct horse battery";

/// Lets this process have as many files as it may, which must be so many.
fn raise_files(needed: u64) {
    use rustix::process::{Resource, getrlimit, setrlimit};
    let mut limit = getrlimit(Resource::Nofile);
    limit.current = limit.maximum;
    setrlimit(Resource::Nofile, limit).expect("as many as it may have");
    assert!(limit.maximum.is_none_or(|most| most >= needed), "this needs {needed} files: raise `ulimit -Hn`");
}

struct Server {
    home: TempDir,
    child: Child,
    at: SocketAddr,
}

impl Server {
    fn start(listen: &str, extra: &str) -> Server {
        let home = tempfile::tempdir().expect("a directory");
        let data = home.path().join("data");
        let path = home.path().join("belfry.toml");
        let config = format!(
            "[xmpp]\nlisten = []\n[server]\nlisten = [\"{listen}:0\"]\ndata = \"{}\"\n[metrics]\nlisten = \"\"\n{extra}",
            data.display()
        );
        std::fs::write(&path, config).expect("it can be written");
        let mut command = Command::new(env!("CARGO_BIN_EXE_belfry"));
        let log = std::fs::File::create(home.path().join("log.txt")).expect("it can be made");
        command.args(["serve", "--config"]).arg(&path).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().expect("the program starts");
        let lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let at = lines.map_while(Result::ok).find_map(|line| {
            let rest = line.split("listening on ").nth(1)?;
            rest.split(' ').next()?.parse().ok()
        });
        Server { child, at: at.expect("it says where it listens"), home }
    }

    fn connect(&self) -> TcpStream {
        let to = if self.at.ip().is_unspecified() { (Ipv4Addr::LOCALHOST, self.at.port()).into() } else { self.at };
        let stream = TcpStream::connect(to).expect("it listens");
        stream.set_read_timeout(Some(SOON)).expect("a socket has it");
        stream
    }

    /// Somebody else is still answered, within a time that a person would wait.
    fn still_answers(&self) {
        let started = Instant::now();
        let mut stream = self.connect();
        let request = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        stream.write_all(request.as_bytes()).expect("it takes bytes");
        let mut answer = String::new();
        let _cut = stream.read_to_string(&mut answer);
        assert!(answer.starts_with("HTTP/1.1 200"), "after {:?}: {answer:?}", started.elapsed());
    }

    /// Makes an account as the operator does.
    fn add_account(&self, address: &str) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_belfry"));
        command.args(["account", "add", address, "--password-stdin", "--config"]);
        command.arg(self.home.path().join("belfry.toml")).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut add = command.spawn().expect("the program starts");
        let mut password = add.stdin.take().expect("it is piped");
        password.write_all(format!("{PASSWORD}\n").as_bytes()).expect("it reads");
        drop(password);
        assert!(add.wait().expect("it ends").success());
    }

    /// A new device of this account, connected: logged in by the token that its secret has bought.
    async fn log_in(&self, address: &str) -> (Client, Events) {
        let server = ServerAddress { carrier: Carrier::Bare, host: "127.0.0.1".to_owned(), port: self.at.port() };
        let (client, mut events) = Client::open(ClientConfig::new(vec![server])).await.expect("memory has room");
        client.add_device(address, PASSWORD, "test").await.expect("the password is right");
        loop {
            match events.next().await.expect("it goes on") {
                ClientEvent::CaughtUp => return (client, events),
                ClientEvent::Disconnected { reason, .. } => panic!("{address} does not get in: {reason}"),
                _ => {}
            }
        }
    }

    /// A connection from another address of this machine.
    async fn connect_from(&self, host: u8) -> tokio::net::TcpStream {
        let socket = tokio::net::TcpSocket::new_v4().expect("a socket");
        let from = SocketAddr::from((Ipv4Addr::new(127, 0, 0, host), 0));
        socket.bind(from).expect("loopback has them all");
        socket.connect(self.at).await.expect("the kernel takes it")
    }

    /// Sockets that the process has open, its listeners among them.
    fn sockets(&self) -> usize {
        let all = std::fs::read_dir(format!("/proc/{}/fd", self.child.id())).expect("it runs");
        let is_socket = |target: std::path::PathBuf| target.to_string_lossy().starts_with("socket:");
        all.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok()).filter(|to| is_socket(to.clone())).count()
    }

    /// Memory of the process in KiB.
    fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("it runs");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).expect("the kernel tells");
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).expect("a number")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _gone = self.child.kill();
        let _reaped = self.child.wait();
    }
}

/// Takes any certificate: who the server is does not matter here.
#[derive(Debug)]
struct Anybody(Arc<CryptoProvider>);

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _: &[u8],
        _: &CertificateDer<'_>,
        _: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

fn client_config(versions: &[&'static rustls::SupportedProtocolVersion]) -> Arc<rustls::ClientConfig> {
    let provider = Arc::new(aws_lc_rs::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider.clone())
        .with_protocol_versions(versions)
        .expect("the provider has them")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(Anybody(provider)))
        .with_no_client_auth();
    Arc::new(config)
}

fn client(versions: &[&'static rustls::SupportedProtocolVersion]) -> ClientConnection {
    let name = ServerName::try_from("localhost").expect("a name");
    ClientConnection::new(client_config(versions), name).expect("a client")
}

/// The client's first flight.
fn first_flight() -> Vec<u8> {
    let mut hello = Vec::new();
    client(&[&rustls::version::TLS13]).write_tls(&mut hello).expect("memory takes it");
    hello
}

/// A ClientHello as an old client makes it: no extension says that it knows anything newer.
fn old_hello(version: u8, suites: &[u16]) -> Vec<u8> {
    let mut body = vec![3, version];
    body.extend([7; 32]);
    body.push(0); // no session
    body.extend((suites.len() as u16 * 2).to_be_bytes());
    suites.iter().for_each(|suite| body.extend(suite.to_be_bytes()));
    body.extend([1, 0]); // no compression
    let mut message = vec![1, 0];
    message.extend((body.len() as u16).to_be_bytes());
    message.extend(body);
    let mut record = vec![22, 3, 1];
    record.extend((message.len() as u16).to_be_bytes());
    record.extend(message);
    record
}

/// What the server says until it closes; a reset closes too.
fn all_it_says(stream: &mut TcpStream) -> Vec<u8> {
    let (mut said, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        match stream.read(&mut piece) {
            Ok(0) => return said,
            Ok(read) => said.extend_from_slice(&piece[..read]),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => return said,
            Err(error) => panic!("it neither answers nor closes: {error}"),
        }
    }
}

#[test]
fn old_versions_of_tls_and_weak_suites_are_refused_by_an_alert_and_closed() {
    let server = Server::start("127.0.0.1", "");
    let mut tls12 = client(&[&rustls::version::TLS12]);
    let mut stream = server.connect();
    let error = tls12.complete_io(&mut stream).expect_err("TLS 1.2 is not spoken");
    let alert = error.get_ref().and_then(|inner| inner.downcast_ref::<Error>()).cloned();
    assert_eq!(alert, Some(Error::AlertReceived(AlertDescription::ProtocolVersion)), "{error}");

    // RC4, 3DES, CBC with SHA-1, export: whatever the suites, these versions are not spoken.
    let weak = [0x0005, 0x000A, 0x002F, 0x0035, 0x0003, 0xC013];
    for version in [0, 1, 2] {
        let mut stream = server.connect();
        stream.write_all(&old_hello(version, &weak)).expect("it takes bytes");
        let said = all_it_says(&mut stream);
        let [21, 3, _, 0, 2, 2, description] = said[..] else { panic!("SSL/TLS 3.{version}: no alert: {said:?}") };
        // protocol_version, handshake_failure, or what an endless list of missing extensions comes to.
        assert!([70, 40, 109, 47].contains(&description), "alert {description}");
    }
    server.still_answers();
}

#[test]
fn with_tls_1_2_allowed_weak_suites_are_refused_all_the_same() {
    let server = Server::start("127.0.0.1", "[tls]\nallow_tls12 = true\n");
    let mut tls12 = client(&[&rustls::version::TLS12]);
    let mut stream = server.connect();
    while tls12.is_handshaking() {
        tls12.complete_io(&mut stream).expect("TLS 1.2 with its modern suites is spoken");
    }
    let mut stream = server.connect();
    stream.write_all(&old_hello(3, &[0x0005, 0x000A, 0x002F, 0x0035])).expect("it takes bytes");
    let said = all_it_says(&mut stream);
    assert!(matches!(said[..], [21, 3, _, 0, 2, 2, _]), "no alert: {said:?}");
    server.still_answers();
}

#[test]
fn a_hello_in_records_of_one_byte_is_answered_or_refused_and_holds_nobody_up() {
    let server = Server::start("127.0.0.1", "");
    let hello = first_flight();
    let mut torn = Vec::new();
    for byte in &hello[5..] {
        torn.extend([hello[0], hello[1], hello[2], 0, 1, *byte]);
    }
    let mut stream = server.connect();
    stream.write_all(&torn).expect("it takes bytes");
    let mut kind = [0];
    stream.read_exact(&mut kind).expect("it answers");
    assert!([21, 22].contains(&kind[0]), "neither a handshake nor an alert: {kind:?}");
    server.still_answers();
}

#[test]
fn garbage_in_the_middle_of_a_handshake_ends_the_connection_at_once() {
    // No deadline ends it: the garbage does.
    let server = Server::start("127.0.0.1", &format!("[connections]\n{NO_DEADLINES}"));
    for garbage in [&[22, 3, 3, 0, 4, 9, 9, 9, 9][..], &[0xFF; 64], b"GET / HTTP/1.1\r\n\r\n", &[21, 3, 3, 0, 2, 1, 0]]
    {
        let mut stream = server.connect();
        stream.write_all(&first_flight()).expect("it takes bytes");
        let mut first = [0; 5];
        stream.read_exact(&mut first).expect("its flight begins");
        stream.write_all(garbage).expect("it takes bytes");
        all_it_says(&mut stream);
    }
    server.still_answers();
}

/// Requests for new keys that are put up with in a row, as docs/operations.md says.
const KEY_UPDATES: usize = 32;

#[test]
fn a_flood_of_key_updates_ends_the_connection_and_as_many_as_are_documented_do_not() {
    let server = Server::start("127.0.0.1", "");
    let mut tls = client(&[&rustls::version::TLS13]);
    let mut stream = server.connect();
    while tls.is_handshaking() {
        tls.complete_io(&mut stream).expect("TLS 1.3 is spoken");
    }
    // What is allowed, twice: data between the two begins the count anew.
    for _ in 0..2 {
        for _ in 0..KEY_UPDATES {
            tls.refresh_traffic_keys().expect("a client may");
        }
        let mut secured = rustls::Stream::new(&mut tls, &mut stream);
        secured.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("it takes bytes");
        let mut answer = [0; 12];
        secured.read_exact(&mut answer).expect("it answers");
        assert_eq!(&answer, b"HTTP/1.1 200");
        let mut rest = Vec::new();
        while !rest.ends_with(b"\r\n\r\nok\n") {
            let mut byte = [0];
            secured.read_exact(&mut byte).expect("the rest of it");
            rest.extend(byte);
        }
    }
    // One more ends it: an alert, or a reset where the alert was thrown away with it.
    for _ in 0..=KEY_UPDATES {
        tls.refresh_traffic_keys().expect("a client may");
    }
    let mut secured = rustls::Stream::new(&mut tls, &mut stream);
    let _cut = secured.flush();
    let mut piece = [0; 64];
    match secured.read(&mut piece) {
        Err(error) if error.kind() == ErrorKind::WouldBlock => panic!("{} in a row were put up with", KEY_UPDATES + 1),
        Ok(read) => assert_eq!(read, 0, "it answers to what was no request"),
        Err(_) => {}
    }
    server.still_answers();
}

/// How many of these the server has not closed, as soon as it is no more than `most`.
async fn still_open(held: &[tokio::net::TcpStream], most: usize) -> usize {
    let until = tokio::time::Instant::now() + SOON;
    loop {
        let mut open = 0;
        for stream in held {
            // A stream tells that it was closed only after it was waited for.
            let looked = tokio::time::timeout(Duration::ZERO, stream.readable()).await;
            let mut said = [0; 4096];
            open += usize::from(match looked {
                Err(_) => true,
                Ok(_) => loop {
                    match stream.try_read(&mut said) {
                        Ok(0) => break false,
                        Ok(_) => {}
                        Err(error) => break error.kind() == ErrorKind::WouldBlock,
                    }
                },
            });
        }
        if open <= most || tokio::time::Instant::now() > until {
            return open;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn thousands_of_silent_connections_are_bounded_and_others_are_served() {
    raise_files(3_000);
    let limits = "[connections]\nmax = 1_024\nbefore_login_per_address = 200\n";
    let server = Server::start("127.0.0.1", &format!("{limits}{NO_DEADLINES}"));
    server.still_answers();
    let before = server.resident_kib();
    let mut held = Vec::new();
    for round in 0..250_u32 {
        for host in 2..10_u8 {
            held.push(server.connect_from(host).await);
        }
        if round % 50 == 49 {
            server.still_answers();
        }
    }
    assert_eq!(held.len(), 2_000);
    let grown = server.resident_kib().saturating_sub(before);
    assert!(grown < 48 * 1024, "{grown} KiB for connections that say nothing");
    // A quarter of 1,024 may wait: the oldest made room for the newest, and the newest are still there.
    let open = still_open(&held, 256).await;
    assert!((250..=256).contains(&open), "{open} of 2,000 silent connections are open");
    assert_eq!(still_open(&held[1_750..], 250).await, 250, "not the oldest were closed");
    drop(held);
    server.still_answers();
}

/// The preamble for Noise and the first message of its handshake: a key of the client's, for which the server makes one
/// of its own, two shared secrets and an answer.
fn first_noise_message() -> Vec<u8> {
    let mut bytes = vec![0xBE, b'L', b'F', b'Y', 1, 1, 1, 1];
    bytes.extend([0, 32]);
    bytes.extend([9; 32]);
    bytes
}

#[tokio::test]
async fn thousands_of_handshakes_at_once_are_bounded_and_a_device_that_is_logged_in_is_served() {
    raise_files(4_000);
    let limits = "[connections]\nmax = 1_024\nbefore_login_per_address = 400\nbefore_login_links = 200\n";
    let server = Server::start("127.0.0.1", &format!("{limits}{NO_DEADLINES}"));
    server.add_account("ann@localhost");
    server.add_account("ben@localhost");
    let (ann, mut anns) = server.log_in("ann@localhost").await;
    let (_ben, mut events) = server.log_in("ben@localhost").await;
    let (tls, noise) = (first_flight(), first_noise_message());
    let (mut held, mut most) = (Vec::new(), 0);
    for round in 0..20_u64 {
        for nth in 0..160_u8 {
            let flood = server.connect_from(2 + nth % 8).await;
            // Each costs the server a key exchange, and is then left hanging; one that was turned away takes nothing.
            let _cut = flood.try_write(if nth % 2 == 0 { &tls } else { &noise });
            held.push(flood);
        }
        // A message goes from a live device to a live device, in the midst of it.
        let text = format!("message {round}");
        ann.send("ben@localhost", &text).await.expect("it is logged in");
        let told = tokio::time::timeout(SOON, next_message(&mut events)).await;
        assert_eq!(told.as_deref(), Ok(text.as_str()));
        most = most.max(server.sockets());
    }
    assert_eq!(held.len(), 3_200);
    while let Ok(Some(event)) = tokio::time::timeout(Duration::ZERO, anns.next()).await {
        assert!(!matches!(event, ClientEvent::Disconnected { .. }), "the link that sends was cut: {event:?}");
    }
    // Never more than the maximum; then a quarter of it in TLS and 200 under Noise.
    assert!(most <= 1_024 + 16, "{most} sockets at once");
    let open = still_open(&held, 456).await;
    assert!((250..=456).contains(&open), "{open} of 3,200 unfinished handshakes are open");
    drop(held);
    let coming = tokio::time::timeout(SOON, server.log_in("ann@localhost")).await;
    assert!(coming.is_ok(), "a device that comes afterwards is not let in");
    server.still_answers();
}

/// What the next message says, on a connection that lasts until then.
async fn next_message(events: &mut Events) -> String {
    loop {
        match events.next().await.expect("it goes on") {
            ClientEvent::Message(message) => return message.text().to_owned(),
            ClientEvent::Disconnected { reason, .. } => panic!("a device that was logged in was cut off: {reason}"),
            _ => {}
        }
    }
}

#[test]
fn plain_text_from_an_address_that_is_not_loopback_is_refused_by_default() {
    // The address that this machine would use towards others; nothing is sent. Without one there is no elsewhere.
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    let own = socket.connect("198.51.100.1:9").and_then(|()| socket.local_addr()).map(|addr| addr.ip());
    let Ok(IpAddr::V4(own)) = own else { return eprintln!("this machine has no address but loopback: not tried") };
    if own.is_loopback() || own.is_unspecified() {
        return eprintln!("this machine has no address but loopback: not tried");
    }
    let server = Server::start("0.0.0.0", "[sms]\nallow_insecure = true\n");
    let mut stream = TcpStream::connect((own, server.at.port())).expect("it listens everywhere");
    stream.set_read_timeout(Some(SOON)).expect("a socket has it");
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").expect("it takes bytes");
    let answer = String::from_utf8_lossy(&all_it_says(&mut stream)).into_owned();
    assert!(answer.starts_with("HTTP/1.1 403") && answer.contains("https"), "{answer}");

    // The same over TLS is served.
    let mut tls = client(&[&rustls::version::TLS13]);
    let mut stream = TcpStream::connect((own, server.at.port())).expect("it listens everywhere");
    stream.set_read_timeout(Some(SOON)).expect("a socket has it");
    let mut secured = rustls::Stream::new(&mut tls, &mut stream);
    secured
        .write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .expect("it takes bytes");
    let mut answer = [0; 12];
    secured.read_exact(&mut answer).expect("it answers");
    assert_eq!(&answer, b"HTTP/1.1 200");
    server.still_answers();
}

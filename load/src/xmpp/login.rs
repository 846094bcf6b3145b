//! From a connection to a stream that is somebody's: TLS, SASL, binding, counting (RFC 6120, XEP-0198).
//!
//! Invariant: every wait for the server has an end.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use belfry_client::BoxIo;
use bytes::{Bytes, BytesMut};
use rustls_pki_types::ServerName;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::sasl::{Mechanism, Salted, Scram, plain};
use super::scan::{Piece, Scanner, attribute, has, name, text_of};
use crate::target::{Door, Target};

/// What is read at once while logging in.
const READ_BYTES: usize = 4 * 1024;

/// A server that says nothing for so long has let us down.
const PATIENCE: Duration = Duration::from_secs(60);

/// The resource of all clients.
const RESOURCE: &str = "bench";

/// Bytes of chance in a nonce.
const NONCE_BYTES: usize = 18;

/// A stream on which somebody is logged in.
pub(crate) struct Stream {
    pub(crate) io: BoxIo,
    pub(crate) scanner: Scanner,
    pub(crate) input: BytesMut,
    /// Stanzas are counted, on both sides, from here on.
    pub(crate) counts: bool,
}

/// Connects and logs an account in.
pub(crate) async fn log_in(
    target: &Target,
    tls: Option<&Arc<rustls::ClientConfig>>,
    salted: &Arc<Salted>,
    number: u32,
) -> Result<Stream> {
    let tcp = TcpStream::connect((target.host.as_str(), target.port));
    let tcp = in_time(tcp).await?.with_context(|| format!("cannot reach {}:{}", target.host, target.port))?;
    tcp.set_nodelay(true)?;
    let mut stream = Stream::over(Box::new(tcp));
    match target.door {
        Door::XmppTls => stream = stream.inside_tls(target, tls).await?,
        Door::XmppStarttls => {
            let features = stream.open(target).await?;
            ensure!(has(&features, "urn:ietf:params:xml:ns:xmpp-tls"), "the server offers no STARTTLS");
            stream.write("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>").await?;
            let answer = stream.stanza().await?;
            ensure!(name(&answer) == b"proceed", "the server refuses STARTTLS");
            stream = stream.inside_tls(target, tls).await?;
        }
        _ => {}
    }
    let features = stream.open(target).await?;
    stream.prove(target, salted, number, &features).await?;
    stream.scanner = Scanner::default();
    stream.open(target).await?;
    stream.bind().await?;
    if target.count_stanzas {
        stream.write("<enable xmlns='urn:xmpp:sm:3' resume='true'/>").await?;
        let answer = stream.stanza().await?;
        ensure!(name(&answer) == b"enabled", "the server does not count stanzas: {}", shown(&answer));
        stream.counts = true;
    }
    Ok(stream)
}

async fn in_time<T>(work: impl Future<Output = T>) -> Result<T> {
    tokio::time::timeout(PATIENCE, work).await.with_context(|| format!("the server said nothing for {PATIENCE:?}"))
}

/// The beginning of what a server said, for an error.
fn shown(stanza: &[u8]) -> String {
    String::from_utf8_lossy(&stanza[..stanza.len().min(200)]).into_owned()
}

impl Stream {
    fn over(io: BoxIo) -> Stream {
        Stream { io, scanner: Scanner::default(), input: BytesMut::new(), counts: false }
    }

    async fn inside_tls(self, target: &Target, tls: Option<&Arc<rustls::ClientConfig>>) -> Result<Stream> {
        let config = tls.context("nothing says whose certificate to trust")?;
        let host = ServerName::try_from(target.host.clone()).context("that host is no name for a certificate")?;
        let secured = in_time(TlsConnector::from(Arc::clone(config)).connect(host, self.io)).await?;
        Ok(Stream::over(Box::new(secured.context("no TLS with this server")?)))
    }

    pub(crate) async fn write(&mut self, text: &str) -> Result<()> {
        self.io.write_all(text.as_bytes()).await?;
        Ok(self.io.flush().await?)
    }

    async fn piece(&mut self) -> Result<Piece> {
        loop {
            if let Some(piece) = self.scanner.next(&mut self.input)? {
                return Ok(piece);
            }
            self.input.reserve(READ_BYTES);
            let read = in_time(self.io.read_buf(&mut self.input)).await??;
            ensure!(read > 0, "the server closed the connection");
        }
    }

    pub(crate) async fn stanza(&mut self) -> Result<Bytes> {
        match self.piece().await? {
            Piece::Stanza(stanza) if name(&stanza) == b"stream:error" => bail!("the server ends: {}", shown(&stanza)),
            Piece::Stanza(stanza) => Ok(stanza),
            Piece::Opened(head) => bail!("the server begins once more: {}", shown(&head)),
            Piece::Closed => bail!("the server ended the stream"),
        }
    }

    /// Begins a stream; the features that the server offers on it.
    async fn open(&mut self, target: &Target) -> Result<Bytes> {
        let domain = &target.domain;
        self.write(&format!(
            "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
             xmlns:stream='http://etherx.jabber.org/streams' to='{domain}' version='1.0'>"
        ))
        .await?;
        match self.piece().await? {
            Piece::Opened(_) => {}
            other => bail!("what answers there is no XMPP server: {other:?}"),
        }
        let features = self.stanza().await?;
        ensure!(name(&features) == b"stream:features", "no features but {}", shown(&features));
        Ok(features)
    }

    async fn prove(&mut self, target: &Target, salted: &Arc<Salted>, number: u32, features: &[u8]) -> Result<()> {
        let offered = |mechanism: &Mechanism| has(features, &format!(">{}<", mechanism.name()));
        let mechanism = match target.mechanism {
            Some(mechanism) => Some(mechanism).filter(|wanted| offered(wanted)),
            None => Mechanism::ALL.into_iter().find(offered),
        };
        let wanted = target.mechanism.map_or("a mechanism that we know", Mechanism::name);
        let mechanism =
            mechanism.with_context(|| format!("the server does not offer {wanted}: {}", shown(features)))?;
        let (user, password) = (target.name(number), &target.password);
        let mut nonce = [0; NONCE_BYTES];
        getrandom::fill(&mut nonce)?;
        let scram = Scram::new(mechanism, &user, password, &BASE64.encode(nonce));
        let first = if mechanism == Mechanism::Plain { plain(&user, password) } else { scram.first() };
        self.write(&format!(
            "<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{}'>{first}</auth>",
            mechanism.name()
        ))
        .await?;
        let mut answer = self.stanza().await?;
        let mut expected = None;
        if mechanism != Mechanism::Plain && name(&answer) == b"challenge" {
            let challenge = text_of(&answer, "challenge").unwrap_or_default().to_vec();
            let salted = Arc::clone(salted);
            // Thousands of rounds: the other clients go on meanwhile.
            let (last, verdict) = tokio::task::spawn_blocking(move || scram.prove(&salted, &challenge)).await??;
            expected = Some(verdict);
            self.write(&format!("<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{last}</response>")).await?;
            answer = self.stanza().await?;
        }
        ensure!(name(&answer) == b"success", "{user} cannot log in: {}", shown(&answer));
        if let Some(expected) = expected {
            let verdict = BASE64.decode(text_of(&answer, "success").unwrap_or_default())?;
            ensure!(verdict == expected.as_bytes(), "the server does not know the password of {user}");
        }
        Ok(())
    }

    async fn bind(&mut self) -> Result<()> {
        self.write(&format!(
            "<iq type='set' id='bind'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{RESOURCE}</resource>\
             </bind></iq>"
        ))
        .await?;
        let answer = self.stanza().await?;
        ensure!(attribute(&answer, "type") == Some("result"), "no resource: {}", shown(&answer));
        Ok(())
    }
}

//! One stream: text out, items in, over bare TCP, TLS, a WebSocket or requests.
//!
//! Invariant: every wait for the server has an end.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use belfry_client::{BoxIo, Trust};
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use super::bosh::Bosh;
use super::carrier::Carrier;
use crate::Server;
use crate::person::certificate;

/// A server that says nothing for so long says nothing more.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a stream travels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Bare TCP, on loopback.
    Tcp,
    /// TLS after a few words.
    StartTls,
    /// TLS from the first byte.
    Tls,
    /// Text messages of a WebSocket.
    WebSocket,
    /// Bodies of requests.
    Bosh,
}

impl Way {
    /// All of them.
    pub const ALL: [Way; 5] = [Way::Tcp, Way::StartTls, Way::Tls, Way::WebSocket, Way::Bosh];

    /// Those where a stream is one document.
    pub const BYTES: [Way; 3] = [Way::Tcp, Way::StartTls, Way::Tls];
}

/// A stream of a client.
pub struct Stream {
    carrier: Carrier,
    /// All bytes that came since the last look.
    pub raw: Vec<u8>,
}

impl Stream {
    /// A connection on which nothing was said yet, inside TLS where the way is TLS.
    pub async fn dial(server: &Server, way: Way) -> Result<Stream> {
        let carrier = match way {
            Way::WebSocket => Carrier::socket(server.address).await?,
            Way::Bosh => Carrier::Bosh(Bosh::new(server.address)),
            Way::Tcp | Way::StartTls | Way::Tls => {
                let tcp = TcpStream::connect(server.address).await?;
                tcp.set_nodelay(true)?;
                Carrier::bytes(Box::new(tcp))
            }
        };
        let mut stream = Stream { carrier, raw: Vec::new() };
        match way {
            Way::Tcp | Way::WebSocket | Way::Bosh => Ok(stream),
            Way::Tls => stream.inside(server).await,
            Way::StartTls => {
                stream.open().await?;
                stream.write(format!("<starttls xmlns='{}'/>", ns::TLS).as_bytes()).await?;
                let answer = stream.stanza().await?;
                ensure!(answer.is(ns::TLS, "proceed"), "no TLS: {}", answer.to_text());
                stream.inside(server).await
            }
        }
    }

    /// A stream over something on which nothing was said yet.
    pub fn over(io: BoxIo) -> Stream {
        Stream { carrier: Carrier::bytes(io), raw: Vec::new() }
    }

    async fn inside(self, server: &Server) -> Result<Stream> {
        let Carrier::Bytes { io, .. } = self.carrier else { bail!("only bytes go through TLS") };
        let tls = TlsConnector::from(Trust::Pinned(certificate(server)?).config()?);
        let name = server.address.ip().into();
        Ok(Stream { carrier: Carrier::bytes(Box::new(tls.connect(name, io).await?)), raw: Vec::new() })
    }

    /// Says something.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        tokio::time::timeout(PATIENCE, self.carrier.write(bytes)).await.context("the server takes nothing")?
    }

    /// Ends the stream.
    pub async fn close(&mut self) -> Result<()> {
        tokio::time::timeout(PATIENCE, self.carrier.close()).await.context("the server takes nothing")?
    }

    /// Begins the stream (anew); what the server can do now.
    pub async fn open(&mut self) -> Result<Element> {
        self.carrier.open().await?;
        match self.item().await? {
            Some(Item::Open(_)) => self.stanza().await,
            other => bail!("no beginning of a stream: {other:?}"),
        }
    }

    /// The next item; `None`: the server has ended the connection.
    pub async fn item(&mut self) -> Result<Option<Item>> {
        let item = tokio::time::timeout(PATIENCE, self.carrier.item(&mut self.raw)).await;
        item.context("the server says nothing")?
    }

    /// The next stanza.
    pub async fn stanza(&mut self) -> Result<Element> {
        match self.item().await? {
            Some(Item::Stanza(element)) if element.is(ns::STREAM, "error") => {
                bail!("the server ends the stream: {}", element.to_text())
            }
            Some(Item::Stanza(element)) => Ok(element),
            other => bail!("no stanza: {other:?}"),
        }
    }

    /// The condition with which the server ends the stream; what it says before that is passed over. `None`: it ended
    /// the connection without a word.
    pub async fn end(&mut self) -> Result<Option<String>> {
        let mut condition = None;
        loop {
            match self.item().await {
                Ok(Some(Item::Stanza(error))) if error.is(ns::STREAM, "error") => {
                    condition = error.elements().next().map(|element| element.name.to_string());
                }
                Ok(Some(Item::Stanza(_) | Item::Open(_))) => {}
                Ok(Some(Item::Close) | None) => return Ok(condition),
                // A reset may overtake the end.
                Err(error) if error.downcast_ref::<std::io::Error>().is_some() => return Ok(condition),
                Err(error) => return Err(error),
            }
        }
    }

    /// Logs in by password and begins the stream anew.
    pub async fn plain(&mut self, local: &str, password: &str) -> Result<Element> {
        self.open().await?;
        let said = base64(format!("\0{local}\0{password}").as_bytes());
        self.write(format!("<auth xmlns='{}' mechanism='PLAIN'>{said}</auth>", ns::SASL).as_bytes()).await?;
        let answer = self.stanza().await?;
        ensure!(answer.is(ns::SASL, "success"), "not logged in: {}", answer.to_text());
        self.open().await
    }

    /// Binds a resource; the whole address.
    pub async fn bind(&mut self, resource: &str) -> Result<String> {
        let wish = format!("<bind xmlns='{}'><resource>{resource}</resource></bind>", ns::BIND);
        self.write(format!("<iq type='set' id='bind'>{wish}</iq>").as_bytes()).await?;
        let answer = self.stanza().await?;
        let bound = answer.find(ns::BIND, "bind").and_then(|bound| bound.find(ns::BIND, "jid"));
        Ok(bound.with_context(|| format!("not bound: {}", answer.to_text()))?.own_text())
    }
}

/// RFC 4648 §4.
pub fn base64(bytes: &[u8]) -> String {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

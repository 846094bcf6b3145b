//! One stream: bytes out, items in, over bare TCP or TLS.
//!
//! Invariant: every wait for the server has an end.

use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use belfry_client::{BoxIo, Trust};
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item, Limits, Reader};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::Server;
use crate::person::certificate;

/// What is read at once.
const PIECE_BYTES: usize = 16 * 1024;

/// A server that says nothing for so long says nothing more.
const PATIENCE: Duration = Duration::from_secs(20);

/// How a client begins.
const OPEN: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>";

/// How the bytes of a stream travel.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Way {
    /// Bare TCP, on loopback.
    Tcp,
    /// TLS after a few words.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl Way {
    /// All of them.
    pub const ALL: [Way; 3] = [Way::Tcp, Way::StartTls, Way::Tls];
}

/// A stream of a client.
pub struct Stream {
    io: BoxIo,
    reader: Reader,
    input: BytesMut,
    /// All bytes that came since the last look.
    pub raw: Vec<u8>,
}

impl Stream {
    /// A connection on which nothing was said yet, inside TLS where the way is TLS.
    pub async fn dial(server: &Server, way: Way) -> Result<Stream> {
        let tcp = TcpStream::connect(server.address).await?;
        tcp.set_nodelay(true)?;
        let mut stream = Stream::over(Box::new(tcp));
        match way {
            Way::Tcp => Ok(stream),
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

    fn over(io: BoxIo) -> Stream {
        Stream { io, reader: Reader::new(Limits::MEMBER), input: BytesMut::new(), raw: Vec::new() }
    }

    async fn inside(self, server: &Server) -> Result<Stream> {
        let tls = TlsConnector::from(Trust::Pinned(certificate(server)?).config()?);
        let name = server.address.ip().into();
        Ok(Stream::over(Box::new(tls.connect(name, self.io).await?)))
    }

    /// Says something.
    pub async fn write(&mut self, bytes: &[u8]) -> Result<()> {
        tokio::time::timeout(PATIENCE, async {
            self.io.write_all(bytes).await?;
            self.io.flush().await
        })
        .await
        .context("the server takes nothing")??;
        Ok(())
    }

    /// Begins the stream (anew); what the server can do now.
    pub async fn open(&mut self) -> Result<Element> {
        self.reader = Reader::new(Limits::MEMBER);
        self.write(OPEN.as_bytes()).await?;
        match self.item().await? {
            Some(Item::Open(_)) => self.stanza().await,
            other => bail!("no beginning of a stream: {other:?}"),
        }
    }

    /// The next item; `None`: the server has ended the connection.
    pub async fn item(&mut self) -> Result<Option<Item>> {
        loop {
            if let Some(item) = self.reader.read(&mut self.input)? {
                return Ok(Some(item));
            }
            let mut piece = vec![0; PIECE_BYTES];
            let read = tokio::time::timeout(PATIENCE, self.io.read(&mut piece)).await;
            match read.context("the server says nothing")?? {
                0 => return Ok(None),
                read => {
                    self.input.extend_from_slice(&piece[..read]);
                    self.raw.extend_from_slice(&piece[..read]);
                }
            }
        }
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

//! What a stream of a client travels over: bytes, a WebSocket (RFC 7395), requests (XEP-0124, XEP-0206).
//!
//! Invariant: whatever carries it, a stanza is said by its text and heard as an item.

use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use belfry_client::BoxIo;
use belfry_xmpp::ns;
use belfry_xmpp::xml::{Element, Item, Limits, Opening, Reader};
use bytes::BytesMut;
use futures_util::{SinkExt as _, StreamExt as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::http::HeaderValue;

use super::bosh::Bosh;

/// What is read at once.
const PIECE_BYTES: usize = 16 * 1024;

/// How a client begins.
const OPEN: &str = "<?xml version='1.0'?><stream:stream xmlns='jabber:client' \
     xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>";

/// What a stream travels over.
pub(super) enum Carrier {
    Bytes { io: BoxIo, reader: Box<Reader>, input: BytesMut },
    Socket(Box<WebSocketStream<TcpStream>>),
    Bosh(Bosh),
}

impl Carrier {
    pub(super) fn bytes(io: BoxIo) -> Carrier {
        Carrier::Bytes { io, reader: Box::new(Reader::new(Limits::MEMBER)), input: BytesMut::new() }
    }

    pub(super) async fn socket(server: SocketAddr) -> Result<Carrier> {
        let mut request = format!("ws://{server}{}", belfry_xmpp::web::SOCKET_PATH).into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static("xmpp"));
        let tcp = TcpStream::connect(server).await?;
        tcp.set_nodelay(true)?;
        let (socket, answer) = tokio_tungstenite::client_async(request, tcp).await?;
        ensure!(answer.headers().get("sec-websocket-protocol").is_some_and(|chosen| chosen == "xmpp"));
        Ok(Carrier::Socket(Box::new(socket)))
    }

    /// Says something as it is.
    pub(super) async fn write(&mut self, text: &[u8]) -> Result<()> {
        match self {
            Carrier::Bytes { io, .. } => {
                io.write_all(text).await?;
                io.flush().await?;
            }
            Carrier::Socket(socket) => {
                let text = std::str::from_utf8(text).context("only text goes over it")?;
                socket.send(Message::Text(standing(text).into())).await?;
            }
            Carrier::Bosh(bosh) => {
                bosh.say(&standing(std::str::from_utf8(text).context("only text goes over it")?)).await;
            }
        }
        Ok(())
    }

    /// Begins the stream (anew).
    pub(super) async fn open(&mut self) -> Result<()> {
        match self {
            Carrier::Bytes { reader, .. } => {
                **reader = Reader::new(Limits::MEMBER);
                self.write(OPEN.as_bytes()).await
            }
            Carrier::Socket(_) => {
                let open = format!("<open xmlns='{}' to='localhost' version='1.0'/>", ns::FRAMING);
                self.write(open.as_bytes()).await
            }
            Carrier::Bosh(bosh) => {
                bosh.open().await;
                Ok(())
            }
        }
    }

    /// Ends it.
    pub(super) async fn close(&mut self) -> Result<()> {
        match self {
            Carrier::Bytes { .. } => self.write(b"</stream:stream>").await,
            Carrier::Socket(_) => self.write(format!("<close xmlns='{}'/>", ns::FRAMING).as_bytes()).await,
            Carrier::Bosh(bosh) => {
                bosh.close().await;
                Ok(())
            }
        }
    }

    /// The next item; `None`: the server has ended what carries it. What came as bytes is added to `raw`.
    pub(super) async fn item(&mut self, raw: &mut Vec<u8>) -> Result<Option<Item>> {
        match self {
            Carrier::Bytes { io, reader, input } => loop {
                if let Some(item) = reader.read(input)? {
                    return Ok(Some(item));
                }
                let mut piece = vec![0; PIECE_BYTES];
                match io.read(&mut piece).await? {
                    0 => return Ok(None),
                    read => {
                        input.extend_from_slice(&piece[..read]);
                        raw.extend_from_slice(&piece[..read]);
                    }
                }
            },
            Carrier::Socket(socket) => loop {
                match socket.next().await.transpose()? {
                    Some(Message::Text(text)) => {
                        raw.extend_from_slice(text.as_bytes());
                        return frame(&text).map(Some);
                    }
                    Some(Message::Ping(_) | Message::Pong(_)) => {}
                    Some(Message::Close(_)) | None => return Ok(None),
                    Some(other) => bail!("no text: {other:?}"),
                }
            },
            Carrier::Bosh(bosh) => bosh.item().await,
        }
    }
}

/// A stanza that says its namespace itself.
fn standing(text: &str) -> String {
    let head = &text[..text.find('>').unwrap_or(text.len())];
    if head.contains("xmlns=") {
        return text.to_owned();
    }
    let at = text.find([' ', '/', '>']).unwrap_or(text.len());
    format!("{} xmlns='{}'{}", &text[..at], ns::CLIENT, &text[at..])
}

fn frame(text: &str) -> Result<Item> {
    let element = Element::parse(text.as_bytes()).with_context(|| format!("a frame is one element: {text}"))?;
    Ok(match (&*element.ns, &*element.name) {
        (ns::FRAMING, "open") => Item::Open(Opening::default()),
        (ns::FRAMING, "close") => Item::Close,
        _ => Item::Stanza(element),
    })
}

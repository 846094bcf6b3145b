//! Channels: an open byte stream becomes a reader and a writer of frames, whatever protects and carries them.
//!
//! A stream and the keys come in; a [`FrameReader`], a [`FrameWriter`] and the server's proved key leave. Invariant: no
//! frame is written before the server has proved its key (Noise), its certificate (TLS) or that it speaks WebSocket.

use bytes::{Bytes, BytesMut};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use rustls_pki_types::ServerName;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio_rustls::TlsConnector;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::{self, Message};

use belfry_wire::noise::{Handshake, Opener, Progress, Sealer, StaticKey, Step, prologue};
use belfry_wire::preamble::{PREAMBLE_BYTES, VERSION_MAX, VERSION_MIN};
use belfry_wire::{Channel, Decoder, Frame, Framing, Preamble, PreambleAnswer, PreambleStatus, frame};

use crate::address::{Carrier, ServerAddress};
use crate::dial::BoxIo;
use crate::error::LinkError;

/// What is read from a socket at once.
const READ_BYTES: usize = 16 * 1024;

/// The path of the WebSocket.
const SOCKET_PATH: &str = "/v1/socket";

/// Reads frames.
pub(crate) enum FrameReader {
    Stream { io: ReadHalf<BoxIo>, opener: Option<Opener>, sealed: BytesMut, plain: BytesMut, decoder: Decoder },
    Socket { socket: SplitStream<WebSocketStream<BoxIo>>, plain: BytesMut, decoder: Decoder },
}

/// Writes frames.
pub(crate) enum FrameWriter {
    Stream { io: WriteHalf<BoxIo>, sealer: Option<Sealer> },
    Socket { socket: SplitSink<WebSocketStream<BoxIo>, Message> },
}

/// An open channel.
pub(crate) struct Opened {
    pub(crate) reader: FrameReader,
    pub(crate) writer: FrameWriter,
    /// The server's static key, under Noise.
    pub(crate) server_key: Option<[u8; 32]>,
}

/// Opens the channel that the address asks for. Under Noise, IK if `server_key` is known and XX otherwise.
pub(crate) async fn open(
    io: BoxIo,
    address: &ServerAddress,
    key: &StaticKey,
    server_key: Option<&[u8; 32]>,
    tls: Option<&Arc<rustls::ClientConfig>>,
) -> Result<Opened, LinkError> {
    let io = if address.carrier.is_tls() { start_tls(io, address, tls).await? } else { io };
    match address.carrier {
        Carrier::Ws | Carrier::Wss => open_socket(io, address).await,
        Carrier::Bare | Carrier::Tls => open_bare(io).await,
        Carrier::Noise => open_noise(io, key, server_key).await,
    }
}

/// TLS over the stream.
pub(crate) async fn start_tls(
    io: BoxIo,
    address: &ServerAddress,
    tls: Option<&Arc<rustls::ClientConfig>>,
) -> Result<BoxIo, LinkError> {
    let config =
        tls.ok_or_else(|| LinkError::Handshake("no root certificate or fingerprint was given for TLS".into()))?;
    let name = ServerName::try_from(address.host.clone())
        .map_err(|_| LinkError::Handshake(format!("`{}` is no name for a certificate", address.host)))?;
    let stream = TlsConnector::from(Arc::clone(config)).connect(name, io).await;
    Ok(Box::new(stream.map_err(|error| LinkError::Handshake(error.to_string()))?))
}

async fn open_bare(mut io: BoxIo) -> Result<Opened, LinkError> {
    say_hello(&mut io, Channel::Bare).await?;
    let (reader, writer) = tokio::io::split(io);
    Ok(Opened {
        reader: FrameReader::stream(reader, None, BytesMut::new()),
        writer: FrameWriter::Stream { io: writer, sealer: None },
        server_key: None,
    })
}

async fn open_noise(mut io: BoxIo, key: &StaticKey, server_key: Option<&[u8; 32]>) -> Result<Opened, LinkError> {
    let channel = if server_key.is_some() { Channel::NoiseIk } else { Channel::NoiseXx };
    let (preamble, answer) = say_hello(&mut io, channel).await?;
    let prologue = prologue(&preamble, &answer);
    let broken = |error: belfry_wire::noise::NoiseError| LinkError::Handshake(error.to_string());
    let mut handshake = match server_key {
        Some(server_key) => Handshake::initiator_ik(key, server_key, &prologue),
        None => Handshake::initiator_xx(key, &prologue),
    }
    .map_err(broken)?;
    let (mut input, mut output) = (BytesMut::new(), BytesMut::new());
    loop {
        let step = handshake.advance(&mut input, &mut output).map_err(broken)?;
        if !output.is_empty() {
            io.write_all_buf(&mut output).await?;
            io.flush().await?;
        }
        if step == Step::Done {
            break;
        }
        if io.read_buf(&mut input).await? == 0 {
            return Err(LinkError::Handshake("the server closed during the handshake".to_owned()));
        }
    }
    let transport = handshake.into_transport().map_err(broken)?;
    let server_key = *transport.remote_static();
    let (sealer, opener) = transport.split();
    let (reader, writer) = tokio::io::split(io);
    Ok(Opened {
        reader: FrameReader::stream(reader, Some(opener), input),
        writer: FrameWriter::Stream { io: writer, sealer: Some(sealer) },
        server_key: Some(server_key),
    })
}

/// Sends the preamble and reads the server's verdict; gives both as they were on the wire.
async fn say_hello(
    io: &mut BoxIo,
    channel: Channel,
) -> Result<([u8; PREAMBLE_BYTES], [u8; PREAMBLE_BYTES]), LinkError> {
    let preamble =
        Preamble { framing: Framing::Sync, channel, version_min: VERSION_MIN, version_max: VERSION_MAX }.encode();
    io.write_all(&preamble).await?;
    io.flush().await?;
    let mut bytes = [0; PREAMBLE_BYTES];
    io.read_exact(&mut bytes).await?;
    let answer = PreambleAnswer::decode(bytes)
        .map_err(|_| LinkError::Handshake("what answers there is not a Belfry server".to_owned()))?;
    match answer.status {
        PreambleStatus::Accepted => Ok((preamble, bytes)),
        status => Err(LinkError::Preamble(status)),
    }
}

async fn open_socket(io: BoxIo, address: &ServerAddress) -> Result<Opened, LinkError> {
    let broken = |error: tungstenite::Error| LinkError::Handshake(error.to_string());
    let authority = address.authority();
    let mut request = format!("ws://{authority}{SOCKET_PATH}").into_client_request().map_err(broken)?;
    // The server wants to know that no foreign page opens the socket; a program states its own origin.
    let scheme = if address.carrier.is_tls() { "https" } else { "http" };
    let origin = HeaderValue::from_str(&format!("{scheme}://{authority}"))
        .map_err(|_| LinkError::Handshake(format!("`{authority}` does not fit into a header")))?;
    request.headers_mut().insert("Origin", origin);
    let config = WebSocketConfig::default()
        .max_message_size(Some(frame::FRAME_BYTES_MAX))
        .max_frame_size(Some(frame::FRAME_BYTES_MAX));
    let (socket, _) = tokio_tungstenite::client_async_with_config(request, io, Some(config)).await.map_err(broken)?;
    let (writer, reader) = socket.split();
    Ok(Opened {
        reader: FrameReader::Socket { socket: reader, plain: BytesMut::new(), decoder: decoder() },
        writer: FrameWriter::Socket { socket: writer },
        server_key: None,
    })
}

fn decoder() -> Decoder {
    let mut decoder = Decoder::new(Framing::Sync);
    decoder.set_frame_bytes_max(frame::FRAME_BYTES_MAX);
    decoder
}

impl FrameReader {
    /// `left` is what came behind the handshake.
    fn stream(io: ReadHalf<BoxIo>, opener: Option<Opener>, left: BytesMut) -> FrameReader {
        let (sealed, plain) = if opener.is_some() { (left, BytesMut::new()) } else { (BytesMut::new(), left) };
        FrameReader::Stream { io, opener, sealed, plain, decoder: decoder() }
    }

    /// The next frame; `None`: the server has closed. Cancel safe: what has arrived stays in the reader.
    pub(crate) async fn next(&mut self) -> Result<Option<Frame>, LinkError> {
        match self {
            FrameReader::Stream { io, opener, sealed, plain, decoder } => loop {
                if let Some(frame) = decoder.decode(plain)? {
                    return Ok(Some(frame));
                }
                if let Some(opener) = opener {
                    let opened = opener.open(sealed, plain);
                    if opened.map_err(|_| LinkError::Protocol("a record is not genuine"))? == Progress::Opened {
                        continue;
                    }
                }
                let into = if opener.is_some() { &mut *sealed } else { &mut *plain };
                into.reserve(READ_BYTES);
                if io.read_buf(into).await? == 0 {
                    return Ok(None);
                }
            },
            FrameReader::Socket { socket, plain, decoder } => loop {
                if let Some(frame) = decoder.decode(plain)? {
                    return Ok(Some(frame));
                }
                if !plain.is_empty() {
                    return Err(LinkError::Protocol("a WebSocket message does not hold whole frames"));
                }
                match socket.next().await {
                    None | Some(Ok(Message::Close(_))) => return Ok(None),
                    Some(Ok(Message::Binary(bytes))) => *plain = BytesMut::from(bytes),
                    Some(Ok(_)) => {} // pings are answered by the library
                    Some(Err(error)) => return Err(LinkError::Io(error.to_string())),
                }
            },
        }
    }
}

impl FrameWriter {
    /// Writes frames, in one piece where the carrier allows. Not cancel safe.
    pub(crate) async fn write(&mut self, frames: &[Frame]) -> Result<(), LinkError> {
        match self {
            FrameWriter::Stream { io, sealer } => {
                let mut plain = BytesMut::new();
                for frame in frames {
                    frame.encode(Framing::Sync, &mut plain);
                }
                let mut out = BytesMut::new();
                match sealer {
                    Some(sealer) => sealer.seal(&plain, &mut out).map_err(|_| LinkError::Protocol("cannot seal"))?,
                    None => out = plain,
                }
                io.write_all_buf(&mut out).await?;
                io.flush().await?;
            }
            FrameWriter::Socket { socket } => {
                for frame in frames {
                    let mut bytes = BytesMut::new();
                    frame.encode(Framing::Sync, &mut bytes);
                    let message = Message::Binary(Bytes::from(bytes));
                    socket.feed(message).await.map_err(|error| LinkError::Io(error.to_string()))?;
                }
                socket.flush().await.map_err(|error| LinkError::Io(error.to_string()))?;
            }
        }
        Ok(())
    }

    /// Says that nothing more will come.
    pub(crate) async fn close(&mut self) {
        // The other side may be gone already; there is nobody left to tell about it.
        match self {
            FrameWriter::Stream { io, .. } => drop(io.shutdown().await),
            FrameWriter::Socket { socket } => drop(socket.close().await),
        }
    }
}

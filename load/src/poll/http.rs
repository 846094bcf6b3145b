//! A lane: one kept HTTP/1.1 connection on which one thing is asked after the other, with the device's token.
//!
//! Paths and JSON come in, JSON or a refusal leaves. Invariant: at rest it is no task; that the server has closed it is
//! seen when the next thing is asked, which then goes over a new connection. What is asked twice by this must be of a kind
//! that may be.

use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use belfry_client::{BoxIo, Dial, Tcp};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1::{Connection, SendRequest, handshake};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use rustls_pki_types::ServerName;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tokio_rustls::TlsConnector;

use crate::target::Target;

/// An answer is not longer: the server's pages are far smaller.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// A server that does not answer for so long, beyond what it was asked to wait, has let us down.
const PATIENCE: Duration = Duration::from_secs(120);

/// Whom all lanes talk to.
#[derive(Clone, Copy)]
pub(super) struct Server<'a> {
    pub(super) target: &'a Target,
    pub(super) tls: Option<&'a Arc<rustls::ClientConfig>>,
}

/// The server has understood, and says no.
#[derive(Debug, Deserialize)]
pub(super) struct Refused {
    pub(super) code: String,
    #[serde(default)]
    message: String,
}

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({})", self.message, self.code)
    }
}

impl std::error::Error for Refused {}

/// An open connection: what asks, and what has to be driven meanwhile.
struct Wire {
    sender: SendRequest<Full<Bytes>>,
    connection: Box<Connection<TokioIo<BoxIo>, Full<Bytes>>>,
}

/// One thing after the other.
#[derive(Default)]
pub(super) struct Lane {
    wire: Option<Wire>,
    /// Says who asks; empty: nobody does.
    token: String,
}

impl Lane {
    /// Where a device asks that has this token.
    pub(super) fn new(token: String) -> Lane {
        Lane { wire: None, token }
    }

    /// The token that is in use.
    pub(super) fn token(&self) -> &str {
        &self.token
    }

    /// Another token from here on.
    pub(super) fn renew(&mut self, token: String) {
        self.token = token;
    }

    /// Gives something to the server and reads what it says to it.
    pub(super) async fn post<T: DeserializeOwned>(
        &mut self,
        server: Server<'_>,
        path: &str,
        body: &serde_json::Value,
    ) -> Result<T> {
        let body = Bytes::from(serde_json::to_vec(body)?);
        read(self.ask(server, Method::POST, path, body, PATIENCE).await?)
    }

    /// Asks for something that the server may hold for so long.
    pub(super) async fn get<T: DeserializeOwned>(
        &mut self,
        server: Server<'_>,
        path: &str,
        held: Duration,
    ) -> Result<T> {
        read(self.ask(server, Method::GET, path, Bytes::new(), held + PATIENCE).await?)
    }

    async fn ask(
        &mut self,
        server: Server<'_>,
        method: Method,
        path: &str,
        body: Bytes,
        patience: Duration,
    ) -> Result<(StatusCode, Bytes)> {
        let asked = async {
            loop {
                let (wire, kept) = match self.wire.take() {
                    Some(wire) => (wire, true),
                    None => (Wire::open(server).await?, false),
                };
                let request = request(server, &self.token, &method, path, &body)?;
                match wire.exchange(request).await {
                    Ok((answer, wire)) => {
                        self.wire = wire;
                        return Ok(answer);
                    }
                    // The server may have closed what was at rest just before it was asked.
                    Err(_) if kept => {}
                    Err(error) => return Err(error),
                }
            }
        };
        let asked = tokio::time::timeout(patience, asked).await;
        asked.with_context(|| format!("the server did not answer {path} for {patience:?}"))?
    }
}

fn request(server: Server<'_>, token: &str, method: &Method, path: &str, body: &Bytes) -> Result<Request<Full<Bytes>>> {
    let mut request =
        Request::builder().method(method.clone()).uri(path).header(HOST, server.target.address().authority());
    if *method == Method::POST {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    if !token.is_empty() {
        request = request.header(AUTHORIZATION, format!("Bearer {token}"));
    }
    Ok(request.body(Full::new(body.clone()))?)
}

fn read<T: DeserializeOwned>((status, body): (StatusCode, Bytes)) -> Result<T> {
    if status == StatusCode::OK {
        return serde_json::from_slice(&body).context("the server's answer cannot be read");
    }
    match serde_json::from_slice::<Refused>(&body) {
        Ok(refused) => Err(refused.into()),
        Err(_) => bail!("the server answers with HTTP status {status}"),
    }
}

impl Wire {
    async fn open(server: Server<'_>) -> Result<Wire> {
        let Server { target, tls } = server;
        let mut io = Tcp.dial(&target.address()).await?;
        if target.door.is_tls() {
            let config = tls.context("nothing says whose certificate to trust")?;
            let host = ServerName::try_from(target.host.clone()).context("that host is no name for a certificate")?;
            let secured = TlsConnector::from(Arc::clone(config)).connect(host, io).await;
            io = Box::new(secured.context("no TLS with this server")?);
        }
        let (sender, connection) = handshake(TokioIo::new(io)).await?;
        Ok(Wire { sender, connection: Box::new(connection) })
    }

    /// One request and its answer, and the connection if it goes on.
    async fn exchange(mut self, request: Request<Full<Bytes>>) -> Result<((StatusCode, Bytes), Option<Wire>)> {
        let answer = {
            let sender = &mut self.sender;
            let mut asked = pin!(async move {
                sender.ready().await?;
                let answer = sender.send_request(request).await?;
                let status = answer.status();
                let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await;
                let body = body.map_err(|error| anyhow::anyhow!("an answer broke off: {error}"))?;
                anyhow::Ok((status, body.to_bytes()))
            });
            tokio::select! {
                biased;
                answer = &mut asked => answer?,
                ended = &mut self.connection => {
                    ended?;
                    // The answer may have come together with the end.
                    return Ok((asked.await?, None));
                }
            }
        };
        Ok((answer, Some(self)))
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;
    use crate::target::Door;
    use crate::target::tests::target;

    /// Answers on each connection with the next text of its list and leaves after the last one; how many heads it has read.
    async fn served(listener: TcpListener, connections: &[&[&str]]) -> std::io::Result<usize> {
        let mut heads = 0;
        for answers in connections {
            let (mut stream, _) = listener.accept().await?;
            for answer in *answers {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(stream.read_u8().await?);
                }
                heads += 1;
                stream.write_all(answer.as_bytes()).await?;
            }
        }
        Ok(heads)
    }

    async fn asked(connections: &[&[&str]], times: usize) -> (Vec<Result<u32>>, usize) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("some port is free");
        let mut target = target(Door::LongPoll);
        target.port = listener.local_addr().expect("it is bound").port();
        let asking = async {
            let (mut lane, mut said) = (Lane::new("t".into()), Vec::new());
            for _ in 0..times {
                said.push(lane.get(Server { target: &target, tls: None }, "/x", Duration::ZERO).await);
            }
            said
        };
        let (heads, said) = tokio::join!(served(listener, connections), asking);
        (said, heads.expect("the sockets work"))
    }

    const ONE: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n1";
    const TWO: &str = "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nConnection: close\r\n\r\n2";
    const NO: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 31\r\n\r\n{\"code\":\"forbidden\",\"extra\":1}\n";

    #[tokio::test]
    async fn a_connection_is_kept_and_one_that_the_server_has_closed_is_replaced() {
        let (said, heads) = asked(&[&[ONE, ONE], &[ONE, TWO], &[ONE]], 5).await;
        let said: Vec<u32> = said.into_iter().map(|said| said.expect("an answer")).collect();
        assert_eq!((said, heads), (vec![1, 1, 1, 2, 1], 5));
    }

    #[tokio::test]
    async fn a_refusal_is_told_from_an_answer_and_from_what_is_neither() {
        let garbage = "HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno";
        let (said, _) = asked(&[&[NO, ONE, garbage]], 3).await;
        let refused = said[0].as_ref().expect_err("it said no").downcast_ref::<Refused>().map(|no| no.code.clone());
        assert_eq!(refused.as_deref(), Some("forbidden"));
        assert!(matches!(said[1], Ok(1)), "the connection goes on after a refusal");
        assert!(said[2].as_ref().expect_err("no answer").to_string().contains("500"));
    }

    #[tokio::test]
    async fn a_server_that_leaves_without_an_answer_is_an_error_and_not_asked_for_ever() {
        let (said, heads) = asked(&[&[""]], 1).await;
        assert!(said[0].is_err(), "{said:?}");
        assert_eq!(heads, 1);
    }
}

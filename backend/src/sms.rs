//! Ways in which a PIN reaches a phone: into the log, into a file, to a gateway over HTTP.
//!
//! A number and a text come in; the text is a secret and is shown only where the operator has asked for it by choosing
//! [`LogSms`] or [`FileSms`], which are for trying things out. Invariant: an error says what failed, never the text.

use std::fs::OpenOptions;
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use belfry_domain::ports::{Sms, SmsError};
use belfry_domain::{Phone, Secret};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue, USER_AGENT};
use hyper::{Request, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use parking_lot::Mutex;

/// Longest time for one text: whoever waits for a PIN tries again after that.
const WEBHOOK_WAIT: Duration = Duration::from_secs(10);

/// An answer of a gateway is read up to here and thrown away.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Writes texts to the log. Only for a server that nobody else can reach: the server checks that it listens on
/// loopback alone.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogSms;

#[async_trait]
impl Sms for LogSms {
    async fn send(&self, to: &Phone, text: Secret<String>) -> Result<(), SmsError> {
        tracing::info!(target: "belfry::sms", %to, text = %text.expose(), "a text message");
        Ok(())
    }
}

/// Appends texts to a file, one JSON object a line, readable by this user alone.
#[derive(Debug)]
pub struct FileSms {
    path: PathBuf,
    /// Two texts at once must not mix their lines.
    turn: Arc<Mutex<()>>,
}

impl FileSms {
    /// Appends to the file at `path`, made with the first text.
    pub fn new(path: impl Into<PathBuf>) -> FileSms {
        FileSms { path: path.into(), turn: Arc::default() }
    }
}

#[async_trait]
impl Sms for FileSms {
    async fn send(&self, to: &Phone, text: Secret<String>) -> Result<(), SmsError> {
        let line = format!("{}\n", serde_json::json!({ "to": to.as_str(), "text": text.expose() }));
        let (path, turn) = (self.path.clone(), Arc::clone(&self.turn));
        let write = move || {
            let _turn = turn.lock();
            let mut file = OpenOptions::new().create(true).append(true).mode(0o600).open(&path)?;
            file.write_all(line.as_bytes())
        };
        let written = tokio::task::spawn_blocking(write).await.map_err(|error| SmsError(error.to_string()))?;
        written.map_err(|error| SmsError(format!("{}: {error}", self.path.display())))
    }
}

/// Posts `{"to": …, "text": …}` to a gateway. Any answer of 2xx counts as taken.
pub struct WebhookSms {
    url: Uri,
    /// What proves us to the gateway; marked as sensitive, so that it does not print.
    proof: Option<HeaderValue>,
    client: Client<HttpsConnector<HttpConnector>, Full<Bytes>>,
    wait: Duration,
}

impl WebhookSms {
    /// Posts to an http or https address. The machine's certificates decide whom an https address belongs to.
    pub fn new(url: &str) -> Result<WebhookSms, SmsError> {
        let parsed: Uri = url.parse().map_err(|_| SmsError(format!("{url} is not an address of a gateway")))?;
        if !matches!(parsed.scheme_str(), Some("http" | "https")) || parsed.host().is_none() {
            return Err(SmsError(format!("{url} is not an address of a gateway: begin with https://")));
        }
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let connector = HttpsConnectorBuilder::new()
            .with_provider_and_native_roots(provider)
            .map_err(|error| SmsError(format!("the machine's certificates: {error}")))?
            .https_or_http()
            .enable_http1()
            .build();
        let client = Client::builder(TokioExecutor::new()).build(connector);
        Ok(WebhookSms { url: parsed, proof: None, client, wait: WEBHOOK_WAIT })
    }

    /// Proves itself by this token: `Authorization: Bearer …`. The error does not have the token in it.
    pub fn with_token(self, token: &Secret<String>) -> Result<WebhookSms, SmsError> {
        let wrong = || SmsError("the token has characters that a header cannot carry: it is visible ASCII".into());
        if token.expose().is_empty() || !token.expose().bytes().all(|byte| byte.is_ascii_graphic()) {
            return Err(wrong());
        }
        let mut proof = HeaderValue::try_from(format!("Bearer {}", token.expose())).map_err(|_| wrong())?;
        proof.set_sensitive(true);
        Ok(WebhookSms { proof: Some(proof), ..self })
    }

    async fn post(&self, body: Bytes) -> Result<(), SmsError> {
        let mut request = Request::post(self.url.clone())
            .header(CONTENT_TYPE, "application/json")
            .header(USER_AGENT, "belfry")
            .body(Full::new(body))
            .map_err(|error| SmsError(error.to_string()))?;
        if let Some(proof) = &self.proof {
            request.headers_mut().insert(AUTHORIZATION, proof.clone());
        }
        let answer = self.client.request(request).await.map_err(|error| SmsError(describe(&error)))?;
        let status = answer.status();
        // Read to its end, so that the link can be used for the next text; what it says is of no use.
        drop(Limited::new(answer.into_body(), ANSWER_BYTES_MAX).collect().await);
        if status.is_success() { Ok(()) } else { Err(SmsError(format!("the gateway answered {status}"))) }
    }
}

/// The error with its causes: the outermost alone says only that something failed.
fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

impl std::fmt::Debug for WebhookSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The path may hold a key of the gateway.
        f.debug_struct("WebhookSms").field("host", &self.url.host()).finish_non_exhaustive()
    }
}

#[async_trait]
impl Sms for WebhookSms {
    async fn send(&self, to: &Phone, text: Secret<String>) -> Result<(), SmsError> {
        let body = serde_json::json!({ "to": to.as_str(), "text": text.expose() }).to_string();
        match tokio::time::timeout(self.wait, self.post(body.into())).await {
            Ok(outcome) => outcome,
            Err(_) => Err(SmsError(format!("the gateway did not answer within {} s", self.wait.as_secs()))),
        }
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::disallowed_methods, reason = "a test owns its tasks")]

    use std::os::unix::fs::PermissionsExt;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    fn phone() -> Phone {
        Phone::parse("+4915112345678").expect("valid")
    }

    fn pin() -> Secret<String> {
        Secret::new("Your PIN is 123456".into())
    }

    /// A gateway that gives one answer; returns what it was sent.
    async fn gateway(answer: &'static str) -> (String, tokio::task::JoinHandle<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/send?key=s3cret", listener.local_addr().expect("bound"));
        let task = tokio::spawn(async move {
            let (mut link, _) = listener.accept().await.expect("a client");
            let mut got = Vec::new();
            while !got.ends_with(b"}") {
                let mut buffer = [0; 1024];
                let n = link.read(&mut buffer).await.expect("reads");
                got.extend_from_slice(&buffer[..n]);
            }
            link.write_all(answer.as_bytes()).await.expect("writes");
            String::from_utf8(got).expect("text")
        });
        (url, task)
    }

    #[tokio::test]
    async fn a_gateway_gets_number_and_text_as_json() {
        let (url, task) = gateway("HTTP/1.1 202 Accepted\r\ncontent-length: 2\r\n\r\nok").await;
        WebhookSms::new(&url).expect("a valid address").send(&phone(), pin()).await.expect("taken");
        let request = task.await.expect("the gateway ends");
        assert!(request.starts_with("POST /send?key=s3cret HTTP/1.1\r\n"), "{request}");
        assert!(request.contains("content-type: application/json"));
        let body: serde_json::Value =
            serde_json::from_str(request.split("\r\n\r\n").nth(1).expect("a body")).expect("JSON");
        assert_eq!(body, serde_json::json!({ "to": "+4915112345678", "text": "Your PIN is 123456" }));
    }

    #[tokio::test]
    async fn a_gateway_is_given_the_token_and_nobody_else_sees_it() {
        let token = || Secret::new("gw-t0ken".to_owned());
        let (url, task) = gateway("HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n").await;
        let sms = WebhookSms::new(&url).and_then(|sms| sms.with_token(&token())).expect("valid");
        let error = sms.send(&phone(), pin()).await.expect_err("refused");
        let request = task.await.expect("the gateway ends");
        assert!(request.contains("\r\nauthorization: Bearer gw-t0ken\r\n"), "{request}");
        for shown in [format!("{sms:?}"), format!("{:?}", sms.proof), error.to_string()] {
            assert!(!shown.contains("t0ken"), "{shown}");
        }
        for wrong in ["", "two words", "line\nbreak", "ümlaut"] {
            let sms = WebhookSms::new(&url).expect("valid");
            let error = sms.with_token(&Secret::new(wrong.to_owned())).expect_err("no header can carry it");
            assert!(wrong.is_empty() || !error.to_string().contains(wrong), "{error}");
        }
    }

    #[tokio::test]
    async fn a_gateway_that_refuses_or_is_silent_or_away_is_an_error_without_the_text() {
        let (url, _task) = gateway("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n").await;
        let refused = WebhookSms::new(&url).expect("valid").send(&phone(), pin()).await.expect_err("refused");
        assert!(refused.0.contains("403"), "{refused}");

        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let mut silent = WebhookSms::new(&format!("http://{}/", listener.local_addr().expect("bound"))).expect("valid");
        silent.wait = Duration::from_millis(50);
        let late = silent.send(&phone(), pin()).await.expect_err("silent");
        let address = listener.local_addr().expect("bound");
        drop(listener);
        let away = WebhookSms::new(&format!("http://{address}/")).expect("valid");
        let away = away.send(&phone(), pin()).await.expect_err("away");
        for error in [refused, late, away] {
            assert!(!error.to_string().contains("123456"), "{error}");
        }
    }

    #[test]
    fn an_address_that_is_none_is_refused() {
        for url in ["", "gateway", "ftp://example.org/", "/send", "https://"] {
            assert!(WebhookSms::new(url).is_err(), "{url:?} was taken");
        }
        let shown = format!("{:?}", WebhookSms::new("https://example.org/key").expect("valid"));
        assert!(!shown.contains("key"), "{shown}");
    }

    #[tokio::test]
    async fn a_file_gets_a_line_for_each_text_and_is_private() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("texts");
        let sms = FileSms::new(&path);
        for _ in 0..2 {
            sms.send(&phone(), pin()).await.expect("written");
        }
        let text = std::fs::read_to_string(&path).expect("reads");
        assert_eq!(text.lines().count(), 2);
        let line: serde_json::Value = serde_json::from_str(text.lines().next().expect("a line")).expect("JSON");
        assert_eq!(line["text"], "Your PIN is 123456");
        assert_eq!(std::fs::metadata(&path).expect("is there").permissions().mode() & 0o777, 0o600);
        let nowhere = FileSms::new(directory.path().join("no/such"));
        assert!(nowhere.send(&phone(), pin()).await.is_err());
    }
}

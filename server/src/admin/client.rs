//! Asks the running server.
//!
//! A [`Request`] goes out over the admin socket, an [`Answer`] comes back, or an error that says which socket was tried
//! and what to do. Invariant: nothing is initialised here that a command of some milliseconds would have to wait for.

use std::io;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use belfry_backend::embedded::Progress;
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::{ANSWER_BYTES_MAX, Answer, Request, read, write};
use crate::exit::{Exit, Fail};

/// How long most requests may take; a server that is stuck shall not hold a script.
const ANSWER_WAIT: Duration = Duration::from_secs(30);

/// Asks and waits for the answer. A refusal is an answer, not an error.
pub async fn ask(socket: &Path, request: &Request) -> Result<Answer> {
    ask_watching(socket, request, &Progress::default()).await
}

/// The same; meanwhile `progress` says how far the server is, if the request asks it to say so.
pub async fn ask_watching(socket: &Path, request: &Request, progress: &Progress) -> Result<Answer> {
    let mut stream = UnixStream::connect(socket).await.map_err(|error| no_server(socket, &error))?;
    let exchange = async {
        write(&mut stream, request).await?;
        loop {
            match read(&mut stream, ANSWER_BYTES_MAX).await? {
                Answer::Progress { done, total } => progress.set(done, total),
                answer => return Ok(answer),
            }
        }
    };
    // Copies take as long as there is to copy, and so does rewriting the store.
    let copies = matches!(request, Request::Backup { .. } | Request::Export { .. } | Request::Prune);
    let answer: io::Result<Answer> = if copies {
        exchange.await
    } else {
        timeout(ANSWER_WAIT, exchange).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    };
    answer.with_context(|| format!("the server at {} did not answer", socket.display()))
}

/// Whether a server answers there at all.
pub async fn runs(socket: &Path) -> bool {
    UnixStream::connect(socket).await.is_ok()
}

fn no_server(socket: &Path, error: &io::Error) -> anyhow::Error {
    let socket = socket.display();
    let text = match error.kind() {
        io::ErrorKind::PermissionDenied => {
            format!("the socket {socket} is another user's: run this command as the user of the server")
        }
        io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => format!(
            "no server runs here (tried {socket}): start one with `belfry serve`, or name its directory with --data or \
             its configuration with --config"
        ),
        _ => format!("the socket {socket} cannot be opened: {error}"),
    };
    Fail::new(Exit::Unavailable, text).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn without_a_server_the_error_names_the_socket_and_how_to_start_one() {
        let error = ask(Path::new("/nowhere/admin.sock"), &Request::Status).await.expect_err("no server");
        assert_eq!(crate::exit::of(&error), Exit::Unavailable);
        let text = error.to_string();
        assert!(
            text.contains("/nowhere/admin.sock") && text.contains("belfry serve") && text.contains("--data"),
            "{text}"
        );
    }
}

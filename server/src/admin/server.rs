//! Answers the admin socket.
//!
//! Requests of local commands come in and go to the engine or the store; one answer each leaves. Invariant: only the
//! server's own user and root are answered, and nothing here can be reached from a network.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use belfry_backend::EmbeddedStore;
use belfry_backend::embedded::Progress;
use belfry_domain::ports::StoreError;
use belfry_domain::{Account, Address, ClientMessageId, Code, DeviceId, DeviceRole, InviteKind, Refusal};
use belfry_engine::{DeviceView, Engine, Taken, TraceOf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::time::{Instant, interval_at, sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::links::{PAGE_LINKS, lines};
use super::trace::parse_id;
use super::{
    AccountLine, Answer, DeviceLine, Hidden, PAGE_ACCOUNTS, PrunedLine, REQUEST_BYTES_MAX, Request, Status, read, write,
};
use crate::copies;
use crate::exit::{Exit, Fail};
use crate::lifecycle::Reloads;
use crate::net::caps::Caps;
use crate::telemetry::health::Health;
use crate::telemetry::logs;

/// Commands at once.
const COMMANDS_MAX: usize = 32;

/// A command that has connected says what it wants within this.
const REQUEST_WAIT: Duration = Duration::from_secs(5);

/// How often somebody who waits for a copy is told how far it is.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

/// The longest path of a socket on Linux.
const SOCKET_PATH_BYTES_MAX: usize = 107;

/// What the answers are made of; a handle.
#[derive(Clone)]
pub struct Admin {
    /// Accounts.
    pub engine: Engine,
    /// Copies.
    pub store: Arc<EmbeddedStore>,
    /// Where the store and what lies beside it are.
    pub data: PathBuf,
    /// How the server is.
    pub health: Health,
    /// How full it is.
    pub caps: Arc<Caps>,
    /// Where it listens.
    pub listening: Arc<Vec<String>>,
    /// Has its configuration read again.
    pub reloads: Reloads,
}

/// Opens the socket. One that a server has left behind is replaced; the data directory's lock says that it is no more.
pub fn bind(path: &Path) -> Result<UnixListener> {
    if path.as_os_str().len() > SOCKET_PATH_BYTES_MAX {
        let text = format!(
            "the path of the admin socket, {}, is longer than {SOCKET_PATH_BYTES_MAX} bytes: set admin.socket to a \
             shorter one",
            path.display()
        );
        return Err(Fail::new(Exit::Config, text).into());
    }
    if std::os::unix::net::UnixStream::connect(path).is_ok() {
        let text =
            format!("another server answers on {}: stop it, or set admin.socket to another path", path.display());
        return Err(Fail::new(Exit::InUse, text).into());
    }
    let _absent = fs::remove_file(path);
    let open = || -> std::io::Result<UnixListener> {
        // The umask has left others no right from the first moment on; this says it again for who sets no umask.
        let listener = UnixListener::bind(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o600))?;
        Ok(listener)
    };
    open().with_context(|| format!("cannot open the admin socket {}", path.display()))
}

/// Answers until `stop`.
pub async fn serve(listener: Arc<UnixListener>, admin: Admin, stop: CancellationToken) -> Result<()> {
    let commands = Arc::new(Semaphore::new(COMMANDS_MAX));
    let tasks = TaskTracker::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => return Ok(()),
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            sleep(Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = commands.clone().acquire_owned().await else { return Ok(()) };
        let admin = admin.clone();
        let _handle = tasks.spawn(async move {
            if let Err(error) = converse(stream, &admin).await {
                tracing::debug!(%error, "a local command went away");
            }
            drop(place);
        });
    }
}

async fn converse(mut stream: UnixStream, admin: &Admin) -> Result<()> {
    let user = stream.peer_cred()?.uid();
    if user != 0 && user != rustix::process::geteuid().as_raw() {
        tracing::warn!(user, "another user was refused at the admin socket");
        return Ok(());
    }
    let request: Request = match timeout(REQUEST_WAIT, read(&mut stream, REQUEST_BYTES_MAX)).await? {
        Ok(request) => request,
        Err(error) => {
            let message = format!("the request is not understood: {error}");
            write(&mut stream, &Answer::Refused { code: Code::BadRequest.as_str().into(), message }).await?;
            return Ok(());
        }
    };
    let mut tells = matches!(request, Request::Backup { progress: true, .. } | Request::Export { progress: true, .. });
    let progress = Arc::new(Progress::default());
    let mut answering = std::pin::pin!(admin.answer(request, &progress));
    let mut clock = interval_at(Instant::now() + PROGRESS_EVERY, PROGRESS_EVERY);
    let answer = loop {
        tokio::select! {
            answer = &mut answering => break answer,
            _ = clock.tick(), if tells => {
                let (done, total) = progress.now();
                // Whoever asked has gone: the copy is made all the same.
                tells = write(&mut stream, &Answer::Progress { done, total }).await.is_ok();
            }
        }
    };
    let answer = answer
        .unwrap_or_else(|refusal| Answer::Refused { code: refusal.code.as_str().into(), message: refusal.message });
    write(&mut stream, &answer).await?;
    Ok(())
}

impl Admin {
    async fn answer(&self, request: Request, progress: &Arc<Progress>) -> Result<Answer, Refusal> {
        match request {
            Request::AccountAdd { address, password } => {
                let address = parse(&address)?;
                self.engine.admin_add_account(address.clone(), password.map(|password| password.0)).await?;
                tracing::info!(%address, "an account was added");
                Ok(Answer::Done)
            }
            Request::AccountList { after } => {
                let after = after.as_deref().map(parse).transpose()?;
                let accounts = self.engine.admin_list_accounts(after, PAGE_ACCOUNTS).await?;
                let more = accounts.len() == PAGE_ACCOUNTS;
                Ok(Answer::Accounts { accounts: accounts.iter().map(|account| line(account)).collect(), more })
            }
            Request::AccountPassword { address, password } => {
                let address = parse(&address)?;
                self.engine.admin_set_password(&address, password.0).await?;
                tracing::info!(%address, "an account was given another password");
                Ok(Answer::Done)
            }
            Request::AccountRemove { address } => {
                let address = parse(&address)?;
                self.engine.admin_remove_account(&address).await?;
                tracing::info!(%address, "an account was removed");
                Ok(Answer::Done)
            }
            Request::AccountDevices { address } => {
                let devices = self.engine.admin_devices(&parse(&address)?).await?;
                Ok(Answer::Devices { devices: devices.iter().map(device_line).collect() })
            }
            Request::AccountRevoke { address, device } => {
                let address = parse(&address)?;
                self.engine.admin_revoke_device(&address, DeviceId(device)).await?;
                tracing::info!(%address, device, "a device was removed");
                Ok(Answer::Done)
            }
            Request::Backup { to, .. } => self.backup(to, progress).await,
            Request::Export { to, .. } => self.export(to, progress).await,
            Request::Invite { address, sign_up, uses, good_ms } => {
                let address = parse(&address)?;
                let kind = if sign_up { InviteKind::SignUp } else { InviteKind::Contact };
                let made = self.engine.admin_invite(&address, kind, uses, good_ms).await?;
                tracing::info!(%address, sign_up, uses, "an invitation was made");
                Ok(Answer::Invited {
                    link: Hidden(made.link.expose().clone()),
                    xmpp: made.uri.as_ref().map(|uri| Hidden(uri.expose().clone())),
                    uses: made.invite.uses_left,
                    expires_ms: made.invite.expires.0,
                })
            }
            Request::Prune => self.prune().await,
            Request::Reload => self.reloads.ask().await.map(Answer::Reloaded).map_err(not_reloaded),
            Request::Status => Ok(Answer::Status(Box::new(self.status()))),
            Request::Links { account, after } => {
                let account = account.as_deref().map(parse).transpose()?;
                let page = self.engine.admin_links(account.as_ref(), after, PAGE_LINKS).await?;
                let (links, more_after) = lines(page);
                Ok(Answer::Links { links, more_after })
            }
            Request::Trace { id, from } => {
                let trace = self.engine.admin_trace(trace_of(&id, from.as_deref())?).await?;
                Ok(Answer::Trace(Box::new(trace.into())))
            }
        }
    }

    async fn backup(&self, to: PathBuf, progress: &Arc<Progress>) -> Result<Answer, Refusal> {
        let summary =
            copies::backup(&self.store, &self.data, &to, progress).await.map_err(|error| not_written(&error))?;
        tracing::info!(to = %to.display(), summary, "a backup was taken");
        Ok(Answer::Wrote { path: to, summary })
    }

    async fn export(&self, to: PathBuf, progress: &Arc<Progress>) -> Result<Answer, Refusal> {
        let (store, path, progress) = (self.store.clone(), to.clone(), Arc::clone(progress));
        let exported = tokio::task::spawn_blocking(move || copies::export(&store, &path, &progress)).await;
        let summary = match exported {
            Ok(Ok(summary)) => summary,
            Ok(Err(error)) => return Err(not_written(&error)),
            Err(_) => return Err(Refusal::new(Code::Internal, "The export was cut off; the log says why.")),
        };
        tracing::info!(to = %to.display(), summary, "the store was exported");
        Ok(Answer::Wrote { path: to, summary })
    }

    async fn prune(&self) -> Result<Answer, Refusal> {
        let failed = |error: StoreError| Refusal::new(Code::StorageFailed, error.to_string());
        let bytes_before = self.store.bytes_on_disk();
        let taken = self.engine.prune().await.map_err(failed)?;
        let bytes_after = self.store.reclaim().await.map_err(failed)?.after;
        let Taken { entries, dedupe: ids, lobby, told } = taken;
        tracing::info!(entries, ids, lobby, told, bytes_before, bytes_after, "what is dead was taken away as asked");
        Ok(Answer::Pruned(PrunedLine { entries, ids, lobby, told, bytes_before, bytes_after }))
    }

    fn status(&self) -> Status {
        let not_ready_because = self.health.not_ready();
        Status {
            version: env!("CARGO_PKG_VERSION").into(),
            pid: std::process::id(),
            uptime_s: self.health.uptime_s(),
            ready: not_ready_because.is_none(),
            not_ready_because,
            listening: self.listening.to_vec(),
            connections: self.caps.open(),
            connections_max: self.caps.max(),
            panics: logs::panics(),
        }
    }
}

fn not_reloaded(text: String) -> Refusal {
    Refusal::new(Code::BadRequest, text)
}

fn not_written(error: &anyhow::Error) -> Refusal {
    Refusal::new(Code::StorageFailed, format!("{error:#}"))
}

fn parse(address: &str) -> Result<Address, Refusal> {
    Address::parse(address).map_err(|error| Refusal::new(Code::BadRequest, error.to_string()))
}

/// Which message a command means.
fn trace_of(id: &str, from: Option<&str>) -> Result<TraceOf, Refusal> {
    let wrong = |text: &str| Refusal::new(Code::BadRequest, text.to_owned());
    match from {
        None => parse_id(id).map(TraceOf::Message).ok_or_else(|| wrong("An id is written CONVERSATION/NUMBER.")),
        Some(from) => {
            let client_id = ClientMessageId::parse(id)
                .ok_or_else(|| wrong("A client's id has 1 to 64 bytes and no control characters."))?;
            Ok(TraceOf::Sent { from: parse(from)?, client_id })
        }
    }
}

fn line(account: &Account) -> AccountLine {
    AccountLine {
        address: account.address.to_string(),
        display_name: account.display_name.clone(),
        phone: account.phone.is_some(),
        password: account.scram.is_some(),
        created_ms: account.created.0,
    }
}

fn device_line(view: &DeviceView) -> DeviceLine {
    DeviceLine {
        device: view.device.id.0,
        name: view.device.name.clone(),
        platform: view.device.platform.clone(),
        primary: view.device.role == DeviceRole::Primary,
        online: view.online,
        linked_ms: view.device.created.0,
        last_seen_ms: view.device.last_seen.0,
    }
}

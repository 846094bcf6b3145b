//! The driver: keeps one link to the server for as long as the client lives.
//!
//! The wish to be connected comes in as a [`Mode`]; sessions, delays between them and the end leave as events.
//! Invariants: at most one link is logged in; a device that was cut off for good does not come back by itself.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

use belfry_wire::{operation, v1};

use crate::address::Carrier;
use crate::backoff::{Backoff, Ended};
use crate::error::{ClientError, LinkError, Refusal};
use crate::link::{Link, Notifications};
use crate::model::{ClientEvent, End};
use crate::presence;
use crate::session;
use crate::shared::{HEARTBEAT_EVERY, Mode, Shared};
use crate::short;

/// Runs until stopped or cut off.
pub(crate) async fn run(shared: Arc<Shared>) {
    let end = drive(&shared).await;
    shared.link.send_replace(None);
    if let Some(end) = end {
        let why = match &end {
            End::Replaced => Some("replaced"),
            End::Revoked => Some("revoked"),
            _ => None,
        };
        if let Some(why) = why
            && let Err(error) = shared.store.end_identity(why).await
        {
            tracing::error!(%error, "cannot remember that this device was cut off");
        }
        shared.tell(ClientEvent::Ended(end)).await;
    }
    shared.stop.cancel();
    shared.stopped.cancel();
}

/// `None`: stopped from here.
async fn drive(shared: &Arc<Shared>) -> Option<End> {
    let mut mode = shared.mode.subscribe();
    let mut backoff = Backoff::default();
    loop {
        let wanted = *mode.borrow_and_update();
        if wanted == Mode::Idle {
            tokio::select! {
                changed = mode.changed() => if changed.is_err() { return None },
                () = shared.stop.cancelled() => return None,
            }
            continue;
        }
        let (ended, why) = match connect(shared, wanted).await {
            Ok((link, notifications)) => {
                let since = Instant::now();
                let why = tokio::select! {
                    why = session::run(shared, &link, notifications, wanted) => Some(why),
                    // Another account or name, or none: the session's work is over, whatever it is at.
                    _ = mode.changed() => None,
                    () = shared.stop.cancelled() => None,
                };
                shared.link.send_replace(None);
                link.close();
                shared.nobody_types().await;
                shared.no_presence_is_known().await;
                let Some(why) = why else {
                    backoff.reset();
                    if shared.stop.is_cancelled() {
                        return None;
                    }
                    continue;
                };
                (Ended::Lost { held: since.elapsed(), retry_after: retry_after(&why) }, why)
            }
            Err(why) => (Ended::Failed { retry_after: retry_after(&why) }, why),
        };
        if shared.stop.is_cancelled() {
            return None;
        }
        if let Some(end) = end_of(&why) {
            let asked = shared.lobby.lock().joining.take();
            match (wanted, &end, asked) {
                // The name is taken or guests are not let in: whoever asked is told and may ask otherwise.
                (Mode::Guest, End::Refused(_), Some(asked)) => {
                    shared.lobby.lock().left();
                    shared.mode.send_replace(Mode::Idle);
                    drop(asked.send(Err(why)));
                    continue;
                }
                _ => return Some(end),
            }
        }
        if matches!(ended, Ended::Failed { .. }) && wanted == Mode::Account && shared.config.short_link {
            short::flush(shared).await;
        }
        let retry_in = backoff.next(ended, shared.is_background(), shared.environment());
        let refused = matches!(&why, ClientError::Link(LinkError::Unreachable { refused: true, .. }));
        let reason = match &why {
            ClientError::Link(error) => error.to_string(), // without "not connected": the event says that
            other => other.to_string(),
        };
        shared.tell(ClientEvent::Disconnected { reason, retry_in, refused }).await;
        tokio::select! {
            () = tokio::time::sleep(retry_in) => {}
            () = shared.try_now.notified() => backoff.reset(),
            changed = mode.changed() => if changed.is_err() { return None },
            () = shared.stop.cancelled() => return None,
        }
    }
}

/// A link that is logged in.
async fn connect(shared: &Shared, wanted: Mode) -> Result<(Link, Notifications), ClientError> {
    let (link, notifications) = shared.connect().await?;
    let (login, news) = match wanted {
        Mode::Guest => {
            let login = login_guest(shared, &link).await?;
            let news = match login {
                Some(_) => session::return_to_lobby(shared, &link).await?,
                None => session::join_lobby(shared, &link).await?,
            };
            (login, Some(news))
        }
        _ => {
            let login = login_account(shared, &link).await?;
            presence::say(shared, &link).await?;
            (Some(login), None)
        }
    };
    let idle = login.as_ref().map_or(Duration::ZERO, |login| Duration::from_millis(login.idle_ms.into()));
    // A third: two heartbeats may be late before the server counts us as gone.
    let every = if idle.is_zero() { HEARTBEAT_EVERY } else { HEARTBEAT_EVERY.min(idle / 3) };
    shared.heartbeat_every.send_replace(every.max(Duration::from_secs(1)));
    let who = match (&news, login) {
        (None, Some(login)) => login.address,
        _ => shared.lobby.lock().wanted.clone().unwrap_or_default(),
    };
    let server = link.address().to_string();
    shared.tell(ClientEvent::Connected { who, server, guest: wanted == Mode::Guest }).await;
    if let Some(news) = news {
        let asked = shared.lobby.lock().joining.take();
        match asked {
            Some(asked) => {
                shared.link.send_replace(Some(link.clone())); // what is asked next needs it
                drop(asked.send(Ok(news)));
            }
            None => shared.tell(ClientEvent::LobbyUpdate(news)).await,
        }
    }
    Ok((link, notifications))
}

async fn login_account(shared: &Shared, link: &Link) -> Result<v1::LoginReply, ClientError> {
    let identity = shared.store.identity().await?.ok_or(ClientError::NoAccount)?;
    // Under Noise the handshake has proved the device's key; elsewhere the secret buys a token.
    let token = match link.address().carrier {
        Carrier::Noise => String::new(),
        Carrier::Tls | Carrier::Bare | Carrier::Ws | Carrier::Wss => {
            let request = v1::TokenRequest {
                address: identity.account.address,
                device_id: identity.account.device_id,
                device_secret: identity.device_secret,
            };
            link.request::<_, v1::TokenReply>(operation::TOKEN, &request).await?.token
        }
    };
    let request = v1::LoginRequest { token, client: shared.config.client.clone() };
    link.request(operation::LOGIN, &request).await
}

/// A guest comes back by its token; without one, or when its stay is over, the name is taken anew.
async fn login_guest(shared: &Shared, link: &Link) -> Result<Option<v1::LoginReply>, ClientError> {
    let Some(token) = shared.lobby.lock().token.clone() else { return Ok(None) };
    let request = v1::LoginRequest { token, client: shared.config.client.clone() };
    match link.request(operation::LOGIN, &request).await {
        Ok(reply) => Ok(Some(reply)),
        Err(ClientError::Refused(refusal)) if !refusal.is_temporary() => {
            shared.lobby.lock().token = None;
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn refusal(error: &ClientError) -> Option<&Refusal> {
    match error {
        ClientError::Refused(refusal) | ClientError::Link(LinkError::GoingAway(refusal)) => Some(refusal),
        _ => None,
    }
}

fn retry_after(error: &ClientError) -> Option<Duration> {
    refusal(error).and_then(|refusal| refusal.retry_after)
}

/// Whether coming back makes no sense.
fn end_of(error: &ClientError) -> Option<End> {
    if let ClientError::Link(LinkError::ServerKeyChanged { known, shown }) = error {
        return Some(End::ServerKeyChanged { known: known.clone(), shown: shown.clone() });
    }
    if let ClientError::Store(error) = error {
        return Some(End::Store(error.to_string()));
    }
    let refusal = refusal(error)?;
    match refusal.code.as_str() {
        "replaced" => Some(End::Replaced),
        "revoked" => Some(End::Revoked),
        "superseded" if refusal.retry_after.is_none() => Some(End::Superseded),
        // A request that the server will never grant; a link that it closed may be made again.
        _ if matches!(error, ClientError::Refused(_)) && !refusal.is_temporary() => {
            Some(End::Refused(refusal.message.clone()))
        }
        _ => None,
    }
}

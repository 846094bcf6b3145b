//! Native clients of the load tool, by the client library: a device with a key, a link, and what a device does on it.
//!
//! Accounts and passwords go in once and credentials leave; with those a link is opened and a task keeps it: it follows its
//! timeline by keys, acknowledges what it was told, and sends what it is to. Invariants, as with every client of the library:
//! an acknowledgement is under way at most once, and covers all that came meanwhile; what nobody waits to hear of is
//! acknowledged a little later.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use belfry_client::v1::event::Item;
use belfry_client::{
    ACK_REST, ACK_SPACING, ClientError, Link, LinkOptions, Notifications, Told, is_awaited, operation, v1,
};
use belfry_wire::noise::StaticKey;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, StreamExt};
use prost::Message;
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep_until};

use crate::room::{Room, Say};
use crate::stamp::Stamp;
use crate::target::{Door, Target};

/// Steps of the timeline that wait for the one before; beyond, the server is asked.
const STEPS_MAX: usize = 256;

/// Sends of one client that are under way.
const SENDS_MAX: usize = 32;

/// What a device keeps.
#[derive(Clone)]
pub(crate) struct Device {
    key: Arc<StaticKey>,
    credentials: v1::Credentials,
}

/// An open link of a device, which follows its timeline from the key on.
pub(crate) struct Session {
    link: Link,
    notifications: Notifications,
    address: String,
    key: v1::SyncKey,
    /// Steps of the timeline whose beginning is not the key yet: answers and notifications overtake each other here.
    steps: VecDeque<Step>,
    /// When what was told since the last acknowledgement is to be acknowledged.
    acknowledge_at: Option<Instant>,
    /// When the next acknowledgement may be.
    acknowledge_from: Instant,
}

/// From one key to the next.
struct Step {
    previous: v1::SyncKey,
    key: v1::SyncKey,
    events: Vec<v1::Event>,
}

fn options(key: Arc<StaticKey>, tls: Option<&Arc<rustls::ClientConfig>>) -> LinkOptions {
    let mut options = LinkOptions::new(key);
    options.tls = tls.cloned();
    options
}

/// Adds a device to an account, by its password.
pub(crate) async fn add_device(
    target: &Target,
    tls: Option<&Arc<rustls::ClientConfig>>,
    number: u32,
) -> Result<Device> {
    let mut private = [0; 32];
    getrandom::fill(&mut private)?;
    let key = Arc::new(StaticKey::new(private));
    let (link, _) = Link::connect(&[target.address()], &options(Arc::clone(&key), tls)).await?;
    let request = v1::AddDeviceRequest {
        address: target.account(number),
        password: target.password.clone(),
        device_name: "belfry bench".to_owned(),
    };
    let credentials = link.request(operation::ADD_DEVICE, &request).await;
    let credentials = credentials.with_context(|| format!("{} gets no device", target.account(number)))?;
    Ok(Device { key, credentials })
}

/// Connects a device, logs it in and lets it follow its timeline.
pub(crate) async fn log_in(
    target: &Target,
    tls: Option<&Arc<rustls::ClientConfig>>,
    device: &Device,
    room: &Room,
) -> Result<Session> {
    let options = options(Arc::clone(&device.key), tls);
    let (link, notifications) = Link::connect(&[target.address()], &options).await?;
    let mut token = String::new();
    if target.door != Door::Noise {
        let request = v1::TokenRequest {
            address: device.credentials.address.clone(),
            device_id: device.credentials.device_id,
            device_secret: device.credentials.device_secret.clone(),
        };
        let bought: v1::TokenReply = link.request(operation::TOKEN, &request).await?;
        token = bought.token;
    }
    let request = v1::LoginRequest { token, client: "belfry bench".to_owned() };
    let _reply: v1::LoginReply = link.request(operation::LOGIN, &request).await?;
    let mut session = Session {
        link,
        notifications,
        address: device.credentials.address.clone(),
        key: v1::SyncKey::default(),
        steps: VecDeque::new(),
        acknowledge_at: None,
        acknowledge_from: Instant::now(),
    };
    session.catch_up(room).await?;
    Ok(session)
}

/// Removes a device from its account, over its link.
pub(crate) async fn log_out(session: Session) -> Result<()> {
    let _reply: v1::LogoutReply = session.link.request(operation::LOGOUT, &v1::LogoutRequest {}).await?;
    Ok(())
}

/// Is a device until nobody has anything for it to do any more, or the link ends.
pub(crate) async fn run(
    mut session: Session,
    target: &Target,
    mut says: mpsc::Receiver<Say>,
    room: &Arc<Room>,
) -> Result<()> {
    let mut sends: FuturesUnordered<BoxFuture<'_, _>> = FuturesUnordered::new();
    // Questions are answered when the answers to all sends are there; nothing else is said meanwhile.
    let mut questions = 0;
    let mut acknowledging: FuturesUnordered<BoxFuture<'_, Result<v1::AckReply, ClientError>>> = FuturesUnordered::new();
    loop {
        let now = Instant::now();
        if acknowledging.is_empty() && session.acknowledge_at.is_some_and(|at| at <= now) {
            session.acknowledge_at = None;
            session.acknowledge_from = now + ACK_SPACING;
            let (link, passed) = (session.link.clone(), Some(session.key.clone()));
            let request = v1::AckRequest { passed, delivered: None };
            acknowledging.push(async move { link.request(operation::ACK, &request).await }.boxed());
        }
        tokio::select! {
            told = session.notifications.next() => match told {
                Some(told) => session.take(told, room).await?,
                None => return Err(session.link.closed().await.into()),
            },
            () = sleep_until(session.acknowledge_at.unwrap_or(now)),
                if acknowledging.is_empty() && session.acknowledge_at.is_some() => {}
            Some(acknowledged) = acknowledging.next() => {
                let _reply: v1::AckReply = acknowledged?;
            }
            Some((stamp, answer)) = sends.next() => session.answered(stamp, answer, room).await?,
            say = says.recv(), if sends.len() < SENDS_MAX && questions == 0 => match say {
                Some(Say::Message { to, stamp, bytes }) => {
                    let (link, request) = (session.link.clone(), send(target, to, stamp, bytes));
                    sends.push(async move { (stamp, link.request(operation::SEND, &request).await) }.boxed());
                }
                Some(Say::Presence { away }) => {
                    let availability = if away { v1::Availability::Away } else { v1::Availability::Online };
                    let request = v1::SetPresenceRequest { availability: availability.into(), ..Default::default() };
                    let _reply: v1::SetPresenceReply = session.link.request(operation::SET_PRESENCE, &request).await?;
                }
                Some(Say::Befriend { with }) => {
                    let request = v1::RequestContactRequest { address: target.account(with), ..Default::default() };
                    let _reply: v1::ContactReply = session.link.request(operation::REQUEST_CONTACT, &request).await?;
                }
                Some(Say::Question) => questions += 1,
                None => return Ok(()),
            },
        }
        while questions > 0 && sends.is_empty() {
            questions -= 1;
            room.answered();
        }
    }
}

/// Whether a key says nothing that the other one does not say as well.
fn is_reached(key: &v1::SyncKey, by: &v1::SyncKey) -> bool {
    let of = |kind| by.list.iter().find(|other| other.key == kind).map_or(0, |other| other.val);
    key.list.iter().all(|value| value.val <= of(value.key))
}

fn send(target: &Target, to: u32, stamp: Stamp, bytes: usize) -> v1::SendRequest {
    let text = stamp.text(bytes);
    let content = v1::Content { kind: v1::ContentKind::Text.into(), text, ..Default::default() };
    let client_message_id = format!("{:x}-{}-{}", stamp.run, stamp.pair, stamp.number);
    v1::SendRequest { to: target.account(to), client_message_id, content: Some(content) }
}

impl Session {
    /// Asks for all that came after the key, and to be told what follows.
    async fn catch_up(&mut self, room: &Room) -> Result<(), ClientError> {
        self.steps.clear();
        loop {
            let request = v1::SyncRequest { key: Some(self.key.clone()), subscribe: true, ..Default::default() };
            let reply: v1::SyncReply = self.link.request(operation::SYNC, &request).await?;
            self.is_to_acknowledge(&reply.events);
            self.hear(&reply.events, room);
            self.key = reply.key.unwrap_or_default();
            if !reply.more {
                return Ok(());
            }
        }
    }

    fn is_to_acknowledge(&mut self, events: &[v1::Event]) {
        if !events.is_empty() {
            let at = Instant::now() + if is_awaited(events) { Duration::ZERO } else { ACK_REST };
            let at = at.max(self.acknowledge_from);
            self.acknowledge_at = Some(self.acknowledge_at.map_or(at, |before| before.min(at)));
        }
    }

    async fn take(&mut self, told: Told, room: &Room) -> Result<()> {
        let notify = match told {
            Told::Overflow => return Ok(self.catch_up(room).await?),
            Told::Frame(frame) if frame.operation == operation::NOTIFY => v1::Notify::decode(frame.body)?,
            Told::Frame(frame) => {
                if frame.operation == operation::PRESENCE_UPDATE {
                    let update = v1::PresenceUpdate::decode(frame.body)?;
                    update.presences.iter().for_each(|_| room.saw());
                }
                return Ok(());
            }
        };
        match (notify.previous, notify.key, notify.reset || notify.more) {
            (Some(previous), Some(key), false) => self.step(Step { previous, key, events: notify.events }, room).await,
            _ => Ok(self.catch_up(room).await?),
        }
    }

    /// Goes on to a key, when the one before it is reached.
    async fn step(&mut self, step: Step, room: &Room) -> Result<()> {
        self.steps.push_back(step);
        while let Some(at) = self.steps.iter().position(|step| step.previous == self.key)
            && let Some(step) = self.steps.remove(at)
        {
            self.is_to_acknowledge(&step.events);
            self.hear(&step.events, room);
            self.key = step.key;
        }
        // What was asked for meanwhile is told as well, but not heard again.
        self.steps.retain(|step| !is_reached(&step.key, &self.key));
        if self.steps.len() > STEPS_MAX { Ok(self.catch_up(room).await?) } else { Ok(()) }
    }

    async fn answered(&mut self, stamp: Stamp, answer: Result<v1::SendReply, ClientError>, room: &Room) -> Result<()> {
        match answer {
            Ok(reply) => {
                room.acknowledged(stamp);
                match (reply.previous, reply.key) {
                    (Some(previous), Some(key)) => self.step(Step { previous, key, events: Vec::new() }, room).await,
                    _ => Ok(()),
                }
            }
            Err(ClientError::Refused(refusal)) => {
                room.refused(stamp);
                room.grumbled(&refusal.to_string());
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What others have written; one's own messages stand in the timeline too.
    fn hear(&self, events: &[v1::Event], room: &Room) {
        for event in events {
            if let Some(Item::Message(message)) = &event.item
                && message.from != self.address
                && let Some(stamp) = message.content.as_ref().and_then(|content| Stamp::read(content.text.as_bytes()))
            {
                room.heard(stamp);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(values: &[(u32, u64)]) -> v1::SyncKey {
        v1::SyncKey { list: values.iter().map(|(key, val)| v1::KeyValue { key: *key, val: *val }).collect() }
    }

    #[test]
    fn a_step_that_was_asked_for_meanwhile_is_not_taken_again() {
        let mine = key(&[(1, 10), (2, 4)]);
        for (other, reached) in [
            (key(&[(1, 10), (2, 4)]), true),
            (key(&[(1, 9)]), true),
            (key(&[]), true),
            (key(&[(1, 11)]), false),
            (key(&[(1, 9), (2, 5)]), false),
            (key(&[(1, 9), (3, 1)]), false),
        ] {
            assert_eq!(is_reached(&other, &mine), reached, "{other:?}");
        }
    }
}

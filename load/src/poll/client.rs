//! A client that polls: checks, syncs and sends, as docs/web-sync.md has it.
//!
//! What it is to say comes in by a channel; stamps that it hears go to the room. Invariant: the newest key is handed back in
//! the next request, so what was heard counts as delivered, and the answer that was not is given again.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::http::{Lane, Refused, Server};
use crate::room::{Room, Say};
use crate::stamp::Stamp;
use crate::target::Target;

/// The server holds a check for so long, if nobody says otherwise.
const HELD: Duration = Duration::from_secs(90);

/// A check says that the token is over.
const TOKEN_IS_OVER: u32 = 1101;

/// And everything else says so.
const UNAUTHENTICATED: &str = "unauthenticated";

/// What a device keeps.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Device {
    address: String,
    device_id: u32,
    device_secret: String,
}

/// A device with a token, which follows its timeline from the key on.
pub(crate) struct Session {
    device: Device,
    lane: Lane,
    key: Key,
}

/// A key in its two forms; without any, the server knows where the device is.
#[derive(Default)]
struct Key {
    /// For a URL.
    word: String,
    /// For a body.
    listed: Option<Value>,
}

#[derive(Deserialize)]
struct Bought {
    token: String,
}

#[derive(Deserialize)]
struct Checked {
    retcode: u32,
    selector: u32,
    #[serde(default)]
    message: String,
}

#[derive(Deserialize)]
struct Synced {
    events: Vec<Event>,
    #[serde(rename = "SyncKey")]
    sync_key: Value,
    key: String,
    #[serde(rename = "ContinueFlag")]
    continue_flag: u32,
}

#[derive(Deserialize)]
struct Event {
    message: Option<Message>,
}

#[derive(Deserialize)]
struct Message {
    from: String,
    content: Option<Content>,
}

#[derive(Deserialize)]
struct Content {
    #[serde(default)]
    text: String,
}

/// What is not looked at.
#[derive(Deserialize)]
struct Anything {}

/// Adds a device to an account, by its password.
pub(crate) async fn add_device(
    target: &Target,
    tls: Option<&Arc<rustls::ClientConfig>>,
    number: u32,
) -> Result<Device> {
    let (account, password) = (target.account(number), &target.password);
    let body = json!({"address": account, "password": password, "deviceName": "belfry bench"});
    let added = Lane::default().post(Server { target, tls }, "/v1/session/add-device", &body).await;
    added.with_context(|| format!("{account} gets no device"))
}

/// Buys a token and asks for all that has come.
pub(crate) async fn log_in(
    target: &Target,
    tls: Option<&Arc<rustls::ClientConfig>>,
    device: &Device,
    room: &Room,
) -> Result<Session> {
    let (server, mut lane) = (Server { target, tls }, Lane::default());
    device.buy(&mut lane, server).await?;
    let mut session = Session { device: device.clone(), lane, key: Key::default() };
    session.catch_up(server, room).await?;
    Ok(session)
}

/// Removes the device from its account.
pub(crate) async fn log_out(
    mut session: Session,
    target: &Target,
    tls: Option<&Arc<rustls::ClientConfig>>,
) -> Result<()> {
    let _done: Anything = session.lane.post(Server { target, tls }, "/v1/web/logout", &json!({})).await?;
    Ok(())
}

/// Is a client until nobody has anything for it to say any more, or it cannot go on.
pub(crate) async fn run(
    mut session: Session,
    target: &Target,
    tls: Option<&Arc<rustls::ClientConfig>>,
    says: mpsc::Receiver<Say>,
    room: &Arc<Room>,
) -> Result<()> {
    let server = Server { target, tls };
    let (device, token) = (session.device.clone(), session.lane.token().to_owned());
    tokio::select! {
        done = Box::pin(session.listen(server, room)) => done,
        done = Box::pin(speak(server, &device, token, says, room)) => done,
    }
}

/// Says one thing after the other.
async fn speak(
    server: Server<'_>,
    device: &Device,
    token: String,
    mut says: mpsc::Receiver<Say>,
    room: &Room,
) -> Result<()> {
    let mut lane = Lane::new(token);
    while let Some(say) = says.recv().await {
        match say {
            Say::Message { to, stamp, bytes } => {
                let id = format!("{:x}-{}-{}", stamp.run, stamp.pair, stamp.number);
                let to = server.target.account(to);
                let body = json!({"to": to, "clientMessageId": id, "text": stamp.text(bytes)});
                match device.post::<Anything>(&mut lane, server, "/v1/web/send", &body).await {
                    Ok(_) => room.acknowledged(stamp),
                    Err(error) => {
                        let refused = error.downcast::<Refused>()?;
                        room.refused(stamp);
                        room.grumbled(&refused.to_string());
                    }
                }
            }
            // All that was said before was answered.
            Say::Question => room.answered(),
            Say::Presence { .. } | Say::Befriend { .. } => bail!("who polls is told of no presence"),
        }
    }
    Ok(())
}

impl Device {
    /// Buys a token for a lane.
    async fn buy(&self, lane: &mut Lane, server: Server<'_>) -> Result<()> {
        let Device { address, device_id, device_secret } = self;
        let body = json!({"address": address, "deviceId": device_id, "deviceSecret": device_secret});
        // With a token that is over nothing is answered, this neither.
        lane.renew(String::new());
        let bought: Bought = lane.post(server, "/v1/session/token", &body).await?;
        lane.renew(bought.token);
        Ok(())
    }

    /// Gives something to the server, with a new token if the old one is over.
    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        lane: &mut Lane,
        server: Server<'_>,
        path: &str,
        body: &Value,
    ) -> Result<T> {
        match lane.post(server, path, body).await {
            Err(error) if error.downcast_ref::<Refused>().is_some_and(|no| no.code == UNAUTHENTICATED) => {
                self.buy(lane, server).await?;
                lane.post(server, path, body).await
            }
            done => done,
        }
    }
}

impl Session {
    /// Checks, and syncs whenever something has come.
    async fn listen(&mut self, server: Server<'_>, room: &Room) -> Result<()> {
        loop {
            let path = format!("/v1/web/synccheck?key={}", self.key.word.replace('|', "%7C"));
            let checked: Checked = self.lane.get(server, &path, HELD).await?;
            match (checked.retcode, checked.selector) {
                (0, 0) => {}
                (0, _) => self.catch_up(server, room).await?,
                (TOKEN_IS_OVER, _) => self.device.buy(&mut self.lane, server).await?,
                (code, _) => bail!("checking cannot go on ({code}): {}", checked.message),
            }
        }
    }

    /// Asks for all that came after the key.
    async fn catch_up(&mut self, server: Server<'_>, room: &Room) -> Result<()> {
        loop {
            let body = match &self.key.listed {
                Some(key) => json!({"SyncKey": key}),
                None => json!({}),
            };
            let synced: Synced = self.device.post(&mut self.lane, server, "/v1/web/sync", &body).await?;
            for event in synced.events {
                if let Some(stamp) = self.device.heard(&event) {
                    room.heard(stamp);
                }
            }
            self.key = Key { word: synced.key, listed: Some(synced.sync_key) };
            if synced.continue_flag == 0 {
                return Ok(());
            }
        }
    }
}

impl Device {
    /// What others have written; one's own messages stand in the timeline too.
    fn heard(&self, event: &Event) -> Option<Stamp> {
        let message = event.message.as_ref().filter(|message| message.from != self.address)?;
        Stamp::read(message.content.as_ref()?.text.as_bytes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_sync_says_the_messages_of_others_are_heard() -> Result<()> {
        let stamp = Stamp { run: 7, pair: 1, number: 2, due_ns: 3 };
        let device = Device { address: "me@x".into(), device_id: 1, device_secret: String::new() };
        let said = json!({
            "events": [
                {"seq": "1", "message": {"from": "you@x", "content": {"kind": "CONTENT_KIND_TEXT", "text": stamp.text(90)}}},
                {"seq": "2", "message": {"from": "me@x", "content": {"text": stamp.text(90)}}},
                {"seq": "3", "message": {"from": "me@x"}},
                {"seq": "4", "message": {"from": "you@x", "content": {}}},
                {"seq": "5", "receipt": {"conversationId": "1"}},
                {"seq": "6", "somethingOfLater": {}},
            ],
            "SyncKey": {"Count": 1, "List": [{"Key": 1, "Val": "6"}]}, "key": "1_6",
            "ContinueFlag": 0, "reset": false, "gap": false,
        });
        let said: Synced = serde_json::from_value(said)?;
        let heard: Vec<Option<Stamp>> = said.events.iter().map(|event| device.heard(event)).collect();
        assert_eq!(heard, [Some(stamp), None, None, None, None, None]);
        Ok(())
    }
}

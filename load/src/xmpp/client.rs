//! A client at work: one task that reads and writes one stream.
//!
//! What it is to say comes in by a channel; stamps that it hears go to the room. Invariant: it reads while it writes, so a
//! server that waits until it is read is never waited for in turn.

use std::sync::Arc;

use anyhow::{Result, bail, ensure};
use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt, WriteHalf};
use tokio::sync::mpsc;

use super::login::Stream;
use super::scan::{Piece, attribute, has, name, text_of};
use crate::room::{Room, Say};
use crate::stamp::Stamp;
use crate::target::Target;

/// Room for what comes; what is idle holds no more.
const READ_BYTES: usize = 4 * 1024;

/// More is not taken from the channel while so much waits to be written.
const OUTPUT_BYTES_MAX: usize = 64 * 1024;

/// The id of a question.
const QUESTION: &str = "belfry-bench-question";

/// What a client has to say and to count.
#[derive(Default)]
struct State {
    output: BytesMut,
    /// Something was written and may wait in a buffer of TLS.
    unflushed: bool,
    /// XEP-0198: stanzas that came.
    heard: u32,
    /// XEP-0198 is on.
    counts: bool,
}

/// Is a client until nobody has anything for it to say any more, or the stream ends.
pub(crate) async fn run(
    stream: Stream,
    target: &Target,
    mut says: mpsc::Receiver<Say>,
    room: &Arc<Room>,
) -> Result<()> {
    let Stream { io, mut scanner, mut input, counts } = stream;
    let mut state = State { counts, ..State::default() };
    let (mut reader, mut writer) = tokio::io::split(io);
    loop {
        while let Some(piece) = scanner.next(&mut input)? {
            match piece {
                Piece::Stanza(stanza) => state.take(&stanza, room)?,
                Piece::Opened(_) => bail!("the server began the stream once more"),
                Piece::Closed => bail!("the server ended the stream"),
            }
        }
        input.reserve(READ_BYTES);
        let busy = !state.output.is_empty() || state.unflushed;
        let room_left = state.output.len() < OUTPUT_BYTES_MAX;
        tokio::select! {
            read = reader.read_buf(&mut input) => ensure!(read? > 0, "the server closed the connection"),
            written = drain(&mut writer, &mut state.output), if busy => {
                written?;
                state.unflushed = false;
            }
            say = says.recv(), if room_left => {
                let Some(say) = say else { break };
                state.say(&say, target);
                while state.output.len() < OUTPUT_BYTES_MAX && let Ok(say) = says.try_recv() {
                    state.say(&say, target);
                }
            }
        }
    }
    state.output.extend_from_slice(b"</stream:stream>");
    drain(&mut writer, &mut state.output).await?;
    Ok(())
}

/// Cancel safe: what was written is gone from the output, and a flush can be begun again.
async fn drain<T: tokio::io::AsyncWrite>(writer: &mut WriteHalf<T>, output: &mut BytesMut) -> std::io::Result<()> {
    writer.write_all_buf(output).await?;
    writer.flush().await
}

impl State {
    fn write(&mut self, text: &str) {
        self.output.extend_from_slice(text.as_bytes());
        self.unflushed = true;
    }

    fn say(&mut self, say: &Say, target: &Target) {
        match say {
            Say::Message { to, stamp, bytes } => {
                let (to, text, id) = (target.account(*to), stamp.text(*bytes), id_of(*stamp));
                self.write(&format!("<message to='{to}' type='chat' id='{id}'><body>{text}</body></message>"));
            }
            Say::Presence { away: true } => self.write("<presence><show>away</show></presence>"),
            Say::Presence { away: false } => self.write("<presence/>"),
            Say::Befriend { with } => {
                let with = target.account(*with);
                self.write(&format!("<presence type='subscribe' to='{with}'/>"));
            }
            Say::Question => {
                let domain = &target.domain;
                self.write(&format!("<iq type='get' id='{QUESTION}' to='{domain}'><ping xmlns='urn:xmpp:ping'/></iq>"));
            }
        }
    }

    /// Takes a stanza, and answers it if it wants an answer.
    fn take(&mut self, stanza: &[u8], room: &Room) -> Result<()> {
        match name(stanza) {
            b"r" => self.write(&format!("<a xmlns='urn:xmpp:sm:3' h='{}'/>", self.heard)),
            b"message" => {
                self.heard = self.heard.wrapping_add(1);
                if attribute(stanza, "type") == Some("error") {
                    // Servers send back what was said, or nothing but its id.
                    if let Some(stamp) = attribute(stanza, "id").and_then(stamp_of) {
                        room.refused(stamp);
                    }
                    room.grumbled(&String::from_utf8_lossy(&stanza[..stanza.len().min(200)]));
                } else if let Some(stamp) = text_of(stanza, "body").and_then(Stamp::read) {
                    room.heard(stamp);
                }
            }
            b"iq" => {
                self.heard = self.heard.wrapping_add(1);
                if attribute(stanza, "id") == Some(QUESTION) {
                    room.answered();
                }
                let asks = matches!(attribute(stanza, "type"), Some("get" | "set"));
                if let Some(id) = attribute(stanza, "id").filter(|_| asks) {
                    let to = attribute(stanza, "from").map(|from| format!(" to='{from}'")).unwrap_or_default();
                    self.write(&format!("<iq type='result' id='{id}'{to}/>"));
                }
            }
            b"presence" => {
                self.heard = self.heard.wrapping_add(1);
                match (attribute(stanza, "type"), attribute(stanza, "from")) {
                    // Whoever wants to see this client may.
                    (Some("subscribe"), Some(from)) => {
                        self.write(&format!("<presence type='subscribed' to='{from}'/>"));
                    }
                    (None | Some("unavailable"), _) => room.saw(),
                    _ => {}
                }
            }
            b"stream:error" => bail!("the server ends: {}", String::from_utf8_lossy(stanza)),
            _ => ensure!(self.counts || !has(stanza, "urn:xmpp:sm:3"), "the server counts, though nobody asked it to"),
        }
        Ok(())
    }
}

/// The id of a message, from which it is known again when it is sent back.
fn id_of(stamp: Stamp) -> String {
    format!("{:x}-{}-{}", stamp.run, stamp.pair, stamp.number)
}

fn stamp_of(id: &str) -> Option<Stamp> {
    let mut parts = id.split('-');
    let run = u64::from_str_radix(parts.next()?, 16).ok()?;
    let (pair, number) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    Some(Stamp { run, pair, number, due_ns: 0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_that_is_sent_back_is_known_by_its_id_alone() {
        let stamp = Stamp { run: 0xec7_6d65, pair: 739, number: 13, due_ns: 0 };
        assert_eq!(stamp_of(&id_of(stamp)), Some(stamp));
        for id in ["", "x-1-2", "1-2", "1-2-x", "belfry-bench-question"] {
            assert_eq!(stamp_of(id), None, "{id}");
        }
    }
}

//! Answering: what each request of a link comes to.
//!
//! A batch of frames comes in, in the order sent; their answers are left in the link's out buffer in the same order.
//! Invariant: messages are handed to the engine in the order of the link, neighbours together, so that they share one
//! sync of the disk.

use belfry_domain::limits::{INLINE_BYTES_MAX, TRY_LATER_REST};
use belfry_domain::{Code, Refusal};
use belfry_engine::{Caller, Command, Draft, Identity, Reply};
use belfry_wire::frame::FRAME_BYTES_MAX;
use belfry_wire::operation::Carrier as Over;
use belfry_wire::{Access, Frame, Operation, operation, v1};
use bytes::Bytes;
use tokio::time::Instant;

use super::{End, Link};
use crate::carrier::Carrier;
use crate::convert::{self, Answer, Request};
use crate::limits::UNKNOWN_OPERATIONS_MAX;

/// Sends that stand next to each other, with their SeqIds; those that could not be read keep their place.
#[derive(Default)]
struct Sends {
    seq_ids: Vec<(u32, Option<Refusal>)>,
    drafts: Vec<Draft>,
}

impl<C: Carrier> Link<'_, C> {
    /// Answers a batch.
    pub(super) async fn answer(&mut self, frames: Vec<Frame>) -> Result<(), End> {
        // What one message of a batch was told those behind it are told too, where it is to come later: they would overtake
        // it, and each would wait as long as it has.
        let (mut sends, mut later) = (Sends::default(), None);
        for frame in frames {
            if let Err(refusal) = self.in_sequence(frame.seq_id) {
                self.send_off(&mut sends, &mut later).await?;
                self.refuse(frame.seq_id, &refusal);
                continue;
            }
            if frame.operation == operation::SEND && self.session.is_some() {
                sends.add(frame);
                continue;
            }
            self.send_off(&mut sends, &mut later).await?;
            self.answer_one(frame).await?;
            self.flush_if_large().await?;
        }
        self.send_off(&mut sends, &mut later).await
    }

    /// SeqIds rise strictly, from 1: an answer can then belong to one request only.
    fn in_sequence(&mut self, seq_id: u32) -> Result<(), Refusal> {
        if seq_id <= self.last_seq {
            let last = self.last_seq;
            return Err(Refusal::new(
                Code::BadSequence,
                format!("SeqId {seq_id} does not rise: the last one was {last}."),
            ));
        }
        self.last_seq = seq_id;
        Ok(())
    }

    async fn send_off(&mut self, sends: &mut Sends, later: &mut Option<Refusal>) -> Result<(), End> {
        if sends.seq_ids.is_empty() {
            return Ok(());
        }
        let Sends { seq_ids, drafts } = std::mem::take(sends);
        let mut outcomes = match later {
            Some(refusal) => vec![Err(refusal.clone()); drafts.len()],
            None => self.door.engine().send_all(self.caller(), drafts).await,
        }
        .into_iter();
        for (seq_id, unread) in seq_ids {
            let outcome = match unread {
                Some(refusal) => Err(refusal),
                None => outcomes.next().unwrap_or_else(|| Err(lost_outcome())),
            };
            match outcome {
                Ok(sent) => {
                    let answer = self.convert(operation::SEND, Reply::Sent(sent));
                    self.push(operation::SEND, seq_id, &answer);
                    if let Some(session) = &mut self.session {
                        session.sent(sent.prev, sent.seq);
                    }
                    if !sent.duplicate {
                        self.sent_from.get_or_insert(sent.seq);
                    }
                }
                Err(refusal) => {
                    self.refuse(seq_id, &refusal);
                    *later = later.take().or(Some(refusal).filter(|refusal| refusal.code == Code::TryLater));
                }
            }
        }
        self.flush_if_large().await
    }

    async fn answer_one(&mut self, frame: Frame) -> Result<(), End> {
        let (number, seq_id) = (frame.operation, frame.seq_id);
        let Some(asked) = Operation::by_number(number).filter(|asked| asked.carrier != Over::Told) else {
            return self.unknown(number, seq_id);
        };
        let answered = match number {
            operation::HEARTBEAT => {
                Frame { operation: number, seq_id, body: Bytes::new() }.encode(self.decoder.framing(), &mut self.out);
                return Ok(());
            }
            _ if asked.access != Access::Anyone && self.session.is_none() => {
                Err(Refusal::new(Code::Unauthenticated, "Log in first."))
            }
            operation::LOGIN => self.login(frame.body).await,
            _ => self.request(number, frame.body).await,
        };
        match answered {
            Ok(answer) => self.push(number, seq_id, &answer),
            Err(refusal) => self.refuse(seq_id, &refusal),
        }
        Ok(())
    }

    fn unknown(&mut self, number: u32, seq_id: u32) -> Result<(), End> {
        let refusal = convert::unknown_operation(number);
        self.refuse(seq_id, &refusal);
        self.unknown += 1;
        if self.unknown < UNKNOWN_OPERATIONS_MAX { Ok(()) } else { Err(End::Close(refusal)) }
    }

    /// Says who speaks: a device or guest by its token, a device under Noise by the key it speaks under.
    async fn login(&mut self, body: Bytes) -> Result<Answer, Refusal> {
        let Request::Login(login) = Request::from_protobuf(operation::LOGIN, body)? else {
            return Err(convert::unknown_operation(operation::LOGIN));
        };
        if self.session.is_some() {
            return Err(Refusal::new(Code::BadRequest, "Somebody is logged in on this link: open another."));
        }
        let engine = self.door.engine();
        let (token, stranger) = (login.token.as_str(), &self.stranger);
        let proved = engine.newcomer(async move {
            let identity = match (token, &stranger.identity) {
                ("", Identity::Nobody { noise_key: Some(key) }) => {
                    engine.identify_key(key).await?.ok_or_else(|| {
                        Refusal::new(Code::Unauthenticated, "No device has this key: register, or log in with a token.")
                    })?
                }
                ("", _) => return Err(Refusal::new(Code::Unauthenticated, "Log in with an access token.")),
                (token, _) => engine.identify_token(token).await?,
            };
            engine.open_session(Caller { identity, peer: stranger.peer.clone() }).await
        });
        let session = Box::pin(proved).await?;
        self.logged_in(session);
        Ok(self.logged_in_reply().into())
    }

    fn logged_in_reply(&self) -> v1::LoginReply {
        let (address, device_id, guest) = match &self.caller().identity {
            Identity::Device { address, device, .. } => (address.to_string(), device.0, false),
            Identity::Guest { name, .. } => (name.to_string(), 0, true),
            Identity::Nobody { .. } => (String::new(), 0, false),
        };
        v1::LoginReply {
            address,
            device_id,
            server_time_ms: self.door.engine().now().0,
            idle_ms: u32::try_from(self.idle.as_millis()).unwrap_or(u32::MAX),
            frame_bytes_max: FRAME_BYTES_MAX as u32,
            inline_bytes_max: INLINE_BYTES_MAX as u32,
            guest,
        }
    }

    /// Any other request: read, carried out by the engine, and what follows from it for this link.
    async fn request(&mut self, number: u32, body: Bytes) -> Result<Answer, Refusal> {
        let mut request = Request::from_protobuf(number, body)?;
        let mut subscribe = None;
        match &mut request {
            // A held request would hold up those behind it: links are told instead of polling.
            Request::Sync(sync) => {
                sync.wait_ms = 0;
                subscribe = sync.subscribe.then(|| convert::data_kinds(&sync.kinds)).transpose()?;
            }
            Request::LobbyPoll(poll) => poll.wait_ms = 0,
            _ => {}
        }
        let command = convert::command(request)?;
        let leaves = matches!(command, Command::LobbyLeave);
        let reply = Box::pin(self.door.engine().execute(self.caller(), command)).await?;
        match &reply {
            // Whoever is being linked logs in when its owner has found the phone; codes that are good are few.
            Reply::LinkBegun(_) | Reply::LinkStatus(_) => self.opened = Instant::now(),
            Reply::LobbyJoined(joined) => {
                if self.caller().identity != joined.identity {
                    let caller = Caller { identity: joined.identity.clone(), peer: self.stranger.peer.clone() };
                    let session = self.door.engine().open_session(caller).await?;
                    self.logged_in(session);
                }
                if let Some(session) = &mut self.session {
                    session.watch_lobby(joined.news.cseq, joined.news.participants_version);
                }
            }
            Reply::LobbyNews(news) if number == operation::LOBBY_POLL => {
                if let Some(session) = &mut self.session {
                    session.watch_lobby(news.cseq, news.participants_version);
                }
            }
            Reply::Batch(batch) => {
                if let (Some(session), Some(kinds)) = (&mut self.session, subscribe) {
                    session.subscribe_to(batch.key.clone(), kinds);
                }
            }
            Reply::Snapshot { key, .. } => {
                if let (Some(session), Some(kinds)) = (&mut self.session, subscribe) {
                    session.subscribe_to((*key).into(), kinds);
                }
            }
            _ if leaves => {
                if let Some(session) = &mut self.session {
                    session.unwatch_lobby();
                }
            }
            _ => {}
        }
        Ok(self.convert(number, reply))
    }

    fn convert(&self, number: u32, reply: Reply) -> Answer {
        convert::answer(number, reply, &self.caller().identity, &self.door.engine().settings())
    }

    fn caller(&self) -> &Caller {
        self.session.as_ref().map_or(&self.stranger, |session| session.caller())
    }

    fn refuse(&mut self, seq_id: u32, refusal: &Refusal) {
        if refusal.code == Code::TryLater {
            self.rests_until = Some(Instant::now() + TRY_LATER_REST);
        }
        self.push(operation::ERROR, seq_id, &convert::error(refusal).into());
    }
}

impl Sends {
    fn add(&mut self, frame: Frame) {
        let read = Request::from_protobuf(operation::SEND, frame.body).and_then(convert::command);
        match read {
            Ok(Command::Send(draft)) => {
                self.drafts.push(draft);
                self.seq_ids.push((frame.seq_id, None));
            }
            Ok(_) => self.seq_ids.push((frame.seq_id, Some(convert::unknown_operation(operation::SEND)))),
            Err(refusal) => self.seq_ids.push((frame.seq_id, Some(refusal))),
        }
    }
}

fn lost_outcome() -> Refusal {
    Refusal::new(Code::Internal, "The server made a mistake: it does not know what became of this message.")
}

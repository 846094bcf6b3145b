//! The conversation over one link: requests in, answers and notifications out, until somebody ends it.
//!
//! A carrier and what was proved in the handshake come in; an [`Outcome`] leaves. [`Link::talk`] reads from top to
//! bottom: answer what has arrived, tell one page of what is new, write both, wait. Invariants: while a batch is being
//! answered nothing more is read, so a link's memory is bounded by a frame, a page and constants; a link that waits
//! holds no buffer; nothing is told out of order.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::limits::{PAGE_BYTES_MAX, PAGE_ENTRIES_MAX};
use belfry_domain::ports::PageLimit;
use belfry_domain::{Code, Refusal, Seq};
use belfry_engine::{Caller, Identity, Live, Peer, Session, Told, Wake};
use belfry_wire::frame::{FRAME_BYTES_MAX, encode_with};
use belfry_wire::noise::KEY_BYTES;
use belfry_wire::{Decoder, Frame, FrameError, Framing, operation, v1};
use bytes::BytesMut;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::carrier::{Broken, Carrier, Filled};
use crate::convert::{self, Answer};
use crate::door::{Admission, Door, Outcome};
use crate::limits::{BATCH_FRAMES_MAX, DoorLimits, GOODBYE, OUT_BYTES};

mod requests;

/// What is known of a link when its conversation begins.
pub(crate) struct Opening {
    /// Where it comes from.
    pub(crate) peer: Peer,
    /// The client's key, under Noise.
    pub(crate) noise_key: Option<[u8; KEY_BYTES]>,
    /// How frames are laid out.
    pub(crate) framing: Framing,
    /// What has arrived already.
    pub(crate) input: BytesMut,
    /// When the connection was made.
    pub(crate) at: Instant,
}

/// One link.
pub(crate) struct Link<'a, C> {
    carrier: C,
    door: &'a Door,
    /// Who speaks while nobody has logged in; afterwards the session knows.
    stranger: Caller,
    admission: Option<Admission<'a>>,
    session: Option<Session>,
    decoder: Decoder,
    input: BytesMut,
    out: BytesMut,
    last_seq: u32,
    unknown: u32,
    /// Those in force when the link was made.
    limits: Arc<DoorLimits>,
    /// Since when a login is waited for: the connection, or the last word of a device that is being linked.
    opened: Instant,
    heard: Instant,
    idle: Duration,
    /// Since when part of a frame has been waiting for the rest.
    part_since: Option<Instant>,
    /// Nothing is read until then: it was told to try later.
    rests_until: Option<Instant>,
    /// There may be something to tell.
    news: bool,
    /// Place of the first message that was sent on this link.
    sent_from: Option<Seq>,
}

/// What was taken out of the buffer.
#[derive(Default)]
struct Cut {
    frames: Vec<Frame>,
    /// There may be more to take out.
    more: bool,
    /// What is wrong with what stands behind the frames.
    fault: Option<FrameError>,
}

/// Why a conversation ends.
#[derive(Debug)]
pub(crate) enum End {
    /// The client has ended it.
    Left,
    /// We end it, and say why.
    Close(Refusal),
    /// The carrier broke.
    Broken(Broken),
}

impl From<Broken> for End {
    fn from(broken: Broken) -> End {
        End::Broken(broken)
    }
}

impl<'a, C: Carrier> Link<'a, C> {
    pub(crate) fn new(carrier: C, door: &'a Door, admission: Admission<'a>, opening: Opening) -> Link<'a, C> {
        let identity = Identity::Nobody { noise_key: opening.noise_key };
        let limits = door.limits();
        let mut decoder = Decoder::new(opening.framing);
        decoder.set_frame_bytes_max(limits.frame_bytes_before_login);
        Link {
            carrier,
            door,
            stranger: Caller { identity, peer: opening.peer },
            admission: Some(admission),
            session: None,
            decoder,
            input: opening.input,
            out: BytesMut::new(),
            last_seq: 0,
            unknown: 0,
            opened: opening.at,
            heard: opening.at,
            idle: limits.login,
            limits,
            part_since: None,
            rests_until: None,
            news: false,
            sent_from: None,
        }
    }

    /// Talks to the end.
    pub(crate) async fn run(&mut self, stop: &CancellationToken) -> Outcome {
        let end = self.talk(stop).await;
        Box::pin(self.goodbye(end)).await
    }

    async fn talk(&mut self, stop: &CancellationToken) -> End {
        let mut stopped = pin!(stop.cancelled());
        let mut alarm = pin!(sleep_until(self.deadline()));
        loop {
            let Cut { frames, more, fault } = if self.rests() { Cut::default() } else { self.cut() };
            if !frames.is_empty()
                && let Err(end) = Box::pin(self.answer(frames)).await
            {
                return end;
            }
            if let Some(fault) = fault {
                return End::Close(self.faulty(fault));
            }
            if self.news
                && let Err(end) = Box::pin(self.tell()).await
            {
                return end;
            }
            if let Err(end) = self.flush().await {
                return end;
            }

            let (next_look, rests) = (self.next_look(), self.rests());
            if next_look < alarm.deadline() {
                alarm.as_mut().reset(next_look);
            }
            // Left fair: neither a flood of requests nor one of news keeps the other from its turn.
            tokio::select! {
                () = &mut stopped => return End::Close(self.door.stopping()),
                wake = woken(self.session.as_ref()) => match wake {
                    Wake::Ready => self.news = true,
                    Wake::Closed(why) if why.code == Code::GoingAway => return End::Close(self.door.stopping()),
                    Wake::Closed(why) => return End::Close(why),
                },
                () = &mut alarm => {
                    if self.deadline() <= Instant::now() {
                        return End::Close(self.overdue());
                    }
                    alarm.as_mut().reset(self.next_look());
                }
                filled = self.carrier.fill(&mut self.input), if !more && !rests => match filled {
                    Ok(Filled::End) => return End::Left,
                    Ok(Filled::Bytes | Filled::Part) => {}
                    Err(broken) => return End::Broken(broken),
                },
                () = std::future::ready(()), if self.news || (more && !rests) => {}
            }
        }
    }

    /// Takes complete frames out of the buffer.
    fn cut(&mut self) -> Cut {
        let mut cut = Cut { frames: Vec::new(), more: false, fault: None };
        loop {
            match self.decoder.decode(&mut self.input) {
                Ok(Some(frame)) => {
                    // A login changes the limit: what is behind it is judged after it.
                    let login = matches!(frame.operation, operation::LOGIN | operation::LOBBY_JOIN);
                    cut.frames.push(frame);
                    if cut.frames.len() == BATCH_FRAMES_MAX || (login && self.session.is_none()) {
                        cut.more = true;
                        break;
                    }
                }
                Ok(None) => {
                    let torn = C::WHOLE_FRAMES && !self.input.is_empty();
                    cut.fault = torn.then_some(FrameError::BadFrame);
                    break;
                }
                Err(fault) => {
                    cut.fault = Some(fault);
                    break;
                }
            }
        }
        let now = Instant::now();
        if !cut.frames.is_empty() {
            self.heard = now;
            if let Some(session) = &self.session {
                session.heard();
            }
        }
        if self.input.is_empty() {
            self.input = BytesMut::new(); // an idle link holds no buffer
        }
        self.part_since = match self.part_since {
            _ if self.input.is_empty() && !self.carrier.holds_part() => None,
            Some(since) if cut.frames.is_empty() => Some(since),
            Some(_) | None => Some(now),
        };
        cut
    }

    /// Tells one page of what is new; the next one after what has arrived meanwhile.
    async fn tell(&mut self) -> Result<(), End> {
        let Some(session) = &mut self.session else {
            self.news = false;
            return Ok(());
        };
        let limit = PageLimit { entries: PAGE_ENTRIES_MAX, bytes: PAGE_BYTES_MAX };
        match session.take(limit).await.map_err(End::Close)? {
            None => self.news = false,
            Some(Told::Batch(batch)) => {
                let notify = convert::notify(&batch, &session.caller().identity, self.sent_from);
                self.push(operation::NOTIFY, 0, &notify.into());
            }
            Some(Told::DevicesChanged) => {
                self.push(operation::DEVICES_CHANGED, 0, &v1::DevicesChanged {}.into());
            }
            Some(Told::Live(events)) => {
                for event in &events {
                    if let Live::Typing(typing) = event {
                        self.push(operation::TYPING_UPDATE, 0, &convert::typing_update(typing).into());
                    }
                }
                if let Some(update) = convert::presence_update(&events) {
                    self.push(operation::PRESENCE_UPDATE, 0, &update.into());
                }
            }
            Some(Told::Lobby(news)) => {
                let list = news.participants.as_ref().map(|list| self.door.lobby_list(list)).unwrap_or_default();
                let update = Answer::from(convert::lobby_update_without_list(&news));
                let length = update.encoded_len() + list.len();
                encode_with(self.decoder.framing(), operation::LOBBY_UPDATE, 0, length, &mut self.out, |out| {
                    update.encode(out);
                    out.extend_from_slice(&list);
                });
            }
        }
        Ok(())
    }

    fn push(&mut self, operation: u32, seq_id: u32, answer: &Answer) {
        let framing = self.decoder.framing();
        encode_with(framing, operation, seq_id, answer.encoded_len(), &mut self.out, |out| answer.encode(out));
    }

    async fn flush(&mut self) -> Result<(), End> {
        if self.out.is_empty() {
            return Ok(());
        }
        let frames = std::mem::take(&mut self.out).freeze();
        Box::pin(self.carrier.write(frames)).await.map_err(End::Broken)?;
        if let Some(session) = &mut self.session {
            session.wrote();
        }
        Ok(())
    }

    async fn flush_if_large(&mut self) -> Result<(), End> {
        if self.out.len() >= OUT_BYTES { self.flush().await } else { Ok(()) }
    }

    /// When the client must have been heard again.
    fn deadline(&self) -> Instant {
        let quiet = if self.session.is_some() { self.heard + self.idle } else { self.opened + self.limits.login };
        self.part_since.map_or(quiet, |since| quiet.min(since + self.limits.partial_frame))
    }

    fn rests(&self) -> bool {
        self.rests_until.is_some_and(|until| until > Instant::now())
    }

    /// When it has to look again, whatever comes.
    fn next_look(&self) -> Instant {
        let deadline = self.deadline();
        self.rests_until.filter(|_| self.rests()).map_or(deadline, |until| deadline.min(until))
    }

    fn overdue(&self) -> Refusal {
        let why = match (&self.session, self.part_since) {
            (None, _) => "Nobody has logged in on this link.".to_owned(),
            (Some(_), Some(_)) => "The rest of a frame did not come.".to_owned(),
            (Some(_), None) => format!("Nothing was heard for {} s; send heartbeats.", self.idle.as_secs()),
        };
        Refusal::new(Code::Idle, why)
    }

    fn faulty(&self, fault: FrameError) -> Refusal {
        let metrics = self.door.engine().metrics();
        let (code, counter) = match fault {
            FrameError::BadMagic => (Code::BadMagic, &metrics.bad_magic),
            FrameError::BadFrame => (Code::BadFrame, &metrics.bad_frames),
            FrameError::UnsupportedVersion(_) => (Code::UnsupportedVersion, &metrics.bad_frames),
            FrameError::FrameTooLarge { .. } => (Code::FrameTooLarge, &metrics.bad_frames),
        };
        counter.fetch_add(1, Ordering::Relaxed);
        Refusal::new(code, format!("The link is closed: {fault}."))
    }

    /// The session from now on: of who was just proved.
    fn logged_in(&mut self, session: Session) {
        self.session = Some(session);
        self.admission = None;
        self.idle = Duration::from_millis(self.door.engine().settings().idle_ms);
        self.decoder.set_frame_bytes_max(FRAME_BYTES_MAX);
    }

    /// Says why, if there is something to say and somebody to say it to, and ends the connection.
    async fn goodbye(&mut self, end: End) -> Outcome {
        if let (Some(session), End::Close(why)) = (&self.session, &end) {
            session.ends(why);
        }
        self.session = None; // gone for the engine before the connection is
        let (why, outcome) = match end {
            End::Left => return Outcome::Left,
            End::Close(refusal) => {
                let code = refusal.code;
                (Some(refusal), Outcome::Closed(code))
            }
            End::Broken(broken) => (broken.refusal(), Outcome::Lost(broken)),
        };
        let Some(why) = why else { return outcome };
        if matches!(outcome, Outcome::Lost(Broken::Channel(_))) {
            self.door.engine().metrics().bad_frames.fetch_add(1, Ordering::Relaxed);
        }
        self.push(operation::GOING_AWAY, 0, &convert::going_away(&why).into());
        let _told_or_late = timeout(GOODBYE, async {
            if self.flush().await.is_ok() {
                self.carrier.close(Some(&why)).await;
            }
        })
        .await;
        outcome
    }
}

/// Waits for the session's bell; for ever while there is no session.
async fn woken(session: Option<&Session>) -> Wake {
    match session {
        Some(session) => session.wait().await,
        None => std::future::pending().await,
    }
}

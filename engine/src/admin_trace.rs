//! Where is my message: the life of one message, for operators. No client reaches it.
//!
//! A message's id, or its client's, comes in; a [`Trace`] leaves. What is durable is read from the store and holds after
//! a restart: who wrote it, its places, how far each device is, the ticks. When it was told and acknowledged comes from
//! the steps that are remembered, and the trace says since when they are. Invariant: no part of a message's content is
//! in a trace.

use std::collections::HashSet;
use std::sync::Arc;

use belfry_domain::ports::{SentUnder, Traced, TracedEntry, TracedSide};
use belfry_domain::{
    AccountId, Address, ClientMessageId, Code, Cursor, Device, DeviceId, MessageId, Refusal, Retention, Seq,
    TimestampMs,
};

use crate::steps::{Did, Step, hash_of};
use crate::{Engine, refused};

/// Steps in one trace: links of a device that comes and goes are many, and who reads them has the newest in mind.
const STEPS_SHOWN_MAX: usize = 500;

/// Which message is meant.
#[derive(Clone, Debug)]
pub enum TraceOf {
    /// By its id.
    Message(MessageId),
    /// By the id that a client gave it.
    Sent {
        /// Who sent it.
        from: Address,
        /// What the device called it.
        client_id: ClientMessageId,
    },
}

/// The life of a message.
#[derive(Clone, Debug, Default)]
pub struct Trace {
    /// Its id; `None`: it was refused at every try that is remembered.
    pub id: Option<MessageId>,
    /// Other messages under the same client id, by other devices of the account.
    pub others: Vec<MessageId>,
    /// Who wrote it, if that is still known.
    pub by: Option<(Address, DeviceId)>,
    /// What the device called it, if that is still known.
    pub client_id: Option<ClientMessageId>,
    /// When it was accepted, if that is still known.
    pub accepted: Option<TimestampMs>,
    /// How long it is kept; `None`: it no longer is.
    pub retention: Option<Retention>,
    /// The members of its conversation; one for notes to self.
    pub sides: Vec<TraceSide>,
    /// What happened to it, oldest first.
    pub steps: Vec<TraceStep>,
    /// Older steps that were left out.
    pub left_out: usize,
    /// Since when all steps are remembered.
    pub remembered_since: TimestampMs,
}

/// One member's side.
#[derive(Clone, Debug)]
pub struct TraceSide {
    /// Whose.
    pub address: Address,
    /// Whether the account is still there.
    pub there: bool,
    /// Whether this side wrote it; `None`: not known any more.
    pub wrote: Option<bool>,
    /// Its entry in the timeline.
    pub entry: TracedEntry,
    /// Its place there, also of an entry that is gone, if it is known.
    pub place: Option<Seq>,
    /// A device of this side was given it. Only for a side that did not write it.
    pub delivered: bool,
    /// This side has read it. Only for a side that did not write it.
    pub read: bool,
    /// The devices, in the order they were added.
    pub devices: Vec<TraceDevice>,
    /// Devices that are no more.
    pub devices_gone: Vec<DeviceId>,
}

/// How far one device is.
#[derive(Clone, Debug)]
pub struct TraceDevice {
    /// Which.
    pub device: Arc<Device>,
    /// A link of it is open.
    pub online: bool,
    /// It need not be sent again; `None`: its place is not known.
    pub passed: Option<bool>,
    /// It was given to the user; `None`: its place is not known.
    pub delivered: Option<bool>,
    /// It was added after the message: it began behind it or met it in the log.
    pub added_after: bool,
}

/// One step of a trace.
#[derive(Clone, Debug)]
pub struct TraceStep {
    /// When.
    pub at: TimestampMs,
    /// Of which account.
    pub address: Address,
    /// Of which device; 0: of none.
    pub device: DeviceId,
    /// Over which link, if that is known.
    pub link: Option<u64>,
    /// Over which carrier, if over any.
    pub carrier: &'static str,
    /// What.
    pub did: Did,
}

impl Engine {
    /// The life of a message. Errors: `not_found` with what may be the reason.
    pub async fn admin_trace(&self, of: TraceOf) -> Result<Trace, Refusal> {
        match of {
            TraceOf::Message(id) => self.trace_message(id, None).await,
            TraceOf::Sent { from, client_id } => {
                let account = self.account_at(&from).await?.id;
                let mut found = self.store().sent_under(account, &client_id).await.map_err(refused)?;
                found.sort_by_key(|sent| sent.sent);
                match found.pop() {
                    Some(newest) => {
                        let mut trace = self.trace_message(newest.id, Some((account, newest))).await?;
                        trace.others = found.iter().map(|sent| sent.id).collect();
                        trace.client_id = Some(client_id.clone());
                        self.add_refused(&mut trace, account, &from, &client_id);
                        Ok(trace)
                    }
                    None => self.trace_refused(account, from, client_id),
                }
            }
        }
    }

    async fn trace_message(&self, id: MessageId, known: Option<(AccountId, SentUnder)>) -> Result<Trace, Refusal> {
        let traced = self.store().trace(id).await.map_err(refused)?.ok_or_else(|| unknown(id))?;
        let accounts: Vec<AccountId> = traced.sides.iter().map(|side| side.account).collect();
        let mut trace = Trace { id: Some(id), ..Trace::default() };
        for account in &accounts {
            trace.remembered_since =
                trace.remembered_since.max(self.inner.steps.remembered_since(*account, self.now()));
        }
        let author = self.add_head(&mut trace, id, &traced, known);
        let mut steps: Vec<(Step, Address)> = Vec::new();
        for side in &traced.sides {
            let of_it = |step: &Step| match step.did {
                Did::Accepted { id: its, seq } | Did::Stored { id: its, seq } if its == id => Some(seq),
                _ => None,
            };
            let stored = self.inner.steps.of(side.account, |step| of_it(step).is_some());
            let place = match side.entry {
                TracedEntry::Kept(seq) | TracedEntry::Over(seq) => Some(seq),
                TracedEntry::Gone | TracedEntry::NotLookedAt => stored
                    .first()
                    .and_then(of_it)
                    .or_else(|| known.filter(|(account, _)| *account == side.account).map(|(_, sent)| sent.seq)),
            };
            let accepted = trace.accepted.or_else(|| stored.first().map(|step| step.at));
            let head = self.store().head(side.account).await.map_err(refused)?.last;
            let own = Looked { id, place, head, since: accepted, devices_done: HashSet::new(), read: false };
            steps.extend(self.steps_of(side, own).into_iter().map(|step| (step, side.address.clone())));
            let peer = traced.sides.iter().find(|other| other.account != side.account);
            let wrote = author.map(|author| author == side.account);
            trace.sides.push(self.trace_side(side, peer, id, wrote, place, accepted).await?);
        }
        steps.sort_by_key(|(step, _)| step.at);
        trace.left_out = steps.len().saturating_sub(STEPS_SHOWN_MAX);
        trace.steps = steps.into_iter().skip(trace.left_out).map(|(step, address)| shown(step, address)).collect();
        Ok(trace)
    }

    /// Who wrote it and when, from whatever still knows: the body, the remembered client id, the steps.
    fn add_head(
        &self,
        trace: &mut Trace,
        id: MessageId,
        traced: &Traced,
        known: Option<(AccountId, SentUnder)>,
    ) -> Option<AccountId> {
        let accepted = |step: &Step| matches!(step.did, Did::Accepted { id: its, .. } if its == id);
        let remembered = || {
            let mut found = traced.sides.iter().flat_map(|side| self.inner.steps.of(side.account, accepted));
            found.next().map(|step| (step.account, step.device, step.at))
        };
        let head = match (&traced.written, known) {
            (Some(written), _) => {
                trace.client_id = Some(written.client_id.clone());
                trace.retention = Some(written.retention);
                Some((written.author, written.device, written.sent))
            }
            (None, Some((account, sent))) => Some((account, sent.device, sent.sent)),
            (None, None) => remembered(),
        };
        let (author, device, at) = head?;
        trace.accepted = Some(at);
        let side = traced.sides.iter().find(|side| side.account == author);
        trace.by = side.map(|side| (side.address.clone(), device));
        Some(author)
    }

    async fn trace_side(
        &self,
        side: &TracedSide,
        peer: Option<&TracedSide>,
        id: MessageId,
        wrote: Option<bool>,
        place: Option<Seq>,
        accepted: Option<TimestampMs>,
    ) -> Result<TraceSide, Refusal> {
        let mut devices = Vec::new();
        let there = if side.there { self.store().devices(side.account).await.map_err(refused)? } else { Vec::new() };
        for device in there {
            let cursor: Cursor = self.store().cursor(side.account, device.id).await.map_err(refused)?;
            devices.push(TraceDevice {
                online: self.inner.hub.online(side.account, device.id),
                passed: place.map(|place| place <= cursor.passed),
                delivered: place.map(|place| place <= cursor.delivered),
                added_after: accepted.is_some_and(|accepted| accepted < device.created),
                device,
            });
        }
        let there = |id: &DeviceId| devices.iter().any(|known| known.device.id == *id);
        let devices_gone = (1..=side.devices_made).map(DeviceId).filter(|id| !there(id)).collect();
        Ok(TraceSide {
            address: side.address.clone(),
            there: side.there,
            wrote,
            entry: side.entry,
            place,
            delivered: peer.is_some_and(|peer| peer.peer_delivered >= id.cseq),
            read: side.read >= id.cseq || peer.is_some_and(|peer| peer.peer_read >= id.cseq),
            devices,
            devices_gone,
        })
    }

    fn steps_of(&self, side: &TracedSide, mut looked: Looked) -> Vec<Step> {
        self.inner.steps.of(side.account, |step| looked.at(step))
    }

    fn add_refused(&self, trace: &mut Trace, account: AccountId, from: &Address, client_id: &ClientMessageId) {
        let hash = hash_of(client_id);
        let is = |step: &Step| matches!(step.did, Did::Refused { client_id, .. } if client_id == hash);
        let refused = self.inner.steps.of(account, is);
        trace.steps.extend(refused.into_iter().map(|step| shown(step, from.clone())));
        trace.steps.sort_by_key(|step| step.at);
    }

    /// A client id under which nothing is stored: it may have been refused.
    fn trace_refused(&self, account: AccountId, from: Address, client_id: ClientMessageId) -> Result<Trace, Refusal> {
        let remembered_since = self.inner.steps.remembered_since(account, self.now());
        let mut trace = Trace { remembered_since, client_id: Some(client_id.clone()), ..Trace::default() };
        self.add_refused(&mut trace, account, &from, &client_id);
        if trace.steps.is_empty() {
            return Err(Refusal::new(
                Code::NotFound,
                format!(
                    "Nothing that {from} sent is remembered under this id: it was never accepted, or more than 30 days ago."
                ),
            ));
        }
        Ok(trace)
    }
}

/// What is looked for among the steps of one side.
struct Looked {
    id: MessageId,
    place: Option<Seq>,
    /// What lies beyond the end of the timeline was acknowledged in vain.
    head: Seq,
    /// Links and cuts before this do not matter.
    since: Option<TimestampMs>,
    /// Devices that have acknowledged: what they do afterwards does not matter.
    devices_done: HashSet<DeviceId>,
    read: bool,
}

impl Looked {
    fn at(&mut self, step: &Step) -> bool {
        let done = self.devices_done.contains(&step.device);
        let within = |after: Seq, up_to: Seq| self.place.is_some_and(|place| after < place && place <= up_to);
        match step.did {
            Did::Accepted { id, .. } | Did::Stored { id, .. } | Did::Repeated(id) => id == self.id,
            Did::Refused { .. } => false,
            Did::Answered { after, up_to } | Did::Told { after, up_to } | Did::Unwritten { after, up_to, .. } => {
                within(after, up_to)
            }
            Did::Acknowledged { passed, .. } if passed > self.head => false,
            Did::Acknowledged { passed, delivered } => {
                let reached = self.place.is_some_and(|place| place <= passed);
                let given = self.place.is_some_and(|place| place <= delivered);
                // One that passed it may give it to its user later: both matter, each once.
                let news = reached && !done;
                if given {
                    self.devices_done.insert(step.device);
                }
                news
            }
            Did::Read(id) => {
                let first = id.conversation == self.id.conversation && id.cseq >= self.id.cseq && !self.read;
                self.read |= first;
                first
            }
            Did::Opened | Did::Closed(_) | Did::Cut(_) => !done && self.since.is_some_and(|since| since <= step.at),
        }
    }
}

fn shown(step: Step, address: Address) -> TraceStep {
    let Step { at, device, link, carrier, did, .. } = step;
    TraceStep { at, address, device, link: (link != 0).then_some(link), carrier, did }
}

fn unknown(id: MessageId) -> Refusal {
    Refusal::new(
        Code::NotFound,
        format!(
            "There is no message {id}: its conversation is not there, has not come so far, or is the lobby, whose messages are read by number and not delivered."
        ),
    )
}

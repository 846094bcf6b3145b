//! Send: turns drafts into stored messages and rings the bells.
//!
//! Comes from a door as drafts in the order of the link; leaves as one outcome each, after the store has synced. The
//! path of a message reads top to bottom in [`Engine::send_all`].
//! Invariant: an outcome says "stored" only for what the store has made durable.

use std::sync::atomic::Ordering;

use belfry_domain::ports::{Append, AppendOutcome, MailboxLimit};
use belfry_domain::{AccountId, Code, Content, ContentKind, DeviceId, Refusal, Retention, TimestampMs};
use sha2::{Digest, Sha256};

use crate::command::{Caller, Draft, Sent};
use crate::limits::Limited;
use crate::settings::{KeepMessages, Settings};
use crate::steps::{Did, REFUSED_PER_BATCH_MAX, Step, hash_of};
use crate::{Engine, device_of, refused};

/// When to try again to write to somebody whose mailbox is full: nobody knows when they come back, and asking costs.
const MAILBOX_RETRY_MS: u64 = 15 * 60 * 1000;

impl Engine {
    /// Sends messages in the order given; one outcome for each. After one is refused for its rate, so are those behind
    /// it: what is sent again later would else overtake them.
    pub async fn send_all(&self, caller: &Caller, drafts: Vec<Draft>) -> Vec<Result<Sent, Refusal>> {
        let (sender, device) = match self.known(caller).and_then(|()| device_of(caller)) {
            Ok((account, _, device)) => (account, device),
            Err(refusal) => return drafts.iter().map(|_| Err(refusal.clone())).collect(),
        };
        // 1. Wait for a turn: what cannot be served in time is refused before it costs anything.
        let _turn = match self.inner.admission.turn(drafts.len()).await {
            Ok(turn) => turn,
            Err(refusal) => {
                let client_ids = drafts.iter().map(|draft| hash_of(&draft.client_id));
                let outcomes: Vec<_> = drafts.iter().map(|_| Err(refusal.clone())).collect();
                self.note_refused((sender, device, caller.peer.carrier), outcomes.iter().zip(client_ids));
                return outcomes;
            }
        };
        let (settings, now) = (self.settings(), self.inner.ports.clock.now());

        // 2. Judge each draft; those that pass become appends, in order.
        let mut outcomes: Vec<Option<Result<Sent, Refusal>>> = Vec::with_capacity(drafts.len());
        let mut appends = Vec::with_capacity(drafts.len());
        let mut client_ids = Vec::with_capacity(drafts.len());
        let mut too_fast: Option<Refusal> = None;
        for draft in drafts {
            client_ids.push(hash_of(&draft.client_id));
            if let Some(refusal) = &too_fast {
                outcomes.push(Some(Err(refusal.clone())));
                continue;
            }
            match self.judge(caller, sender, device, draft, &settings, now).await {
                Ok(append) => {
                    appends.push(append);
                    outcomes.push(None);
                }
                Err(refusal) => {
                    if refusal.code == Code::RateLimited {
                        too_fast = Some(refusal.clone());
                    }
                    outcomes.push(Some(Err(refusal)));
                }
            }
        }

        // 3. One intent to the store: dedupe, number, body and both timelines, durable when it returns.
        let mailbox = MailboxLimit { unanswered: settings.unanswered, ..settings.mailbox };
        let mut stored = match self.store().append_within(appends, mailbox).await {
            Ok(stored) => stored.into_iter().map(Ok).collect::<Vec<_>>(),
            Err(error) => {
                let refusal = refused(error);
                outcomes.iter().filter(|outcome| outcome.is_none()).map(|_| Err(refusal.clone())).collect()
            }
        }
        .into_iter();

        // 4. Show the entries to whoever is connected, then answer. A bell that is lost costs nothing.
        let did = |did| Step { at: self.now(), account: sender, device, link: 0, carrier: caller.peer.carrier, did };
        let outcomes: Vec<Result<Sent, Refusal>> = outcomes
            .into_iter()
            .map(|judged| match judged {
                Some(refused) => refused,
                None => self.announce(stored.next(), did),
            })
            .collect();
        self.note_refused((sender, device, caller.peer.carrier), outcomes.iter().zip(client_ids));
        outcomes
    }

    /// Remembers what was refused, for whoever asks where a message is, and counts it.
    fn note_refused<'a>(
        &self,
        (account, device, carrier): (AccountId, DeviceId, &'static str),
        outcomes: impl Iterator<Item = (&'a Result<Sent, Refusal>, u64)>,
    ) {
        let mut refusals = 0;
        for (refusal, client_id) in outcomes.filter_map(|(outcome, id)| Some((outcome.as_ref().err()?, id))) {
            if refusals < REFUSED_PER_BATCH_MAX {
                self.did(account, device, carrier, Did::Refused { code: refusal.code, client_id });
            }
            refusals += 1;
        }
        self.inner.metrics.sends_refused.fetch_add(refusals as u64, Ordering::Relaxed);
    }

    async fn judge(
        &self,
        caller: &Caller,
        sender: AccountId,
        device: DeviceId,
        draft: Draft,
        settings: &Settings,
        now: TimestampMs,
    ) -> Result<Append, Refusal> {
        draft.content.check()?;
        not_by_the_server(&draft.content)?;
        self.limit(&Limited::Sends(sender, device))?;
        self.limit(&Limited::Requests(sender))?;
        let receiver = self.reach(caller, &draft.to).await?;
        Ok(Append {
            sender,
            device,
            fingerprint: fingerprint(&draft.to.to_string(), &draft.content),
            client_id: draft.client_id,
            receiver: receiver.id,
            content: draft.content,
            at: now,
            retention: match settings.keep_messages {
                KeepMessages::Forever => Retention::Keep,
                KeepMessages::UntilDelivered { at_most_ms } => {
                    Retention::UntilDelivered { expires: now.plus_ms(at_most_ms) }
                }
                KeepMessages::For { ms } => Retention::Until(now.plus_ms(ms)),
            },
        })
    }

    fn announce(
        &self,
        stored: Option<Result<AppendOutcome, Refusal>>,
        did: impl Fn(Did) -> Step,
    ) -> Result<Sent, Refusal> {
        let gone = |what| Err(Refusal::new(Code::NotFound, format!("The {what} no longer exists.")));
        match stored {
            Some(Ok(AppendOutcome::Appended(appended))) => {
                let counter = match appended.duplicate {
                    true => &self.inner.metrics.messages_repeated,
                    false => &self.inner.metrics.messages_accepted,
                };
                counter.fetch_add(1, Ordering::Relaxed);
                let id = appended.id;
                let accepted = match appended.duplicate {
                    true => did(Did::Repeated(id)),
                    false => did(Did::Accepted { id, seq: appended.seq }),
                };
                self.inner.steps.push(accepted);
                for (owner, entry) in appended.entries.iter().filter(|(owner, _)| *owner != accepted.account) {
                    let stored = Did::Stored { id, seq: entry.seq };
                    let (device, carrier) = (DeviceId(0), "");
                    self.inner.steps.push(Step { account: *owner, device, carrier, did: stored, ..accepted });
                }
                self.inner.hub.publish(&appended.entries);
                Ok(Sent {
                    id,
                    at: appended.sent,
                    duplicate: appended.duplicate,
                    prev: appended.prev,
                    seq: appended.seq,
                })
            }
            Some(Ok(AppendOutcome::Conflict)) => Err(Refusal::new(
                Code::Conflict,
                "This client message id was used for another message; every message needs its own.",
            )),
            Some(Ok(AppendOutcome::MailboxFull)) => Err(Refusal::retry(
                Code::MailboxFull,
                "As much as may wait for this receiver waits already; nothing was stored. Try again when they were back.",
                MAILBOX_RETRY_MS,
            )),
            Some(Ok(AppendOutcome::Blocking)) => Err(Refusal::new(
                Code::Blocking,
                "You block this account: nothing was stored. Unblock it first if you want to write to it.",
            )),
            Some(Ok(AppendOutcome::Unanswered)) => Err(Refusal::new(
                Code::Unanswered,
                "They do not know you and have not answered yet: wait until they do, or ask to be their contact.",
            )),
            Some(Ok(AppendOutcome::NoSender)) => gone("sending account"),
            Some(Ok(AppendOutcome::NoReceiver)) => gone("receiving account"),
            Some(Err(refusal)) => Err(refusal),
            None => Err(crate::internal("the store gave fewer outcomes than there were messages")),
        }
    }
}

/// Notes of kind SYSTEM are the server's.
pub(crate) fn not_by_the_server(content: &Content) -> Result<(), Refusal> {
    match content.kind {
        ContentKind::System => {
            Err(Refusal::new(Code::BadRequest, "Messages of kind SYSTEM are the server's: send another kind."))
        }
        _ => Ok(()),
    }
}

/// Hash over receiver and content, each part with its length, so that a repeated id is told from a reused one.
pub(crate) fn fingerprint(to: &str, content: &Content) -> [u8; 16] {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    };
    part(to.as_bytes());
    part(&content.kind.number().to_be_bytes());
    part(content.text.as_bytes());
    if let Some(media) = &content.media {
        part(media.mime.as_bytes());
        part(&media.data);
    }
    for extension in &content.extensions {
        part(extension.namespace.as_bytes());
        part(&extension.data);
    }
    // Said only where it is there, so that ids that were remembered before it could be said are still good.
    let Content { reply_to, forwarded, mentions, lifetime_ms, .. } = content;
    if reply_to.is_some() || *forwarded > 0 || !mentions.is_empty() || lifetime_ms.is_some() {
        part(b"later");
        part(&reply_to.unwrap_or_default().0.to_be_bytes());
        part(&forwarded.to_be_bytes());
        part(&lifetime_ms.unwrap_or(0).to_be_bytes());
        mentions.iter().for_each(|who| part(who.to_string().as_bytes()));
    }
    let digest: [u8; 32] = hash.finalize().into();
    let mut short = [0; 16];
    short.copy_from_slice(&digest[..16]);
    short
}

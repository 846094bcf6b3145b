//! Admission: what the server takes up now, what waits for its turn, and what it refuses while more is asked than it can do.
//!
//! Whoever begins something says of which [`Class`] it is. What keeps a link going (heartbeats, acknowledgements, syncs) has
//! no class and is never held up. Messages take a turn each, and wait in order for one; what may better wait is refused while
//! messages wait: bulk first, presence next, messages last and only after they have waited. How many turns there are
//! follows the time that a task which is ready waits for a processor: those who wait for a turn are not ready, so fewer turns
//! are a shorter queue. Invariants: nothing is taken up that is refused, so a
//! refusal costs little and may be repeated with the same id; while nobody waits nothing is refused.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::task::Poll;
use std::time::Duration;

use belfry_domain::{Code, Refusal};
use tokio::sync::{Notify, Semaphore, SemaphorePermit};
use tokio::time::{Instant, timeout};

use crate::command::Command;

/// A task that is ready should not wait longer than this for a processor: what people notice is ten times as much. WeChat
/// calls its services overloaded at the same wait (DAGOR, §4.1).
pub(crate) const QUEUE_WAIT_AIM: Duration = Duration::from_millis(20);

/// Messages that are judged and stored at once, at first: what two commits of a busy disk take.
const TURNS_FIRST: u32 = 1_024;

/// At least so many, also where each takes long: a commit costs as much CPU as ten to twenty messages, so with fewer in each
/// less would get through.
const TURNS_MIN: u32 = 256;

/// A batch takes at most so many, however long it is: while the first in the queue waits for more, none of them is used.
const TURNS_OF_A_BATCH: u32 = TURNS_MIN / 16;

/// At most so many: two full commits of the store.
const TURNS_MAX: u32 = 8_192;

/// A message waits so long for its turn in a burst …
const WAIT_IN_A_BURST: Duration = Duration::from_secs(1);

/// … and so long when nobody has found the queue empty for [`WAIT_IN_A_BURST`]: who cannot be served then should know soon,
/// and those who are served are served in time (controlled delay, as in "Fail at Scale", ACM Queue 13/8). Longer than there,
/// since a refusal over XMPP costs about half of what is refused, and people wait who do not see half a second.
const WAIT_IN_OVERLOAD: Duration = Duration::from_millis(500);

/// The queue has to stand for so long before anything else than a message is refused.
const STANDING: Duration = Duration::from_millis(100);

/// Whoever is refused comes back after this at the earliest, each at another moment.
const COME_BACK_MS: std::ops::Range<u64> = 1_000..4_000;

/// While there is something to do it is looked so often how late tasks are.
const BEAT: Duration = Duration::from_millis(10);

/// After this time the number of turns is set anew, and after two beats at least: one that is late may be chance, or the end
/// of a time in which a system with a quota did not let the process run.
const WINDOW: Duration = Duration::from_millis(100);

/// What may be refused while the server has more to do than it can, the first to be refused first.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) enum Class {
    /// What is read page by page, and looked for.
    Bulk,
    /// Who is there, who is writing.
    Presence,
    /// What is written to others, and what they are to see changed.
    Message,
}

impl Class {
    /// Of a command; `None`: it keeps a link or an account going, or is a message and takes its turn with its batch.
    pub(crate) fn of(command: &Command) -> Option<Class> {
        match command {
            Command::History { .. }
            | Command::ListConversations { .. }
            | Command::ListContacts { .. }
            | Command::ListDevices
            | Command::ListInvites
            | Command::LobbyHistory { .. }
            | Command::GetPicture { .. }
            | Command::GetProfile { .. }
            | Command::AccountExists { .. }
            | Command::Find(_) => Some(Class::Bulk),
            Command::Typing { .. }
            | Command::SetPresence { .. }
            | Command::Watch { .. }
            | Command::ReportActivity { .. } => Some(Class::Presence),
            Command::LobbySend { .. }
            | Command::Amend { .. }
            | Command::Flag { .. }
            | Command::SetConversation { .. }
            | Command::ChangeContact { .. }
            | Command::SetProfile(_)
            | Command::CreateInvite { .. } => Some(Class::Message),
            // A send takes a turn for its whole batch. The rest is what a device needs to log in, to follow its timeline,
            // to say what it has, to be linked, and to be safe.
            Command::Send(_)
            | Command::RequestPin { .. }
            | Command::VerifyPin { .. }
            | Command::AddDevice { .. }
            | Command::Token { .. }
            | Command::Logout
            | Command::Sync { .. }
            | Command::Acknowledge { .. }
            | Command::MarkRead { .. }
            | Command::Snapshot { .. }
            | Command::RevokeDevice { .. }
            | Command::LobbyJoin { .. }
            | Command::LobbyLeave
            | Command::LobbyPoll { .. }
            | Command::LinkBegin { .. }
            | Command::LinkWait { .. }
            | Command::LinkScan { .. }
            | Command::LinkConfirm { .. }
            | Command::RenameDevice { .. }
            | Command::SetRetention { .. }
            | Command::GetRetention { .. }
            | Command::SetPrivacy(_)
            | Command::GetPrivacy
            | Command::RevokeInvite { .. }
            | Command::LookAtInvite { .. }
            | Command::AcceptInvite { .. }
            | Command::SignUp(_) => None,
        }
    }

    /// How long messages wait when this is refused.
    fn refused_at(self) -> Duration {
        match self {
            Class::Bulk => QUEUE_WAIT_AIM,
            Class::Presence => QUEUE_WAIT_AIM.saturating_mul(5) / 2,
            Class::Message => WAIT_IN_A_BURST,
        }
    }
}

/// See the module.
pub(crate) struct Admission {
    began: Instant,
    turns: Semaphore,
    /// Turns that there are.
    size: AtomicU32,
    /// Turns that are to go as soon as they are given back.
    owed: AtomicU32,
    /// When somebody last found a turn without waiting, in microseconds since `began`.
    free_at_us: AtomicU64,
    /// How long the last one that had to wait waited, in microseconds.
    waited_us: AtomicU64,
    /// Messages that wait for a turn.
    waiting: AtomicU32,
    /// Something was begun since the last beat.
    busy: AtomicBool,
    /// Nobody looks how late tasks are, since there is nothing to do.
    asleep: AtomicBool,
    awake: Notify,
    /// Refused so far.
    refused: AtomicU64,
}

impl Default for Admission {
    fn default() -> Admission {
        Admission {
            began: Instant::now(),
            turns: Semaphore::new(TURNS_FIRST as usize),
            size: AtomicU32::new(TURNS_FIRST),
            owed: AtomicU32::new(0),
            free_at_us: AtomicU64::new(0),
            waited_us: AtomicU64::new(0),
            waiting: AtomicU32::new(0),
            busy: AtomicBool::new(false),
            asleep: AtomicBool::new(true),
            awake: Notify::new(),
            refused: AtomicU64::new(0),
        }
    }
}

/// A turn for some messages; given back when dropped.
pub(crate) struct Turn<'a> {
    admission: &'a Admission,
    permit: Option<SemaphorePermit<'a>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let Some(mut permit) = self.permit.take() else { return };
        let held = u32::try_from(permit.num_permits()).unwrap_or(u32::MAX);
        let pays = self.admission.pay(held);
        if let Some(paid) = permit.split(pays as usize) {
            paid.forget();
        }
    }
}

impl Admission {
    /// A turn for so many messages, waited for in order. Cancel-safe.
    pub(crate) async fn turn(&self, messages: usize) -> Result<Turn<'_>, Refusal> {
        self.begin();
        let wanted = u32::try_from(messages).unwrap_or(u32::MAX).clamp(1, TURNS_OF_A_BATCH);
        if let Ok(permit) = self.turns.try_acquire_many(wanted) {
            self.free_at_us.store(self.now_us(), Ordering::Relaxed);
            if self.waited_us.load(Ordering::Relaxed) != 0 {
                self.waited_us.store(0, Ordering::Relaxed);
            }
            return Ok(Turn { admission: self, permit: Some(permit) });
        }
        let since = Instant::now();
        self.waiting.fetch_add(1, Ordering::Relaxed);
        let _counted = Waiter(&self.waiting);
        let acquired = timeout(self.patience(), self.turns.acquire_many(wanted)).await;
        let waited = u64::try_from(since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.waited_us.store(waited, Ordering::Relaxed);
        match acquired {
            // Nobody closes the semaphore: an error would be a fault of this file.
            Ok(permit) => Ok(Turn { admission: self, permit: permit.ok() }),
            Err(_elapsed) => Err(self.refuse(messages)),
        }
    }

    /// Whether something that takes no turn may begin.
    pub(crate) fn admit(&self, class: Class) -> Result<(), Refusal> {
        self.begin();
        if self.standing() >= STANDING && self.wait() >= class.refused_at() { Err(self.refuse(1)) } else { Ok(()) }
    }

    /// How long messages wait for their turn now.
    pub(crate) fn wait(&self) -> Duration {
        if self.waiting.load(Ordering::Relaxed) == 0 {
            return Duration::ZERO;
        }
        Duration::from_micros(self.waited_us.load(Ordering::Relaxed))
    }

    /// Turns that there are.
    pub(crate) fn size(&self) -> u32 {
        self.size.load(Ordering::Relaxed)
    }

    /// Messages, each with its batch, that wait for a turn.
    pub(crate) fn waiting(&self) -> u32 {
        self.waiting.load(Ordering::Relaxed)
    }

    /// Refused so far, each message of a batch by itself.
    pub(crate) fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// How long nobody has found a turn without waiting for it, while somebody waits.
    fn standing(&self) -> Duration {
        if self.waiting.load(Ordering::Relaxed) == 0 {
            return Duration::ZERO;
        }
        Duration::from_micros(self.now_us().saturating_sub(self.free_at_us.load(Ordering::Relaxed)))
    }

    fn patience(&self) -> Duration {
        if self.standing() > WAIT_IN_A_BURST { WAIT_IN_OVERLOAD } else { WAIT_IN_A_BURST }
    }

    /// Something is to be done: whoever looks how late tasks are looks again.
    fn begin(&self) {
        // Written by every message: only where it changes something.
        if !self.busy.load(Ordering::Relaxed) {
            self.busy.store(true, Ordering::Relaxed);
        }
        if self.asleep.load(Ordering::Acquire) && self.asleep.swap(false, Ordering::AcqRel) {
            self.awake.notify_one();
        }
    }

    /// Looks how late tasks are, and how long the store's queue and its answers wait, while there is something to do; for
    /// ever.
    pub(crate) async fn keep_watch(&self, store_waits: impl Fn() -> Duration) {
        loop {
            self.asleep.store(true, Ordering::Release);
            self.awake.notified().await;
            self.asleep.store(false, Ordering::Release);
            let mut rested = false;
            while !rested {
                let (began, mut least, mut beats) = (Instant::now(), Duration::MAX, 0);
                self.busy.store(false, Ordering::Relaxed);
                while beats < 2 || began.elapsed() < WINDOW {
                    let due = Instant::now() + BEAT;
                    tokio::time::sleep_until(due).await;
                    behind_those_that_are_ready().await;
                    least = least.min(due.elapsed());
                    beats += 1;
                }
                self.adapt(least.max(store_waits()));
                rested = !self.busy.load(Ordering::Relaxed) && self.waiting() == 0 && self.size() >= TURNS_FIRST;
            }
        }
    }

    /// Sets the number of turns by how long at least each task, or each job of the store, has waited of late: a fifth fewer
    /// where that is too long, half where it is twice too long, an eighth more where somebody waits for a turn although it is not, or where there were more.
    fn adapt(&self, wait: Duration) {
        let size = self.size();
        let wanted = if wait > 2 * QUEUE_WAIT_AIM {
            size / 2
        } else if wait > QUEUE_WAIT_AIM {
            size - size / 5
        } else if self.waiting() > 0 || size < TURNS_FIRST {
            size + size / 8
        } else {
            size
        };
        self.resize(wanted.clamp(TURNS_MIN, TURNS_MAX));
    }

    fn resize(&self, wanted: u32) {
        let size = self.size.swap(wanted, Ordering::Relaxed);
        if wanted > size {
            let more = wanted - size;
            let unpaid = more - self.pay(more);
            self.turns.add_permits(unpaid as usize);
        } else {
            let gone = u32::try_from(self.turns.forget_permits((size - wanted) as usize)).unwrap_or(0);
            self.owed.fetch_add(size - wanted - gone, Ordering::Relaxed);
        }
    }

    /// Takes up to so many off what is owed; how many.
    fn pay(&self, up_to: u32) -> u32 {
        let take = |owed: u32| (owed > 0).then(|| owed - owed.min(up_to));
        self.owed.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).map_or(0, |owed| owed.min(up_to))
    }

    fn refuse(&self, messages: usize) -> Refusal {
        let nth = self.refused.fetch_add(messages as u64, Ordering::Relaxed);
        // Steps by the golden ratio: moments that are next to each other are not those of neighbours.
        let spread = nth.wrapping_mul(0x9e37_79b9_7f4a_7c15) % (COME_BACK_MS.end - COME_BACK_MS.start);
        let text = "The server has more to do than it can; nothing was done. Try again in a moment, with the same id.";
        Refusal::retry(Code::TryLater, text, COME_BACK_MS.start + spread)
    }

    fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }
}

/// Goes to the end of the queue of what is ready. A timer wakes its task to be the next, so how late it is says nothing of
/// that queue, and what the runtime calls yielding waits for the next look at timers and sockets.
async fn behind_those_that_are_ready() {
    let mut gone = false;
    poll_fn(|cx| {
        if std::mem::replace(&mut gone, true) {
            return Poll::Ready(());
        }
        cx.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}

struct Waiter<'a>(&'a AtomicU32);

impl Drop for Waiter<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;

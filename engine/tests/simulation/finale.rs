//! The end of a run: the faults stop, everybody gets everything, and the ledger is compared with what is there.
//!
//! Invariant: after the faults nothing new begins, so whatever is missing is missing for good.

use std::collections::HashMap;
use std::time::Duration;

use belfry_domain::ports::{PageLimit, Timelines as _};
use belfry_domain::{AccountId, DataKinds, Entry, Item, Seq, SyncKey};
use belfry_engine::{Caller, Command, ConversationRef, Identity, Peer, Reply};

use crate::executor::at_once;
use crate::ledger::{Checked, Rows, Ticks, View, Violation, hold};
use crate::world::World;

/// Steps after which everybody must have everything.
const HEAL_STEPS_MAX: u64 = 30_000;

impl World {
    /// The faults are over; every device gets what it lacks, by itself where connections stay as they are.
    pub(crate) async fn heal(&mut self) -> Checked {
        self.healing = true;
        self.disk.heal();
        if self.plan.plant.is_none() {
            self.ears.borrow_mut().deaf = 0;
        }
        if self.disk.has_failed() || self.stopping.is_some() {
            self.crash();
        }
        self.note("the faults are over", 0, 0);
        if !self.plan.heal_in_place {
            for nth in 0..self.devices.len() {
                self.cut_connection(nth);
            }
        }
        let from = self.counts.steps;
        let mut waited = false;
        loop {
            self.tick();
            if !self.step().await? {
                if waited {
                    return Ok(());
                }
                // Polls that were held when all was still are answered once more.
                tokio::time::advance(Duration::from_secs(100)).await;
                waited = true;
            }
            let bounded = self.counts.steps - from <= HEAL_STEPS_MAX;
            hold!("alive", bounded, "after {HEAL_STEPS_MAX} steps without faults there is still something to do");
        }
    }

    /// What everybody has, what the log has, and what the ledger says.
    pub(crate) fn judge(&mut self) -> Checked {
        self.disk.set_calm(true);
        for nth in 0..self.devices.len() {
            let device = &self.devices[nth];
            let (who, alive, key) = (device.who, device.alive, device.local.key);
            hold!("L8", !(alive && self.ledger.is_cut(who)), "{who:?} was cut off and has not been told");
            if !alive {
                continue;
            }
            let head = self.head(who.0)?;
            hold!("alive", key == head, "{who:?} has got as far as {key}, and the log as far as {head}");
            let left = device.outbox.len();
            hold!("alive", left == 0, "{who:?} still has {left} messages to send");
        }
        // What is there now is there in the next life too.
        self.crash();
        let mut full: HashMap<AccountId, View> = HashMap::new();
        for nth in 0..self.accounts.len() {
            let account = self.accounts[nth].id;
            full.insert(account, self.log_of(account)?);
        }
        for nth in 0..self.devices.len() {
            if self.devices[nth].alive {
                self.compare(nth, &full)?;
            }
        }
        self.ledger.finish(&full)?;
        self.between(&full)?;
        for account in &self.accounts.iter().map(|account| account.id).collect::<Vec<_>>() {
            let view = &full[account];
            self.note("at the end", view.messages.len() as u64, view.rows.receipts.len() as u64);
        }
        Ok(())
    }

    fn head(&self, account: AccountId) -> Result<Seq, Violation> {
        match at_once(self.disk.head(account)) {
            Ok(head) => Ok(head.last),
            Err(error) => Err(Violation { check: "alive", what: format!("the store does not read: {error}") }),
        }
    }

    /// All that the store has for an account, whoever may read it.
    fn log_of(&mut self, account: AccountId) -> Result<View, Violation> {
        let (mut view, mut after) = (View::default(), Seq::ZERO);
        let limit = PageLimit { entries: 7, bytes: usize::MAX };
        loop {
            let page = at_once(self.disk.read_after(account, after, limit));
            let page = page.map_err(|error| Violation { check: "alive", what: error.to_string() })?;
            for entry in &page.entries {
                add(&mut view, entry)?;
            }
            after = page.next;
            if !page.more {
                return Ok(view);
            }
        }
    }

    /// A device against a sync from the beginning and the histories, as the engine gives them.
    fn compare(&mut self, nth: usize, full: &HashMap<AccountId, View>) -> Checked {
        let (who, key) = (self.devices[nth].who, self.devices[nth].key);
        let identity = at_once(self.engine.identify_key(&key));
        let Ok(Some(identity)) = identity else {
            return Err(Violation { check: "L8", what: format!("{who:?} is not known any more") });
        };
        let address = match &identity {
            Identity::Device { account, address, device } => {
                hold!("L8", (*account, *device) == who, "{who:?} is taken for {account}, {device}");
                address.clone()
            }
            other => return Err(Violation { check: "L8", what: format!("{who:?} is taken for {other:?}") }),
        };
        hold!("L8", self.accounts.iter().any(|a| a.id == who.0 && a.address == address), "{who:?} is at {address}");
        let peer = Peer { ip: std::net::Ipv4Addr::LOCALHOST.into(), port: 1, exempt: true, carrier: "simulated" };
        let caller = Caller { identity, peer };
        let (mut view, mut after) = (View::default(), Seq::ZERO);
        loop {
            let limit = self.rng.between(1, 50) as usize;
            let command = Command::Sync {
                after: Some(SyncKey::at(after)),
                kinds: DataKinds::ALL,
                limit,
                wait_ms: 0,
                acknowledge: false,
            };
            let Ok(Reply::Batch(batch)) = at_once(self.engine.execute(&caller, command)) else {
                return Err(Violation { check: "alive", what: format!("{who:?} cannot sync from the beginning") });
            };
            for entry in &batch.entries {
                self.ledger.given(who, entry)?;
                add(&mut view, entry)?;
            }
            after = batch.key.passed();
            if !batch.more {
                break;
            }
        }
        hold!("L6", view == full[&who.0], "the engine tells {who:?} something else than the store has");
        self.ledger.same(who, &self.devices[nth].view(), &view)?;
        self.histories(&caller, &view)
    }

    /// Each conversation, read backwards in pages, has what the log has.
    fn histories(&self, caller: &Caller, view: &View) -> Checked {
        let mut conversations: Vec<_> = view.messages.keys().map(|id| id.conversation).collect();
        conversations.dedup();
        for conversation in conversations {
            let (mut found, mut before) = (Vec::new(), None);
            loop {
                let command = Command::History { of: ConversationRef::Id(conversation), before, limit: 5 };
                let Ok(Reply::History { messages, more, .. }) = at_once(self.engine.execute(caller, command)) else {
                    return Err(Violation { check: "L6", what: format!("{conversation} has no history") });
                };
                before = messages.first().map(|first| first.id.cseq);
                found.extend(messages.iter().rev().map(|message| message.id));
                if !more {
                    break;
                }
            }
            found.reverse();
            let of_log: Vec<_> = view.messages.keys().filter(|id| id.conversation == conversation).copied().collect();
            hold!("L6", found == of_log, "the history of {conversation} has {found:?}, the log {of_log:?}");
        }
        Ok(())
    }
}

/// Puts an entry of the log into what it makes together.
fn add(view: &mut View, entry: &Entry) -> Checked {
    let Rows { receipts, marks, profile, contacts } = &mut view.rows;
    match &entry.item {
        Item::Message(message) => {
            let twice = view.messages.insert(message.id, message.client_id.clone()).is_some();
            hold!("L1", !twice, "message {} stands in the log twice", message.id);
        }
        Item::Receipt(receipt) => {
            let twice = receipts.insert(receipt.conversation, Ticks::of(receipt)).is_some();
            hold!("L6", !twice, "the receipt of {} stands in the log twice", receipt.conversation);
        }
        Item::Mark(mark) => {
            let twice = marks.insert(mark.conversation, mark.read).is_some();
            hold!("L6", !twice, "the mark of {} stands in the log twice", mark.conversation);
        }
        Item::Profile(shown) => {
            let twice = profile.replace(shown.display_name.clone()).is_some();
            hold!("L6", !twice, "the profile stands in the log twice");
        }
        Item::Contact(row) => {
            let twice = contacts.insert(row.account, row.contact.clone()).is_some();
            hold!("L6", !twice, "the row about {:?} stands in the log twice", row.account);
        }
        other => return Err(Violation { check: "L4", what: format!("the log has {other:?}, which nobody did") }),
    }
    Ok(())
}

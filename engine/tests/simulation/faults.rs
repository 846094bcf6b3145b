//! What goes wrong: connections, the process, the clock, devices that come and go.
//!
//! Invariant: a fault does only what the world can do to a server; what it takes from a device, it takes from some
//! frame or key on.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use belfry_domain::ports::{Clock as _, Timelines as _};
use belfry_domain::{AccountId, DeviceRole, Secret, TimestampMs};
use belfry_engine::{Caller, Command, Engine, Identity, Peer, Reply};

use crate::device::Way;
use crate::executor::TaskId;
use crate::ledger::Who;
use crate::world::{Done, World, add_device, engine};

/// Jumps of the clock: an hour and a day, each way.
const JUMPS_MS: [i64; 4] = [3_600_000, -3_600_000, 86_400_000, -86_400_000];

/// The clock strays at most so far from where it began, so that ids stay remembered.
const STRAY_MS: u64 = 5 * 86_400_000;

/// Devices of one run.
const DEVICES_MAX: usize = 14;

/// Steps that a server takes to stop.
const STOP_STEPS: u32 = 30;

impl World {
    /// Perhaps something goes wrong now.
    pub(crate) fn fault(&mut self) -> bool {
        if let Some(left) = self.stopping {
            self.stopping = left.checked_sub(1);
            if left == 0 {
                self.crash();
                return true;
            }
        }
        let rates = self.plan.rates;
        // A disk that has failed is opened anew by whoever watches the server.
        if self.rng.chance(rates.crash) || (self.disk.has_failed() && self.rng.chance(500)) {
            self.crash();
        } else if self.rng.chance(rates.cut) {
            let nth = self.rng.below(self.devices.len());
            self.cut_connection(nth);
        } else if self.rng.chance(rates.stop) && self.stopping.is_none() {
            self.note("the server is asked to stop", 0, 0);
            self.counts.stops += 1;
            self.engine.begin_shutdown(1_000);
            self.stopping = Some(STOP_STEPS);
        } else if self.rng.chance(rates.jump) {
            self.jump();
        } else if self.rng.chance(rates.devices) {
            self.change_devices();
        } else if self.rng.chance(rates.restore) {
            self.restore();
        } else if self.rng.chance(rates.prune) {
            self.counts.pruned += 1;
            let (disk, now) = (Arc::clone(&self.disk), self.clock.now());
            self.pruning.push((self.counts.steps, now));
            self.note("the janitor prunes", now.0, 0);
            self.executor.spawn(async move { drop(disk.prune(now).await) });
        } else if self.rng.chance(rates.abandon) {
            self.abandon();
        } else if self.rng.chance(rates.spurious) {
            return self.look_for_nothing();
        } else {
            return false;
        }
        true
    }

    /// The process ends and begins anew: what was written and not synced may be on the disk, up to some write.
    pub(crate) fn crash(&mut self) {
        let unsynced = self.disk.unsynced();
        let keep = self.rng.below(unsynced.max(1) + 2);
        self.note("the server crashes", unsynced as u64, keep as u64);
        self.counts.crashes += 1;
        self.stopping = None;
        for nth in 0..self.devices.len() {
            self.cut_connection(nth);
        }
        self.executor.cut_all();
        self.done.borrow_mut().clear();
        self.disk.crash(keep);
        self.engine = engine(&self.plan, &self.disk, &self.clock, &self.sms);
    }

    /// A connection breaks. Some of what is under way may still arrive on either side.
    pub(crate) fn cut_connection(&mut self, nth: usize) {
        let Some(connection) = &mut self.devices[nth].connection else { return };
        if connection.cut {
            return;
        }
        let (up, down) = (self.rng.below(3), self.rng.below(connection.pipe.waiting() + 1));
        connection.cut = true;
        connection.pipe = connection.pipe.cut(up, down);
        for (task, _) in connection.tasks.iter().filter(|(_, ends)| *ends) {
            self.executor.cut(*task);
        }
        self.counts.cuts += 1;
        self.note("a connection is cut", nth as u64, down as u64);
    }

    fn jump(&mut self) {
        let Some(by) = self.rng.pick(&JUMPS_MS).copied() else { return };
        let to = self.clock.now().0.saturating_add_signed(by);
        if to.abs_diff(crate::plan::START.0) <= STRAY_MS {
            self.note("the clock jumps", by.unsigned_abs(), u64::from(by < 0));
            self.clock.set(TimestampMs(to));
            self.counts.jumps += 1;
        }
    }

    /// The server drops a task where it stands: what it has stored it does not tell.
    fn abandon(&mut self) {
        let nth = self.rng.below(self.devices.len());
        let Some(connection) = &self.devices[nth].connection else { return };
        let tasks: Vec<TaskId> = connection.tasks.iter().map(|(task, _)| *task).collect();
        let Some(task) = self.rng.pick(&tasks).copied() else { return };
        self.note("a task is abandoned", nth as u64, 0);
        self.counts.abandoned += 1;
        self.executor.cut(task);
        self.cut_connection(nth);
    }

    /// A link is rung although nothing is new for it: a bell that comes twice.
    fn look_for_nothing(&mut self) -> bool {
        let nth = self.rng.below(self.devices.len());
        match &self.devices[nth].connection {
            Some(connection) if connection.way == Way::Link => {
                connection.pipe.ring_twice();
                self.note("a bell rings twice", nth as u64, 0);
                true
            }
            Some(_) | None => false,
        }
    }

    /// A device comes back as it was at an earlier key.
    fn restore(&mut self) {
        let nth = self.rng.below(self.devices.len());
        let Some(key) = self.rng.pick(&self.devices[nth].keys).copied() else { return };
        self.note("a device is restored", nth as u64, key.0);
        self.cut_connection(nth);
        // Nothing of what was still on its way reaches it.
        self.lose(nth);
        self.devices[nth].restore(key);
        self.counts.restored += 1;
    }

    /// A device is added, removed by another, logs out, or is replaced by a new phone.
    fn change_devices(&mut self) {
        let nth = self.rng.below(self.accounts.len());
        let account = self.accounts[nth].id;
        let alive: Vec<usize> = (0..self.devices.len())
            .filter(|at| self.devices[*at].who.0 == account && self.devices[*at].alive)
            .collect();
        let may_add = self.devices.len() < DEVICES_MAX;
        match self.rng.below(4) {
            0 if may_add => {
                let key = self.new_key();
                let (disk, done) = (Arc::clone(&self.disk), Rc::clone(&self.done));
                self.note("a device is to be added", account.0, 0);
                self.executor.spawn(async move {
                    if let Some(who) = add_device(disk, account, DeviceRole::Companion, key).await {
                        done.borrow_mut().push(Done::Added { who, key, phone: false });
                    }
                });
            }
            1 if may_add => self.replace_phone(nth),
            // Somebody has to be left who can notice what is missing.
            _ if alive.len() > 1 => {
                let (Some(by), Some(gone)) = (self.rng.pick(&alive).copied(), self.rng.pick(&alive).copied()) else {
                    return;
                };
                self.remove(by, gone);
            }
            _ => {}
        }
    }

    fn remove(&mut self, by: usize, gone: usize) {
        let who = self.devices[gone].who;
        self.note("a device is to be removed", who.0.0, who.1.0.into());
        self.ledger.cut_tried(who);
        let command = if by == gone { Command::Logout } else { Command::RevokeDevice { device: who.1 } };
        let (engine, key, done) = (self.engine.clone(), self.devices[by].key, Rc::clone(&self.done));
        self.executor.spawn(async move {
            let Ok(Some(identity)) = engine.identify_key(&key).await else { return };
            if let Ok(Reply::Done) = engine.execute(&Caller { identity, peer: peer() }, command).await {
                done.borrow_mut().push(Done::Cut(vec![who]));
            }
        });
    }

    /// A new phone proves the account's number by a PIN.
    fn replace_phone(&mut self, nth: usize) {
        let (phone, account) = (self.accounts[nth].phone.clone(), self.accounts[nth].id);
        if !self.replacing.borrow_mut().insert(account) {
            return;
        }
        let phones: Vec<Who> = self.phones.iter().copied().filter(|who| who.0 == account).collect();
        self.note("a phone is to be replaced", account.0, phones.len() as u64);
        phones.iter().for_each(|who| self.ledger.cut_tried(*who));
        let key = self.new_key();
        let (engine, sms, done) = (self.engine.clone(), Arc::clone(&self.sms), Rc::clone(&self.done));
        let replacing = Rc::clone(&self.replacing);
        self.executor.spawn(async move {
            let _until_done = Replacing(replacing, account);
            let nobody = Caller { identity: Identity::Nobody { noise_key: Some(key) }, peer: peer() };
            let asked = engine.execute(&nobody, Command::RequestPin { phone: phone.clone() }).await;
            let Some(text) = sms.last_to(&phone).filter(|_| asked.is_ok()) else { return };
            let pin: String = text.chars().take_while(char::is_ascii_digit).collect();
            if let Some(who) = verify(&engine, &nobody, phone, pin).await {
                let mut done = done.borrow_mut();
                done.push(Done::Cut(phones));
                done.push(Done::Added { who, key, phone: true });
            }
        });
    }
}

/// One phone at a time: who takes the place of whom is known.
struct Replacing(Rc<RefCell<HashSet<AccountId>>>, AccountId);

impl Drop for Replacing {
    fn drop(&mut self) {
        self.0.borrow_mut().remove(&self.1);
    }
}

async fn verify(engine: &Engine, nobody: &Caller, phone: belfry_domain::Phone, pin: String) -> Option<Who> {
    let command = Command::VerifyPin {
        phone,
        pin: Secret::new(pin),
        name: None,
        device_name: String::new(),
        display_name: String::new(),
    };
    match engine.execute(nobody, command).await {
        Ok(Reply::Issued(issued)) => Some((issued.account, issued.device)),
        Ok(_) | Err(_) => None,
    }
}

fn peer() -> Peer {
    Peer { ip: std::net::Ipv4Addr::LOCALHOST.into(), port: 1, exempt: true, carrier: "simulated" }
}

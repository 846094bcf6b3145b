//! The janitor: what is to be done from time to time. The server runs it as a supervised task.

use std::future::Future;
use std::pin::pin;
use std::time::Duration;

use belfry_domain::ports::StoreError;
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

use crate::Engine;

/// How often the lobby is looked over for stays that have lapsed and bells that were held back.
const LOBBY_EVERY: Duration = Duration::from_millis(250);

/// How often the store takes away what is dead.
const PRUNE_EVERY: Duration = Duration::from_secs(10 * 60);

/// What was dead and was taken away.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Taken {
    /// Entries and bodies of messages.
    pub entries: u64,
    /// Remembered client ids.
    pub dedupe: u64,
    /// Messages of the lobby.
    pub lobby: u64,
    /// Conversations whose writers were told that something ended undelivered.
    pub told: u64,
}

impl Engine {
    /// Runs until `stop` is ready. An error of the store ends it too: whoever supervises it starts it again.
    pub async fn run_janitor(&self, stop: impl Future<Output = ()>) -> Result<(), StoreError> {
        let mut stop = pin!(stop);
        let mut lobby = interval(LOBBY_EVERY);
        let mut prune = interval_at(Instant::now() + PRUNE_EVERY, PRUNE_EVERY);
        lobby.set_missed_tick_behavior(MissedTickBehavior::Delay);
        prune.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = &mut stop => return Ok(()),
                _ = lobby.tick() => {
                    self.tidy_lobby();
                    self.inner.linking.sweep();
                    self.close_strict();
                }
                _ = prune.tick() => {
                    let taken = self.prune().await?;
                    let devices = self.retire_silent(self.inner.ports.clock.now()).await?;
                    tracing::info!(
                        taken.entries,
                        taken.dedupe,
                        taken.lobby,
                        taken.told,
                        devices,
                        "what is dead was taken away"
                    );
                }
            }
        }
    }

    /// Takes away what is dead, at once. The lobby first: the store makes what was deleted be gone from the disk.
    pub async fn prune(&self) -> Result<Taken, StoreError> {
        let now = self.inner.ports.clock.now();
        let lobby = self.prune_lobby(now).await?;
        let pruned = self.store().prune(now).await?;
        self.inner.hub.publish(&pruned.told);
        Ok(Taken { entries: pruned.entries, dedupe: pruned.dedupe, lobby, told: pruned.told.len() as u64 })
    }
}

//! One client of a run: sends, listens, acknowledges, marks, and comes back whatever happens to its connection.
//!
//! Invariant: a message that was begun is sent again, under the same id, until it is answered or refused for good.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Result, bail};
use belfry_client::ClientError;
use belfry_client::witness::Witness;
use tokio::time::Instant;

use super::Dice;
use super::run::Shared;

/// The longest wait before another try, however long the server says: faults are what this is about.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// The wait before another connection: short, so that many faults fit into a run.
const PAUSE: Duration = Duration::from_millis(20);

/// A message that is on its way.
#[derive(Clone, Debug)]
struct Open {
    id: String,
    to: String,
    text: String,
}

/// What everybody does together once the faults are over.
#[derive(Clone, Copy, Debug)]
pub(super) enum Step {
    /// Sends what was not answered.
    Finish,
    /// Takes what is there and acknowledges it.
    Acknowledge,
    /// Reads the history.
    Testify,
    /// Removes the device.
    Leave,
}

/// A client.
#[derive(Debug)]
pub(super) struct Talker {
    witness: Witness,
    open: Option<Open>,
}

/// Talks until the run ends.
pub(super) async fn talk(
    witness: Witness,
    number: usize,
    everybody: Vec<String>,
    loses: bool,
    mut dice: Dice,
    shared: Arc<Shared>,
) -> Talker {
    let mut talker = Talker { witness, open: None };
    let mut count = 0_u64;
    while !shared.stop.load(Ordering::Relaxed) {
        if talker.open.is_none() {
            let ticket = shared.tickets.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(1));
            if ticket.is_err() {
                break;
            }
            count += 1;
            // One of the two neighbours: conversations are written to from both sides.
            let step = if dice.once_in(2) { 1 } else { everybody.len() - 1 };
            let to = everybody[(number + step) % everybody.len()].clone();
            let id = format!("{}-{number}-{count}", shared.tag);
            talker.open = Some(Open { text: format!("{id} to {to}"), id, to });
            if loses {
                talker.lose(&shared);
            }
        }
        if let Err(error) = talker.turn(&mut dice, loses, &shared).await {
            talker.recover(&error, &mut dice, &shared).await;
        }
    }
    talker
}

impl Talker {
    fn lose(&mut self, shared: &Shared) {
        self.witness.lose_next_answer();
        shared.answers_lost.fetch_add(1, Ordering::Relaxed);
    }

    /// Sends what is open, takes what is told, and says so.
    async fn turn(&mut self, dice: &mut Dice, loses: bool, shared: &Shared) -> Result<(), ClientError> {
        if !self.witness.is_connected() {
            self.witness.connect().await?;
        }
        self.send_open(shared).await?;
        self.witness.listen(Duration::from_millis(dice.below(5))).await?;
        if self.witness.unacknowledged() && dice.once_in(2) {
            if loses {
                self.lose(shared);
            }
            self.witness.acknowledge().await?;
        }
        if self.witness.unread().is_some() && dice.once_in(3) {
            if loses {
                self.lose(shared);
            }
            self.witness.mark_read().await?;
        }
        Ok(())
    }

    async fn send_open(&mut self, shared: &Shared) -> Result<(), ClientError> {
        let Some(open) = self.open.clone() else { return Ok(()) };
        match self.witness.send(&open.id, &open.to, &open.text).await {
            Ok(_) => {
                shared.sent.fetch_add(1, Ordering::Relaxed);
                self.open = None;
                Ok(())
            }
            Err(ClientError::Refused(refusal)) if !refusal.is_temporary() && refusal.code != "unauthenticated" => {
                self.open = None;
                Ok(())
            }
            Err(error) => Err(error),
        }
    }

    /// After an error: waits as long as it takes, or comes back at once.
    async fn recover(&mut self, error: &ClientError, dice: &mut Dice, shared: &Shared) {
        let pause = match error {
            ClientError::Refused(refusal) if refusal.code != "unauthenticated" => {
                refusal.retry_after.unwrap_or(PAUSE).min(PAUSE_MAX)
            }
            _ => {
                // An answer that was lost on an open link: now on the same, now on another.
                if dice.once_in(2) || !self.witness.is_connected() || matches!(error, ClientError::Refused(_)) {
                    self.witness.disconnect();
                    shared.reconnects.fetch_add(1, Ordering::Relaxed);
                }
                Duration::from_millis(1 + dice.below(PAUSE.as_millis() as u64))
            }
        };
        tokio::time::sleep(pause).await;
    }

    /// Does a step of coming to rest, again and again until it succeeds.
    pub(super) async fn settle(mut self, step: Step, until: Instant, shared: &Shared) -> Result<Talker> {
        loop {
            let error = match self.try_step(step, shared).await {
                Ok(()) => return Ok(self),
                Err(error) => error,
            };
            if Instant::now() >= until {
                bail!("{} could not {}: {error}", self.witness.address(), step.name());
            }
            self.witness.disconnect();
            tokio::time::sleep(PAUSE).await;
        }
    }

    async fn try_step(&mut self, step: Step, shared: &Shared) -> Result<(), ClientError> {
        if !self.witness.is_connected() {
            self.witness.connect().await?;
        }
        match step {
            Step::Finish => self.send_open(shared).await,
            Step::Acknowledge => {
                self.witness.catch_up().await?;
                self.witness.acknowledge().await
            }
            Step::Testify => self.witness.testify().await,
            Step::Leave => self.witness.log_out().await,
        }
    }
}

impl Step {
    fn name(self) -> &'static str {
        match self {
            Step::Finish => "finish its messages",
            Step::Acknowledge => "acknowledge what it was told",
            Step::Testify => "read its history",
            Step::Leave => "remove its device",
        }
    }
}

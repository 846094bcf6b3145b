//! Registration: a PIN to a phone, and its exchange for the credentials of a new primary device.
//!
//! A number comes in, then the PIN that its owner read; [`Issued`] leaves. The rules of trying and sending are here,
//! over one record for each number that the store swaps whole. Invariants: a try is counted, durably, before the PIN is
//! compared, so that racing tries are tries; a PIN works once; answers are the same whether or not the number has an
//! account.

use belfry_domain::limits::DISPLAY_NAME_CHARS_MAX;
use belfry_domain::ports::{AccountOutcome, NewAccount};
use belfry_domain::{AccountId, Address, Code, DeviceRole, Phone, Refusal, Registration, Secret, TimestampMs};
use subtle::ConstantTimeEq;

use crate::accounts::Joining;
use crate::command::{Caller, Identity, Reply};
use crate::credentials::mac;
use crate::limits::Limited;
use crate::settings::Settings;
use crate::{Engine, metrics::count, refused};

const DAY_MS: u64 = 24 * 3_600_000;

/// How long to wait before the second, third and any later PIN of a day.
const RESEND_AFTER_MS: [u64; 3] = [60_000, 120_000, 600_000];

/// Swaps that may be lost to others before a number is called busy.
const SWAPS_MAX: usize = 64;

impl Engine {
    pub(crate) async fn request_pin(&self, caller: &Caller, phone: Phone) -> Result<Reply, Refusal> {
        let settings = self.settings();
        self.limit_peer(&caller.peer, Limited::PinsByAddress)?;
        self.limit(&Limited::Pins)?;

        let pin = self.new_pin(settings.pin_digits);
        let sent_today = self
            .swap(&phone, |state, now| {
                may_send(state, now, &settings)?;
                state.pin_mac = Some(self.pin_mac(&phone, &pin));
                state.sent = now;
                state.tries_left = settings.pin_tries;
                state.sent_today += 1;
                Ok(state.sent_today)
            })
            .await?;

        let text = format!("{} is your Belfry code. Give it to nobody.", pin.expose());
        if let Err(error) = self.inner.ports.sms.send(&phone, Secret::new(text)).await {
            count(&self.inner.metrics.pins_failed);
            tracing::error!(%error, "a PIN was not sent");
            return Err(Refusal::retry(Code::TryLater, "The text message could not be sent; try again later.", 60_000));
        }
        count(&self.inner.metrics.pins_sent);
        Ok(Reply::PinSent {
            digits: settings.pin_digits,
            expires_in_ms: settings.pin_ms,
            resend_after_ms: resend_after_ms(sent_today),
        })
    }

    pub(crate) async fn verify_pin(
        &self,
        caller: &Caller,
        phone: Phone,
        pin: Secret<String>,
        name: Option<String>,
        device_name: String,
        display_name: String,
    ) -> Result<Reply, Refusal> {
        let settings = self.settings();
        self.limit_peer(&caller.peer, Limited::PinTries)?;
        let (device_name, display_name) = (label(device_name, "Phone")?, label(display_name, "")?);

        // What would fail for another reason fails before it costs a try.
        let wished = name.as_deref().unwrap_or(phone.digits());
        let address = Address::new(wished, &settings.domain)
            .map_err(|error| Refusal::new(Code::BadRequest, error.to_string()))?;
        let known = self.store().account_by_phone(&phone).await.map_err(refused)?;
        if known.is_none() {
            let skeleton = belfry_domain::skeleton(address.local());
            if self.store().looks_taken(address.domain(), &skeleton).await.map_err(refused)? {
                return Err(name_taken(&address));
            }
        }

        // One try, counted before anything is compared.
        let given = self.pin_mac(&phone, &pin);
        let kept = self
            .swap(&phone, |state, now| {
                may_try(state, now, &settings)?;
                state.tries_left -= 1;
                state.tries_today += 1;
                Ok(state.pin_mac)
            })
            .await?;
        if !kept.is_some_and(|kept| bool::from(kept.ct_eq(&given))) {
            count(&self.inner.metrics.pins_wrong);
            return Err(Refusal::new(Code::PinWrong, "This is not the PIN that was sent; look at it again."));
        }
        // The PIN is used up; of two who had it right at once, one sees the other's swap.
        self.swap(&phone, |state, _| {
            if state.pin_mac != Some(given) {
                return Err(no_pin());
            }
            state.pin_mac = None;
            state.tries_left = 0;
            Ok(())
        })
        .await?;

        let (account, address, replaced) = match known {
            Some(account) => (account.id, account.address.clone(), true),
            None => self.new_account(phone, address, display_name).await?,
        };
        let noise_key = match caller.identity {
            Identity::Nobody { noise_key } => noise_key,
            Identity::Guest { .. } | Identity::Device { .. } => None,
        };
        let joining = Joining { role: DeviceRole::Primary, name: device_name, platform: String::new(), noise_key };
        let issued = self.issue(account, address, joining, replaced).await?;
        Ok(Reply::Issued(Box::new(issued)))
    }

    async fn new_account(
        &self,
        phone: Phone,
        address: Address,
        display_name: String,
    ) -> Result<(AccountId, Address, bool), Refusal> {
        let display_name = if display_name.is_empty() { address.local().to_owned() } else { display_name };
        let created = self.inner.ports.clock.now();
        let new = NewAccount { address: address.clone(), phone: Some(phone), display_name, scram: None, created };
        match self.store().create_account(new).await.map_err(refused)? {
            AccountOutcome::Created(account) => Ok((account.id, account.address.clone(), false)),
            AccountOutcome::NameTaken => Err(name_taken(&address)),
            // Registered by somebody else at the same moment with the same phone: the account is theirs and ours.
            AccountOutcome::PhoneTaken(id) => match self.store().account(id).await.map_err(refused)? {
                Some(account) => Ok((account.id, account.address.clone(), true)),
                None => Err(crate::internal("a phone number points to no account")),
            },
        }
    }

    /// Changes a number's record by a rule, whoever else changes it at the same time.
    async fn swap<T>(
        &self,
        phone: &Phone,
        mut rule: impl FnMut(&mut Registration, TimestampMs) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        for _ in 0..SWAPS_MAX {
            let now = self.inner.ports.clock.now();
            let before = self.store().registration(phone).await.map_err(refused)?;
            let mut state = before.clone();
            if state.day.ms_since(now) > 0 || now.ms_since(state.day) >= DAY_MS {
                (state.day, state.sent_today, state.tries_today) = (now, 0, 0);
            }
            let outcome = rule(&mut state, now)?;
            if self.store().swap_registration(phone, &before, state).await.map_err(refused)? {
                return Ok(outcome);
            }
        }
        Err(Refusal::retry(Code::TryLater, "Too many tries for this number at once; wait a moment.", 1_000))
    }

    /// Digits that nobody can guess, each as likely as any other.
    fn new_pin(&self, digits: u32) -> Secret<String> {
        let mut pin = String::new();
        while pin.len() < digits as usize {
            let [byte] = belfry_domain::ports::random_array::<1>(&*self.inner.ports.entropy);
            if byte < 250 {
                pin.push(char::from(b'0' + byte % 10));
            }
        }
        Secret::new(pin)
    }

    fn pin_mac(&self, phone: &Phone, pin: &Secret<String>) -> [u8; 32] {
        mac(&self.inner.secrets.pin_pepper, &[phone.as_str().as_bytes(), b"|", pin.expose().trim().as_bytes()])
    }
}

fn may_send(state: &Registration, now: TimestampMs, settings: &Settings) -> Result<(), Refusal> {
    if state.sent_today >= settings.pins_per_day {
        let wait_ms = DAY_MS.saturating_sub(now.ms_since(state.day));
        return Err(Refusal::retry(Code::RateLimited, "This number was sent too many PINs today.", wait_ms));
    }
    let passed_ms = now.ms_since(state.sent);
    let wait_ms = resend_after_ms(state.sent_today).saturating_sub(passed_ms);
    if state.sent_today > 0 && wait_ms > 0 {
        let seconds = wait_ms.div_ceil(1000);
        return Err(Refusal::retry(
            Code::RateLimited,
            format!("A PIN is on its way; another can be sent in {seconds} s."),
            wait_ms,
        ));
    }
    Ok(())
}

fn may_try(state: &Registration, now: TimestampMs, settings: &Settings) -> Result<(), Refusal> {
    if state.tries_today >= settings.pin_tries_per_day {
        let wait_ms = DAY_MS.saturating_sub(now.ms_since(state.day));
        return Err(Refusal::retry(Code::RateLimited, "Too many wrong PINs for this number today.", wait_ms));
    }
    let too_old = now.ms_since(state.sent) >= settings.pin_ms;
    if state.pin_mac.is_none() || too_old || state.tries_left == 0 { Err(no_pin()) } else { Ok(()) }
}

fn resend_after_ms(sent_today: u32) -> u64 {
    let at = (sent_today.max(1) as usize - 1).min(RESEND_AFTER_MS.len() - 1);
    RESEND_AFTER_MS[at]
}

fn no_pin() -> Refusal {
    Refusal::new(Code::PinExpired, "There is no PIN to try (any more): ask for a new one.")
}

pub(crate) fn name_taken(address: &Address) -> Refusal {
    Refusal::new(
        Code::NameTaken,
        format!("The name \"{}\" is taken, or looks like one that is: choose another.", address.local()),
    )
}

/// A device's or person's name as it is shown, or `otherwise` if nothing is given.
pub(crate) fn label(text: String, otherwise: &str) -> Result<String, Refusal> {
    let text: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.is_empty() {
        return Ok(otherwise.to_owned());
    }
    if text.chars().count() > DISPLAY_NAME_CHARS_MAX || text.chars().any(char::is_control) {
        return Err(Refusal::new(
            Code::BadRequest,
            format!("A name to be shown has at most {DISPLAY_NAME_CHARS_MAX} characters and no control characters."),
        ));
    }
    Ok(text)
}

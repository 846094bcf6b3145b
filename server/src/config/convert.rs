//! Turns the configuration into the settings of the engine.
//!
//! A [`Config`] comes in, [`Settings`] leave. Invariant: a configuration of defaults gives the engine's own defaults, so
//! the two cannot drift apart.

use belfry_domain::Address;
use belfry_domain::ports::MailboxLimit;
use belfry_engine::{KeepMessages, LobbySettings, Settings};

use super::{Config, Keep};

/// The rules as the operator set them.
pub fn settings(config: &Config) -> Settings {
    Settings {
        domain: domain(config),
        keep_messages: match config.messages.keep {
            Keep::For(span) => KeepMessages::For { ms: span.0 },
            Keep::Forever => KeepMessages::Forever,
            Keep::UntilDelivered => KeepMessages::UntilDelivered { at_most_ms: config.messages.undelivered.0 },
        },
        undelivered_ms: config.messages.undelivered.0,
        mailbox: MailboxLimit { entries: config.messages.waiting_max, bytes: config.messages.waiting_bytes_max.0 },
        pin_digits: config.pins.digits,
        pin_ms: config.pins.valid.0,
        pin_tries: config.pins.tries,
        pin_tries_per_day: config.pins.tries_per_day,
        pins_per_day: config.pins.per_day,
        pins_per_address_hour: config.pins.per_address_hour,
        pins_per_hour: config.pins.per_hour,
        token_ms: config.accounts.token.0,
        scram_iterations: config.accounts.password_rounds,
        logins_per_quarter: config.accounts.failed_logins_per_quarter,
        sends_per_second: config.messages.per_second,
        sends_burst: config.messages.burst,
        devices_max: config.accounts.devices_max,
        idle_ms: config.connections.idle.0,
        heartbeat_ms: config.connections.heartbeat.0,
        lobby: LobbySettings {
            guests_from_elsewhere: config.lobby.guests_from_elsewhere,
            participants_max: config.lobby.participants_max,
            lease_ms: config.lobby.lease.0,
            linger_ms: config.lobby.linger.0,
            history_messages: config.lobby.history_messages,
            history_ms: config.lobby.history.0,
            text_chars_max: config.lobby.text_chars_max,
            sends_burst: config.lobby.burst,
            sends_per_second: config.lobby.per_second,
        },
    }
}

/// The domain as addresses have it: lower case, without a last dot.
pub fn domain(config: &Config) -> String {
    match Address::new("a", &config.server.domain) {
        Ok(address) => address.domain().to_string(),
        // Refused when the configuration was read.
        Err(_) => config.server.domain.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_engine() {
        let ours = format!("{:#?}", settings(&Config::default()));
        assert_eq!(ours, format!("{:#?}", Settings::default()));
    }
}

//! Turns the configuration into the settings of the engine and the limits of the native door.
//!
//! A [`Config`] comes in, [`Settings`] and [`DoorLimits`] leave. Invariant: a configuration of defaults gives their own defaults, so
//! the two cannot drift apart.

use belfry_domain::Address;
use belfry_domain::ports::MailboxLimit;
use belfry_engine::{DeviceSettings, KeepMessages, KeepPast, LobbySettings, Settings};
use belfry_gate::limits::DoorLimits;

use super::{Config, DeviceMode, Devices, Keep, Past};

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
        edit_ms: config.messages.edit.0,
        recall_ms: config.messages.recall.0,
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
        trace_steps: config.admin.trace_steps,
        devices: devices(&config.devices),
    }
}

fn devices(devices: &Devices) -> DeviceSettings {
    DeviceSettings {
        link_ms: devices.link_code.0,
        link_without_primary: devices.link_without_phone,
        companions_manage: devices.companions_manage,
        past: match devices.past {
            Past::All => KeepPast::All,
            Past::Nothing => KeepPast::Nothing,
            Past::Recent => KeepPast::Recent { ms: devices.past_age.0, messages: devices.past_messages },
            Past::Undelivered => KeepPast::Undelivered,
        },
        silent_ms: Some(devices.silent.0).filter(|ms| *ms > 0),
        strict_grace_ms: match devices.mode {
            DeviceMode::Independent => None,
            DeviceMode::Strict => Some(devices.strict_grace.0),
        },
    }
}

/// What the operator lets strangers cost.
pub fn door_limits(config: &Config) -> DoorLimits {
    let connections = &config.connections;
    DoorLimits {
        handshake: connections.handshake.duration(),
        login: connections.login.duration(),
        partial_frame: connections.partial_frame.duration(),
        waiting_per_address: connections.before_login_per_address,
        waiting: connections.before_login_links,
        frame_bytes_before_login: usize::try_from(connections.before_login_frame.0).unwrap_or(usize::MAX),
    }
}

/// The same for the XMPP door.
pub fn xmpp_limits(config: &Config) -> belfry_xmpp::limits::DoorLimits {
    let connections = &config.connections;
    belfry_xmpp::limits::DoorLimits {
        login: connections.login.duration(),
        partial_stanza: connections.partial_frame.duration(),
        waiting_per_address: connections.before_login_per_address,
        waiting: connections.before_login_links,
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
        assert_eq!(door_limits(&Config::default()), DoorLimits::default());
        assert_eq!(xmpp_limits(&Config::default()), belfry_xmpp::limits::DoorLimits::default());
    }
}

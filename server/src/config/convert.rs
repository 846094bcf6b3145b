//! Turns the configuration into the settings of the engine and the limits of the native door.
//!
//! A [`Config`] comes in, [`Settings`] and [`DoorLimits`] leave. Invariant: a configuration of defaults gives their own defaults, so
//! the two cannot drift apart.

use std::net::IpAddr;

use belfry_domain::Address;
use belfry_domain::ports::MailboxLimit;
use belfry_engine::{
    DeviceSettings, KeepMessages, KeepPast, LobbySettings, PresenceSettings, Rates, Registrations, Settings, SignUps,
};
use belfry_gate::limits::DoorLimits;

use super::xmpp::Registration;
use super::{Config, DeviceMode, Devices, Keep, Limits, Past, SignUpInvites};

/// The rules as the operator set them.
pub fn settings(config: &Config) -> Settings {
    Settings {
        domain: domain(config),
        public_url: public_url(config),
        keep_messages: match config.messages.keep {
            Keep::For(span) => KeepMessages::For { ms: span.0 },
            Keep::Forever => KeepMessages::Forever,
            Keep::UntilDelivered => KeepMessages::UntilDelivered { at_most_ms: config.messages.undelivered.0 },
        },
        undelivered_ms: config.messages.undelivered.0,
        mailbox: MailboxLimit {
            entries: config.messages.waiting_max,
            bytes: config.messages.waiting_bytes_max.0,
            unanswered: unanswered(config),
        },
        unanswered: unanswered(config),
        find_by_phone: config.contacts.find_by_phone,
        sign_ups: match config.contacts.sign_up_invites {
            SignUpInvites::Admins => SignUps::Admins,
            SignUpInvites::Everyone => SignUps::Everyone,
            SignUpInvites::Nobody => SignUps::Nobody,
        },
        xmpp_uris: config.xmpp.enabled,
        registrations: match config.xmpp.registration {
            Registration::Anybody => Registrations::Anybody,
            Registration::Invited => Registrations::Invited,
            Registration::Nobody => Registrations::Nobody,
        },
        pin_digits: config.pins.digits,
        pin_ms: config.pins.valid.0,
        pin_tries: config.pins.tries,
        pin_tries_per_day: config.pins.tries_per_day,
        pins_per_day: config.pins.per_day,
        token_ms: config.accounts.token.0,
        scram_iterations: config.accounts.password_rounds,
        rates: rates(&config.limits),
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
        },
        trace_steps: config.admin.trace_steps,
        devices: devices(&config.devices),
        presence: PresenceSettings {
            settle_ms: config.presence.settle.0,
            interval_ms: config.presence.interval.0,
            linger_ms: config.presence.linger.0,
            messages_per_second: config.presence.per_second,
            watch_ms: config.presence.watch.0,
        },
    }
}

fn rates(limits: &Limits) -> Rates {
    Rates {
        sends: limits.sends.0,
        changes: limits.changes.0,
        history: limits.history.0,
        typing: limits.typing.0,
        stanzas: limits.stanzas.0,
        presence: limits.presence.0,
        watches: limits.watches.0,
        requests: limits.requests.0,
        requests_by_device: limits.requests_by_device.0,
        requests_before_login: limits.requests_before_login.0,
        look_ups: limits.look_ups.0,
        look_ups_by_address: limits.look_ups_by_address.0,
        contact_requests: limits.contact_requests.0,
        contact_changes: limits.contact_changes.0,
        invitations: limits.invitations.0,
        invitations_looked_at: limits.invitations_looked_at.0,
        sign_ups_by_address: limits.sign_ups_by_address.0,
        lobby_sends: limits.lobby_sends.0,
        lobby_joins: limits.lobby_joins.0,
        failed_logins: limits.failed_logins.0,
        failed_logins_by_address: limits.failed_logins_by_address.0,
        password_changes: limits.password_changes.0,
        pins: limits.pins.0,
        pins_by_address: limits.pins_by_address.0,
        pin_tries_by_address: limits.pin_tries_by_address.0,
        links_begun: limits.links_begun.0,
        links_guessed: limits.links_guessed.0,
        links_scanned: limits.links_scanned.0,
    }
}

/// 0 in the file is no limit.
fn unanswered(config: &Config) -> u32 {
    match config.contacts.unanswered {
        0 => u32::MAX,
        messages => messages,
    }
}

/// How people reach the server, without a slash at the end: as the operator says, else as it listens.
pub fn public_url(config: &Config) -> String {
    if let Some(url) = &config.server.public_url {
        return url.trim_end_matches('/').to_owned();
    }
    let Some(first) = config.server.listen.first() else { return "http://localhost".into() };
    let (ip, domain) = (first.ip().to_canonical(), domain(config));
    let plain = ip.is_loopback() || config.server.allow_plain;
    let host = match ip {
        _ if domain != "localhost" => domain,
        ip if ip.is_loopback() || ip.is_unspecified() => domain,
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    };
    match (plain, first.port()) {
        (true, 80) => format!("http://{host}"),
        (true, port) => format!("http://{host}:{port}"),
        (false, 443) => format!("https://{host}"),
        (false, port) => format!("https://{host}:{port}"),
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

    #[test]
    fn links_begin_as_the_operator_says_or_as_the_server_listens() {
        let url = |url: Option<&str>, listen: &str, domain: &str, allow_plain| {
            let mut config = Config::default();
            config.server.public_url = url.map(str::to_owned);
            config.server.listen = vec![listen.parse().expect("an address")];
            config.server.domain = domain.into();
            config.server.allow_plain = allow_plain;
            public_url(&config)
        };
        assert_eq!(url(Some("https://chat.example.org/"), "0.0.0.0:80", "a.org", true), "https://chat.example.org");
        assert_eq!(url(None, "127.0.0.1:8080", "localhost", false), "http://localhost:8080");
        assert_eq!(url(None, "0.0.0.0:443", "example.org", false), "https://example.org");
        assert_eq!(url(None, "[::]:8080", "example.org", false), "https://example.org:8080");
        assert_eq!(url(None, "192.0.2.7:8080", "localhost", true), "http://192.0.2.7:8080");
        assert_eq!(url(None, "[2001:db8::7]:8443", "localhost", false), "https://[2001:db8::7]:8443");
    }
}

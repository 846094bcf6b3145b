//! What differs between two configurations, and what of it holds only after a restart.
//!
//! Two [`Config`]s come in, the keys with their old and new values leave. Invariant: a key that is looked at only when
//! the server starts is in [`AT_START`], so that nobody believes in a change that has none.

use serde::{Deserialize, Serialize};

use super::Config;

/// Keys that are looked at only when the server starts; "section.*" is all of a section.
const AT_START: &[&str] = &[
    "server.domain",
    "server.listen",
    "server.public_url",
    "server.hosts",
    "server.data",
    "tls.allow_tls12",
    "connections.max",
    "xmpp.enabled",
    "xmpp.listen",
    "sms.*",
    "store.*",
    "metrics.*",
    "admin.socket",
    "log.format",
];

/// A key that has another value.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
pub struct Change {
    /// As "section.key".
    pub key: String,
    /// What it was, as it would be written.
    pub old: String,
    /// What it is.
    pub new: String,
}

/// What came of reading the configuration again.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct Reloaded {
    /// What is other than before and holds from now on.
    pub changed: Vec<Change>,
    /// Keys whose values in the file hold only after a restart.
    pub needs_restart: Vec<Change>,
}

/// What a server that was started with `started` and has `current` in force makes of `new`.
pub fn reloaded(started: &Config, current: &Config, new: &Config) -> Reloaded {
    let mut changed = changes(current, new);
    changed.retain(|change| !at_start(&change.key));
    let mut needs_restart = changes(started, new);
    needs_restart.retain(|change| at_start(&change.key));
    Reloaded { changed, needs_restart }
}

fn at_start(key: &str) -> bool {
    AT_START.iter().any(|known| match known.strip_suffix('*') {
        Some(section) => key.starts_with(section),
        None => key == *known,
    })
}

/// The keys that differ, in the order of the alphabet. A secret that differs says so and nothing else.
fn changes(old: &Config, new: &Config) -> Vec<Change> {
    let mut changes = Vec::new();
    let (Ok(before), Ok(after)) = (toml::Table::try_from(old), toml::Table::try_from(new)) else { return changes };
    for section in super::SECTIONS {
        for key in section.keys {
            let of = |all: &toml::Table| all.get(section.name).and_then(|keys| keys.get(key.name)).cloned();
            let (old, new) = (of(&before), of(&after));
            if old != new {
                let shown = |value: Option<toml::Value>| value.map_or("not set".into(), |value| value.to_string());
                let key = format!("{}.{}", section.name, key.name);
                changes.push(Change { key, old: shown(old), new: shown(new) });
            }
        }
    }
    let secrets = [
        ("sms.webhook_token", old.sms.webhook_token != new.sms.webhook_token),
        ("xmpp.services", old.xmpp.services != new.xmpp.services),
    ];
    for (secret, _) in secrets.into_iter().filter(|(_, differs)| *differs) {
        if changes.iter().all(|change| change.key != secret) {
            changes.push(Change { key: secret.into(), old: "***".into(), new: "another ***".into() });
        }
    }
    changes.sort_by(|one, other| one.key.cmp(&other.key));
    changes
}

#[cfg(test)]
mod tests {
    use super::super::units::SecretText;
    use super::*;

    fn keys(changes: &[Change]) -> Vec<&str> {
        changes.iter().map(|change| change.key.as_str()).collect()
    }

    #[test]
    fn every_key_that_needs_a_restart_is_one() {
        for known in AT_START {
            let (section, key) = known.split_once('.').expect("a section and a key");
            let section = super::super::SECTIONS.iter().find(|s| s.name == section).expect("a section");
            assert!(key == "*" || section.keys.iter().any(|k| k.name == key), "{known}");
        }
    }

    #[test]
    fn a_change_that_needs_a_restart_is_named_until_there_was_one() {
        let (started, mut new) = (Config::default(), Config::default());
        assert_eq!(reloaded(&started, &started, &new), Reloaded::default());
        new.limits.sends = "7 at once, 1/s".parse().expect("a rate");
        new.server.data = "elsewhere".into();
        new.connections.max = Some(7);
        let first = reloaded(&started, &started, &new);
        assert_eq!(keys(&first.needs_restart), ["connections.max", "server.data"]);
        assert_eq!((first.needs_restart[0].old.as_str(), first.needs_restart[0].new.as_str()), ("not set", "7"));
        let changed =
            Change { key: "limits.sends".into(), old: "\"60 at once, 20/s\"".into(), new: "\"7 at once, 1/s\"".into() };
        assert_eq!(first.changed, [changed]);
        let second = reloaded(&started, &new, &new);
        assert_eq!((keys(&second.changed), keys(&second.needs_restart)), (vec![], keys(&first.needs_restart)));
    }

    #[test]
    fn a_secret_that_changes_is_named_and_not_shown() {
        let (mut old, mut new) = (Config::default(), Config::default());
        old.sms.webhook_token = Some(SecretText("s3cret".into()));
        new.sms.webhook_token = Some(SecretText("s3cret-2".into()));
        let changes = changes(&old, &new);
        assert_eq!(keys(&changes), ["sms.webhook_token"]);
        assert!(!format!("{changes:?}").contains("s3cret"), "{changes:?}");
    }
}

//! What the operator says of the server to XMPP clients: whom to write to, and services for calls.
//!
//! Parts of the section `[xmpp]` come in and are checked; what the door tells its clients leaves. Invariant: a secret is
//! neither shown nor written.

use belfry_domain::Secret;
use belfry_xmpp::{About, Access};
use serde::{Deserialize, Serialize};

use super::Config;
use super::load::Broken;
use super::units::SecretText;

/// Addresses to write to, by what they are for: the registered ones of XEP-0157.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
#[serde(default, deny_unknown_fields)]
pub struct ContactUris {
    /// Somebody misuses the server.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub abuse: Vec<String>,
    /// Who runs it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub admin: Vec<String>,
    /// What people think of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub feedback: Vec<String>,
    /// Who wants to pay.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sales: Vec<String>,
    /// Somebody has found a hole.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub security: Vec<String>,
    /// How it is.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub status: Vec<String>,
    /// Who needs help.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub support: Vec<String>,
}

impl ContactUris {
    fn all(&self) -> [(&'static str, &[String]); 7] {
        [
            ("abuse", &self.abuse),
            ("admin", &self.admin),
            ("feedback", &self.feedback),
            ("sales", &self.sales),
            ("security", &self.security),
            ("status", &self.status),
            ("support", &self.support),
        ]
    }
}

/// Who may make an account from within a client that has not logged in.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Registration {
    /// Whoever comes.
    Anybody,
    /// Who has an invitation.
    Invited,
    /// Nobody.
    Nobody,
}

/// A service that clients are told of.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// `stun`, `turn`, `turns` …
    #[serde(rename = "type")]
    pub kind: String,
    /// Where it is.
    pub host: String,
    /// At which port.
    pub port: u16,
    /// `udp` or `tcp`.
    #[serde(default)]
    pub transport: String,
    /// One name for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub username: Option<String>,
    /// And its password.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password: Option<SecretText>,
    /// What the service has too, so that each account gets credentials of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<SecretText>,
}

/// What the door tells its clients.
pub fn about(config: &Config) -> About {
    let contacts = config.xmpp.contact.all().map(|(what, uris)| (what, uris.to_vec())).to_vec();
    let secret = |text: &SecretText| Secret::new(text.0.clone());
    let service = |service: &Service| belfry_xmpp::Service {
        kind: service.kind.clone(),
        host: service.host.clone(),
        port: service.port,
        transport: service.transport.clone(),
        access: match (&service.secret, &service.username, &service.password) {
            (Some(shared), ..) => Access::Made { secret: secret(shared) },
            (None, Some(name), Some(password)) => Access::Shared { name: name.clone(), password: secret(password) },
            _ => Access::Open,
        },
    };
    About {
        contacts,
        services: config.xmpp.services.iter().map(service).collect(),
        origins: config.xmpp.origins.clone(),
        public_url: config.server.public_url.clone(),
    }
}

/// The rules that one key alone cannot say.
pub(super) fn check(config: &Config) -> Result<(), Broken> {
    for uri in config.xmpp.contact.all().into_iter().flat_map(|(_, uris)| uris) {
        if !uri.split_once(':').is_some_and(|(scheme, rest)| !scheme.is_empty() && !rest.is_empty()) {
            let text = format!("\"{uri}\" is no URI: write \"mailto:admin@example.org\" or \"https://…\"");
            return Err(("xmpp.contact", text));
        }
    }
    for origin in config.xmpp.origins.iter().filter(|origin| *origin != "*") {
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        if host.is_none_or(|host| host.is_empty() || host.contains(['/', '?', '#', '@', '*', ' '])) {
            let text =
                format!("\"{origin}\" is no origin: write \"https://chat.example.org\", without a path, or \"*\"");
            return Err(("xmpp.origins", text));
        }
    }
    for service in &config.xmpp.services {
        let Service { kind, host, port, transport, username, password, secret } = service;
        if kind.is_empty() || host.is_empty() || *port == 0 {
            return Err(("xmpp.services", "a service has a type, a host and a port".into()));
        }
        if !matches!(transport.as_str(), "" | "tcp" | "udp") {
            return Err(("xmpp.services", format!("\"{transport}\" is no transport: write \"udp\" or \"tcp\"")));
        }
        if username.is_some() != password.is_some() || (secret.is_some() && username.is_some()) {
            let text = format!("{host}: give a service username and password, or secret, or none of them");
            return Err(("xmpp.services", text));
        }
        if secret.as_ref().or(password.as_ref()).is_some_and(|text| text.0.is_empty()) {
            return Err(("xmpp.services", format!("{host}: the secret or password is empty")));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(text: &str) -> Result<Config, String> {
        let config: Config = toml::from_str(text).map_err(|error| error.to_string())?;
        check(&config).map_err(|(key, text)| format!("{key}: {text}"))?;
        Ok(config)
    }

    #[test]
    fn contacts_and_services_are_taken_from_the_file_and_secrets_are_not_shown() {
        let text = "[xmpp]\ncontact = { admin = ['mailto:a@b.example'] }\n[[xmpp.services]]\ntype = 'turn'\n\
                    host = 'turn.example'\nport = 3478\ntransport = 'udp'\nsecret = 's3cret'\n";
        let config = config(text).expect("valid");
        let about = about(&config);
        assert_eq!(about.contacts[1], ("admin", vec!["mailto:a@b.example".to_owned()]));
        assert!(matches!(&about.services[0].access, Access::Made { secret } if secret.expose() == "s3cret"));
        let shown = format!("{config:?} {about:?} {}", toml::to_string(&config).expect("a form in TOML"));
        assert!(!shown.contains("s3cret"), "{shown}");
    }

    #[test]
    fn what_is_missing_or_contradicts_itself_is_named() {
        let service = |more: &str| format!("[[xmpp.services]]\ntype = 'turn'\nhost = 'h'\nport = 1\n{more}\n");
        for (text, said) in [
            ("[xmpp]\ncontact = { admin = ['a@b'] }".to_owned(), "no URI"),
            ("[xmpp]\ncontact = { boss = ['mailto:a@b'] }".to_owned(), "boss"),
            (service("transport = 'pigeon'"), "no transport"),
            (service("username = 'u'"), "username and password"),
            (service("username = 'u'\npassword = 'p'\nsecret = 's'"), "or none"),
            (service("secret = ''"), "empty"),
            ("[[xmpp.services]]\ntype = 'turn'\nhost = 'h'".to_owned(), "port"),
            ("[xmpp]\norigins = ['https://*', 'https://chat.example']".to_owned(), "no origin"),
            ("[xmpp]\norigins = ['chat.example']".to_owned(), "no origin"),
            ("[xmpp]\norigins = ['https://chat.example/']".to_owned(), "no origin"),
        ] {
            let error = config(&text).expect_err(&text);
            assert!(error.contains(said), "{error}");
        }
    }
}

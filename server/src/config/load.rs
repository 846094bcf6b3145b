//! Reads the configuration: the file, then the environment over it, then the rules between keys.
//!
//! A path and the environment come in, a [`Config`] or a [`ConfigError`] leaves that says where, which value, and what to
//! write instead. Invariant: a configuration is taken whole or not at all.

use std::path::{Path, PathBuf};

use super::{Config, SECTIONS, SmsAdapter};

/// What is wrong with a configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// A variable of the environment says something that is not understood.
    #[error("environment variable {name}: {text}")]
    Environment {
        /// Its name.
        name: String,
        /// What.
        text: String,
    },
    /// The file says something that is not understood.
    #[error("{place}: {text}")]
    File {
        /// The file, with line and column.
        place: String,
        /// The key, what is wrong with it, and how to mend it.
        text: String,
    },
    /// The file cannot be read.
    #[error("cannot read the configuration {path}: {error}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Two keys contradict each other, or a number is out of its range.
    #[error("{place}: {text}")]
    Rule {
        /// The file, with line and column if the key stands in it.
        place: String,
        /// The key, what is wrong with it, and how to mend it.
        text: String,
    },
}

/// A rule that does not hold: the key as "section.key", what is wrong and how to mend it.
pub(super) type Broken = (&'static str, String);

/// Reads the file, if one is given, what of the environment is meant for the configuration, and lets the command line
/// adjust the outcome before the rules are held against it.
pub fn load(
    path: Option<&Path>,
    environment: impl IntoIterator<Item = (String, String)>,
    adjust: impl FnOnce(&mut Config),
) -> Result<Config, ConfigError> {
    let text = match path {
        Some(path) => std::fs::read_to_string(path).map_err(|error| ConfigError::Read { path: path.into(), error })?,
        None => String::new(),
    };
    parse(path.unwrap_or(Path::new("")), &text, environment, adjust)
}

/// As [`load`], with the text of the file in hand.
pub fn parse(
    path: &Path,
    text: &str,
    environment: impl IntoIterator<Item = (String, String)>,
    adjust: impl FnOnce(&mut Config),
) -> Result<Config, ConfigError> {
    let in_file = |error: toml::de::Error| in_file(path, text, &error);
    // First the file alone, since only then errors have lines; then the environment is laid over it value by value.
    let mut config: Config = toml::from_str(text).map_err(in_file)?;
    let mut table: toml::Table = toml::from_str(text).map_err(in_file)?;
    let mut variables: Vec<(String, String)> =
        environment.into_iter().filter(|(name, _)| name.starts_with("BELFRY_") && name.contains("__")).collect();
    variables.sort();
    for (name, value) in variables {
        config = overlay(&mut table, &name, &value)?;
    }
    adjust(&mut config);
    check(&config)
        .map_err(|(key, rule)| ConfigError::Rule { place: place(path, text, key), text: format!("{key}: {rule}") })?;
    Ok(config)
}

/// Sets one key from its variable and reads the whole anew.
fn overlay(table: &mut toml::Table, name: &str, value: &str) -> Result<Config, ConfigError> {
    let wrong = |text: String| ConfigError::Environment { name: name.into(), text };
    let key_path = name.trim_start_matches("BELFRY_").to_lowercase();
    let (section, key) = key_path.split_once("__").unwrap_or((&key_path, ""));
    let known = SECTIONS.iter().find(|s| s.name == section).ok_or_else(|| {
        let names: Vec<&str> = SECTIONS.iter().map(|s| s.name).collect();
        wrong(format!("there is no section \"{section}\"; there are {}", names.join(", ")))
    })?;
    if !known.keys.iter().any(|k| k.name == key) {
        let names: Vec<&str> = known.keys.iter().map(|k| k.name).collect();
        return Err(wrong(format!("there is no key \"{key}\" in [{section}]; there are {}", names.join(", "))));
    }
    // As TOML if it is some ("true", "5", "[…]"), else as a list where one is expected, else as text: nobody should
    // have to quote twice, and a name that consists of digits is still a name.
    let list = value.split(',').map(str::trim).filter(|item| !item.is_empty()).map(|item| item.to_string().into());
    let as_toml = toml::from_str::<toml::Table>(&format!("value = {value}")).ok().and_then(|mut t| t.remove("value"));
    let readings = as_toml.into_iter().chain([toml::Value::Array(list.collect()), toml::Value::String(value.into())]);
    let mut last = String::new();
    for reading in readings {
        let mut changed = table.clone();
        let entry = changed.entry(section).or_insert_with(|| toml::Table::new().into());
        if let Some(keys) = entry.as_table_mut() {
            keys.insert(key.into(), reading);
        }
        match Config::try_from_table(changed.clone()) {
            Ok(config) => {
                *table = changed;
                return Ok(config);
            }
            Err(error) => last = error,
        }
    }
    Err(wrong(last))
}

impl Config {
    fn try_from_table(table: toml::Table) -> Result<Config, String> {
        toml::Value::Table(table).try_into().map_err(|error: toml::de::Error| error.message().to_string())
    }
}

/// Where a key stands: "belfry.toml line 7, column 11", or nothing to name if it stands in no file.
fn place(path: &Path, text: &str, key: &str) -> String {
    let offset = toml::de::DeTable::parse(text).ok().and_then(|table| {
        let (section, key) = key.split_once('.')?;
        let (section, keys) = table.get_ref().get_key_value(section)?;
        let value = keys.get_ref().as_table().and_then(|keys| keys.get(key)).map(|value| value.span().start);
        Some(value.unwrap_or(section.span().start))
    });
    match offset {
        Some(offset) => place_at(path, text, offset),
        None if path.as_os_str().is_empty() => "configuration".into(),
        None => path.display().to_string(),
    }
}

/// Lines and columns are counted from 1, columns in characters, as editors do.
fn place_at(path: &Path, text: &str, offset: usize) -> String {
    let before = text.get(..offset).unwrap_or(text);
    let line = 1 + before.matches('\n').count();
    let column = 1 + before.rsplit('\n').next().unwrap_or("").chars().count();
    format!("{} line {line}, column {column}", path.display())
}

/// What the reader of TOML found, with the place and the key: one line, so that it is one in the log.
fn in_file(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let at = error.span().map_or(0, |span| span.start);
    let key = key_at(text, at).map_or(String::new(), |key| format!("{key}: "));
    let what = error.message().trim().replace('\n', "; ");
    ConfigError::File { place: place_at(path, text, at), text: format!("{key}{what}") }
}

/// The key, or the section, that stands at an offset of a text that is TOML.
fn key_at(text: &str, at: usize) -> Option<String> {
    let table = toml::de::DeTable::parse(text).ok()?;
    for (section, keys) in table.get_ref() {
        for (key, value) in keys.get_ref().as_table().into_iter().flatten() {
            if (key.span().start..value.span().end).contains(&at) {
                return Some(format!("{}.{}", section.get_ref(), key.get_ref()));
            }
        }
        if section.span().contains(&at) {
            return Some(section.get_ref().to_string());
        }
    }
    None
}

/// The rules that one key alone cannot say.
fn check(config: &Config) -> Result<(), Broken> {
    let broken = |key, text: String| Err((key, text));
    if belfry_domain::Address::new("a", &config.server.domain).is_err() {
        return broken("server.domain", format!("\"{}\" is not a domain", config.server.domain));
    }
    if config.server.listen.is_empty() {
        return broken("server.listen", "the list is empty: nobody could connect; write [\"127.0.0.1:8080\"]".into());
    }
    if let Some(url) = &config.server.public_url
        && url_host(url).is_none()
    {
        return broken("server.public_url", format!("\"{url}\" is no URL: write \"https://chat.example.org\""));
    }
    if config.tls.cert.is_some() != config.tls.key.is_some() {
        let (set, unset) = if config.tls.cert.is_some() { ("tls.cert", "key") } else { ("tls.key", "cert") };
        return broken(set, format!("the certificate and its key belong together: set {unset} too, or neither"));
    }
    if let Some(addr) = config.metrics.listen.0
        && !addr.ip().to_canonical().is_loopback()
        && !config.metrics.allow_remote
    {
        let text = "everybody who reaches this address could read the figures: listen on 127.0.0.1, or set \
                    metrics.allow_remote = true";
        return broken("metrics.listen", format!("{addr}: {text}"));
    }
    check_sms(config)?;
    super::xmpp::check(config)?;
    check_numbers(config)
}

fn check_sms(config: &Config) -> Result<(), Broken> {
    match config.sms.adapter {
        SmsAdapter::Log | SmsAdapter::File => {
            if config.reachable_from_elsewhere() && !config.sms.allow_insecure {
                let text = "this way of sending PINs is for trying things out on one machine, and server.listen lets \
                            others in: set sms.adapter = \"webhook\" and sms.url, or sms.allow_insecure = true";
                return Err(("sms.adapter", text.into()));
            }
        }
        SmsAdapter::Webhook => {
            let url = config.sms.url.as_deref().unwrap_or("");
            if url_host(url).is_none() {
                return Err(("sms.url", format!("\"{url}\" is no URL of a gateway: write \"https://…\"")));
            }
            let token = config.sms.webhook_token.as_ref();
            if token.is_some_and(|token| token.0.is_empty() || !token.0.bytes().all(|byte| byte.is_ascii_graphic())) {
                let text = "the token is empty or has spaces or other characters that a header cannot carry: write the \
                            token alone, without \"Bearer\"";
                return Err(("sms.webhook_token", text.into()));
            }
        }
    }
    Ok(())
}

fn check_numbers(config: &Config) -> Result<(), Broken> {
    let ranges: &[(&'static str, u64, u64, u64)] = &[
        ("accounts.devices_max", config.accounts.devices_max as u64, 1, 1_000),
        ("accounts.password_rounds", config.accounts.password_rounds.into(), 4_096, 10_000_000),
        ("admin.trace_steps", config.admin.trace_steps as u64, 1_000, 100_000_000),
        ("connections.before_login_frame", config.connections.before_login_frame.0, 4_096, 1 << 20),
        ("connections.before_login_links", config.connections.before_login_links.into(), 1, 10_000_000),
        ("connections.before_login_one_in", config.connections.before_login_one_in.into(), 1, 1_000),
        ("connections.before_login_per_address", config.connections.before_login_per_address.into(), 1, 1_000_000),
        ("connections.max", config.connections.max.unwrap_or(1) as u64, 1, 10_000_000),
        ("devices.link_code", config.devices.link_code.0 / 1_000, 10, 300),
        ("devices.past_messages", config.devices.past_messages as u64, 0, 10_000),
        ("lobby.participants_max", config.lobby.participants_max as u64, 1, 1_000_000),
        ("lobby.text_chars_max", config.lobby.text_chars_max as u64, 1, 4_096),
        ("messages.waiting_max", config.messages.waiting_max, 100, 1_000_000_000),
        ("pins.digits", config.pins.digits.into(), 5, 8),
        ("pins.tries", config.pins.tries.into(), 1, 10),
        ("pins.tries_per_day", config.pins.tries_per_day.into(), 1, 100),
        ("presence.linger", config.presence.linger.0 / 1_000, 0, 300),
        ("presence.per_second", config.presence.per_second.into(), 100, 10_000_000),
        ("presence.watch", config.presence.watch.0 / 1_000, 10, 3_600),
        ("store.files_open_max", config.store.files_open_max.into(), 64, 1_000_000),
    ];
    for (key, value, least, most) in ranges {
        if !(least..=most).contains(&value) {
            return Err((key, format!("{value} is out of range: write a number from {least} to {most}")));
        }
    }
    let spans = [
        ("accounts.token", config.accounts.token),
        ("connections.handshake", config.connections.handshake),
        ("connections.heartbeat", config.connections.heartbeat),
        ("connections.hello", config.connections.hello),
        ("connections.idle", config.connections.idle),
        ("devices.past_age", config.devices.past_age),
        ("connections.login", config.connections.login),
        ("connections.partial_frame", config.connections.partial_frame),
        ("lobby.history", config.lobby.history),
        ("lobby.lease", config.lobby.lease),
        ("messages.undelivered", config.messages.undelivered),
        ("pins.valid", config.pins.valid),
    ];
    match spans.iter().find(|(_, span)| span.0 < 1_000) {
        Some((key, span)) => Err((key, format!("\"{span}\" is too short: write at least \"1 s\""))),
        None if config.connections.heartbeat >= config.connections.idle => {
            let (heartbeat, idle) = (config.connections.heartbeat, config.connections.idle);
            let text = format!("\"{heartbeat}\" must be shorter than connections.idle, which is \"{idle}\"");
            Err(("connections.heartbeat", text))
        }
        None => Ok(()),
    }
}

/// The host of an http or https URL, without its port.
pub(crate) fn url_host(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = match authority.strip_prefix('[') {
        Some(_) => &authority[..authority.find(']')? + 1],
        None => authority.split(':').next()?,
    };
    let fine = !host.is_empty() && !authority.contains('@') && !host.contains(char::is_whitespace);
    fine.then_some(host)
}

#[cfg(test)]
mod tests {
    use super::super::{Keep, MaybeAddr, units::Span};
    use super::*;

    fn read(text: &str) -> Result<Config, String> {
        read_with(text, &[])
    }

    fn read_with(text: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
        let environment = environment.iter().map(|(name, value)| (name.to_string(), value.to_string()));
        parse(Path::new("belfry.toml"), text, environment, |_| {}).map_err(|error| error.to_string())
    }

    #[test]
    fn without_a_file_the_defaults_hold() {
        assert_eq!(load(None, [], |_| {}).expect("the defaults are valid"), Config::default());
    }

    #[test]
    fn an_unknown_key_is_refused_by_name_with_its_line() {
        let error = read("[server]\ndomain = \"a.example\"\nlissten = []\n").expect_err("a key that is none");
        assert!(error.contains("belfry.toml") && error.contains("line 3") && error.contains("lissten"), "{error}");
        let error = read("[sever]\n").expect_err("a section that is none");
        assert!(error.contains("line 1") && error.contains("sever"), "{error}");
        let error = read("[limits]\nsends = \"9 at once, 9/s\"\nsend = 1\n").expect_err("a key that is none");
        assert!(error.starts_with("belfry.toml line 3, column 1: limits.send: unknown field `send`"), "{error}");
    }

    #[test]
    fn a_wrong_value_is_refused_with_the_value_its_line_and_the_remedy() {
        let error = read("\n\n[connections]\nhello = \"ten\"\n").expect_err("no time");
        assert!(error.contains("line 4") && error.contains("\"ten\"") && error.contains("\"90 s\""), "{error}");
        assert!(error.starts_with("belfry.toml line 4, column 9: connections.hello: "), "{error}");
        let error = read("[connections]\nhello = 10\n").expect_err("no unit");
        assert!(error.contains("\"10\" is not a length of time"), "{error}");
        let error = read("[messages]\nkeep = \"a while\"\n").expect_err("no time to keep");
        assert!(error.contains("a while") && error.contains("until delivered"), "{error}");
    }

    #[test]
    fn a_rate_that_is_none_is_refused_with_file_line_column_key_and_what_was_there() {
        let error = read("[limits]\nsends = \"60/s\"\n").expect_err("no burst");
        assert_eq!(
            error,
            "belfry.toml line 2, column 9: limits.sends: write how many at once and how many after that, such as \
             \"60 at once, 20/s\" or \"5 at once, 1/10 min\", or \"unlimited\", got \"60/s\""
        );
        let error = read("[limits]\n\n  sends = 60\n").expect_err("no text");
        assert!(
            error.starts_with("belfry.toml line 3, column 11: limits.sends: write ") && error.ends_with("got \"60\"")
        );
        let error = read("[limits]\nlook_ups = \"0 at once, 1/d\"\n").expect_err("nobody could ask");
        assert_eq!(
            error,
            "belfry.toml line 2, column 12: limits.look_ups: the number at once goes from 1 to 1000000000, got 0 in \
             \"0 at once, 1/d\""
        );
        let error = read("[limits\nsends = 1\n").expect_err("no TOML");
        assert!(error.starts_with("belfry.toml line 1, column ") && !error.contains('\n'), "{error}");
    }

    #[test]
    fn a_rule_between_keys_names_file_line_and_remedy() {
        let error = read("[server]\nlisten = [\"0.0.0.0:80\"]\n[sms]\n\nadapter = \"log\"\n").expect_err("open PINs");
        assert!(
            error.starts_with("belfry.toml line 5, column 11: sms.adapter: ") && error.contains("allow_insecure"),
            "{error}"
        );
        let error = read("[tls]\ncert = \"a.pem\"\n").expect_err("no key");
        assert!(error.contains("line 2") && error.contains("set key too"), "{error}");
        let error = read("[pins]\ndigits = 4\n").expect_err("too few");
        assert!(
            error.contains("line 2, column 10: pins.digits: 4 is out of range") && error.contains("5 to 8"),
            "{error}"
        );
        for (key, value) in [
            ("before_login_frame", "\"4095 B\""),
            ("before_login_links", "0"),
            ("before_login_one_in", "0"),
            ("handshake", "\"10 ms\""),
            ("login", "\"0 s\""),
            ("partial_frame", "\"999 ms\""),
        ] {
            let error = read(&format!("[connections]\n{key} = {value}\n")).expect_err(key);
            assert!(
                error.contains(&format!("line 2, column {}: connections.{key}: ", key.len() + 4))
                    && error.contains("write "),
                "{error}"
            );
        }
        let hook = "[sms]\nadapter = \"webhook\"\nurl = \"https://sms.example/\"\nwebhook_token = \"Bearer s3cret\"\n";
        let error = read(hook).expect_err("two words");
        assert!(error.contains("line 4, column 17: sms.webhook_token: ") && !error.contains("s3cret"), "{error}");
        let config = read(&hook.replace("Bearer ", "")).expect("a token");
        assert!(!format!("{config:?}").contains("s3cret"), "{config:?}");
        let error = read("[admin]\ntrace_steps = 10\n").expect_err("too few");
        assert!(error.contains("line 2, column 15: admin.trace_steps: 10 is out of range"), "{error}");
        let error = read("[metrics]\nlisten = \"0.0.0.0:9464\"\n").expect_err("open figures");
        assert!(error.contains("allow_remote"), "{error}");
    }

    #[test]
    fn the_environment_wins_and_needs_no_quotes() {
        let config = read_with(
            "[server]\ndomain = \"a.example\"\n",
            &[
                ("BELFRY_SERVER__DOMAIN", "b.example"),
                ("BELFRY_SERVER__LISTEN", "127.0.0.1:1, [::1]:2"),
                ("BELFRY_SERVER__HOSTS", "[\"c.example\"]"),
                ("BELFRY_MESSAGES__KEEP", "90 d"),
                ("BELFRY_METRICS__LISTEN", ""),
                ("BELFRY_CONNECTIONS__MAX", "100"),
                ("BELFRY_CONFIG", "not a key"),
                ("HOME", "/root"),
            ],
        )
        .expect("all valid");
        assert_eq!(config.server.domain, "b.example");
        assert_eq!(config.server.listen.len(), 2);
        assert_eq!(config.server.hosts, ["c.example"]);
        assert_eq!(config.messages.keep, Keep::For(Span::days(90)));
        assert_eq!(config.metrics.listen, MaybeAddr(None));
        assert_eq!(config.connections.max, Some(100));
    }

    #[test]
    fn a_wrong_variable_is_refused_by_its_name() {
        let error = read_with("", &[("BELFRY_SERVER__NAME", "x")]).expect_err("no such key");
        assert!(
            error.contains("BELFRY_SERVER__NAME") && error.contains("\"name\"") && error.contains("domain"),
            "{error}"
        );
        let error = read_with("", &[("BELFRY_PINS__TRIES", "many")]).expect_err("no number");
        assert!(error.contains("BELFRY_PINS__TRIES") && error.contains("many"), "{error}");
    }

    #[test]
    fn the_host_of_a_url_is_found() {
        assert_eq!(url_host("https://chat.example.org:8443/x"), Some("chat.example.org"));
        assert_eq!(url_host("http://[::1]:80"), Some("[::1]"));
        for wrong in ["chat.example.org", "ftp://x", "https://", "https://a@b/", "http://a b/"] {
            assert_eq!(url_host(wrong), None, "{wrong}");
        }
    }
}

//! Writes the example file out of the documentation of the keys.
//!
//! Nothing comes in; the text of `docs/config.example.toml` leaves, which `belfry config` prints. Invariant: taken as a
//! configuration the text says nothing, and with the marks before its keys removed it says the defaults.

use std::fmt::Write;

use super::{Config, SECTIONS};

const HEAD: &str = "\
# Configuration of Belfry: every key, its meaning and its default. Written by `belfry config`.
#
# Take the mark away before a key to change it. A key may also be given in the environment, as BELFRY_SECTION__KEY:
# BELFRY_SERVER__DOMAIN=chat.example.org. Sizes are written \"64 KiB\", times \"90 s\". Relative paths are taken from where
# the server was started. After SIGHUP the file is read again; keys that need a restart are named in the log.
";

/// The example file.
pub fn example() -> String {
    let defaults = toml::Value::try_from(Config::default()).expect("the defaults have a form in TOML");
    let mut text = String::from(HEAD);
    for section in SECTIONS {
        text.push('\n');
        for line in section.doc {
            let _ = writeln!(text, "#{line}");
        }
        let _ = writeln!(text, "[{}]", section.name);
        for key in section.keys {
            text.push('\n');
            for line in key.doc {
                let _ = writeln!(text, "#{line}");
            }
            let default = defaults.get(section.name).and_then(|section| section.get(key.name));
            let value = default.map(ToString::to_string).or_else(|| key.example.map(String::from)).unwrap_or_default();
            let unset = if default.is_none() { "   # not set by default" } else { "" };
            let _ = writeln!(text, "#{} = {value}{unset}", key.name);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example with every key made active that is active by default.
    fn unmarked() -> String {
        let is_key = |line: &str| {
            let name = line.split(" = ").next().unwrap_or("");
            line.contains(" = ")
                && !name.is_empty()
                && name.chars().all(|c| c.is_ascii_lowercase() || c == '_' || c.is_ascii_digit())
        };
        let unmark = |line: &str| match line.strip_prefix('#') {
            Some(key) if is_key(key) && !key.ends_with("# not set by default") => key.to_string(),
            _ => line.to_string(),
        };
        example().lines().map(unmark).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn the_example_says_nothing_and_without_its_marks_the_defaults() {
        assert_eq!(toml::from_str::<Config>(&example()).expect("the example is valid"), Config::default());
        assert_eq!(toml::from_str::<Config>(&unmarked()).expect("the keys are valid"), Config::default());
        assert_eq!(unmarked().lines().filter(|l| l.starts_with("domain = ")).count(), 1);
    }

    #[test]
    fn every_key_says_what_it_means_and_what_it_looks_like() {
        for section in SECTIONS {
            assert!(!section.doc.is_empty(), "[{}]", section.name);
            for key in section.keys {
                assert!(!key.doc.is_empty(), "{}.{}", section.name, key.name);
                assert!(
                    !example().contains(&format!("\n#{} = \n", key.name)),
                    "{}.{} has no example",
                    section.name,
                    key.name
                );
            }
        }
    }

    #[test]
    fn the_limits_in_the_operations_document_are_those_of_the_code() {
        let document = include_str!("../../../docs/operations.md");
        let defaults = toml::Table::try_from(Config::default()).expect("the defaults have a form in TOML");
        for (name, rate) in defaults["limits"].as_table().expect("a section") {
            let row = document.lines().find(|line| line.starts_with(&format!("| `{name}` | ")));
            let row = row.unwrap_or_else(|| panic!("the document lacks limits.{name}"));
            let shown = rate.as_str().expect("a text");
            assert!(row.contains(&format!(" | {shown} | ")), "limits.{name} is {shown}, not as in {row}");
        }
    }

    #[test]
    fn the_example_in_the_documents_is_the_one_of_this_code() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/config.example.toml");
        let kept = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            kept == example(),
            "docs/config.example.toml is old: `cargo run -p belfry -- config > docs/config.example.toml`"
        );
    }
}

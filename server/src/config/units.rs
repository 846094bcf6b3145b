//! Sizes and durations as a person writes them: "64 KiB", "90 s", "30 d".
//!
//! A text comes in, a number of bytes or a [`Duration`] leaves; what cannot be read is refused with the value and with
//! how it is written. Invariant: what is displayed reads back as the same value.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A number of bytes.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ByteSize(pub u64);

/// A length of time, in milliseconds.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Span(pub u64);

/// A text that is read and never shown.
#[derive(Clone, Eq, PartialEq)]
pub struct SecretText(pub String);

impl fmt::Debug for SecretText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Serialize for SecretText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("***")
    }
}

impl<'de> Deserialize<'de> for SecretText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<SecretText, D::Error> {
        String::deserialize(deserializer).map(SecretText)
    }
}

const BYTE_UNITS: &[(&str, u64)] = &[("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40)];
const TIME_UNITS: &[(&str, u64)] = &[("ms", 1), ("s", 1_000), ("min", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl ByteSize {
    /// So many KiB.
    pub const fn kib(n: u64) -> ByteSize {
        ByteSize(n << 10)
    }

    /// So many MiB.
    pub const fn mib(n: u64) -> ByteSize {
        ByteSize(n << 20)
    }
}

impl Span {
    /// So many seconds.
    pub const fn secs(n: u64) -> Span {
        Span(n * 1_000)
    }

    /// So many minutes.
    pub const fn mins(n: u64) -> Span {
        Span(n * 60_000)
    }

    /// So many days.
    pub const fn days(n: u64) -> Span {
        Span(n * 86_400_000)
    }

    /// For the runtime.
    pub const fn duration(self) -> Duration {
        Duration::from_millis(self.0)
    }
}

/// Reads a whole number and a unit, with or without a space between them.
fn parse(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let text = text.trim();
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let number: u64 = number.replace('_', "").parse().ok()?;
    let unit = unit.trim();
    let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
    number.checked_mul(*factor)
}

/// The largest unit that the value is a whole number of.
fn show(value: u64, units: &[(&str, u64)], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let (name, factor) =
        units.iter().rev().find(|(_, factor)| value != 0 && value.is_multiple_of(*factor)).unwrap_or(&units[0]);
    write!(f, "{} {name}", value / factor)
}

macro_rules! human {
    ($type:ident, $units:ident, $what:literal) => {
        impl FromStr for $type {
            type Err = String;

            fn from_str(text: &str) -> Result<$type, String> {
                parse(text, $units).map($type).ok_or_else(|| format!(concat!("\"{}\" is not ", $what), text))
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                show(self.0, $units, f)
            }
        }

        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<$type, D::Error> {
                // Any scalar is taken as text, so that a bare `90` is refused with the sentence that helps.
                let text = match toml::Value::deserialize(deserializer)? {
                    toml::Value::String(text) => text,
                    other => other.to_string(),
                };
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

human!(ByteSize, BYTE_UNITS, "a size: write a whole number and B, KiB, MiB, GiB or TiB, such as \"64 KiB\"");
human!(Span, TIME_UNITS, "a length of time: write a whole number and ms, s, min, h or d, such as \"90 s\"");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_times_are_read_as_people_write_them() {
        assert_eq!("64 KiB".parse(), Ok(ByteSize(65_536)));
        assert_eq!("1GiB".parse(), Ok(ByteSize(1 << 30)));
        assert_eq!("1_000 B".parse(), Ok(ByteSize(1_000)));
        assert_eq!("90 s".parse(), Ok(Span(90_000)));
        assert_eq!(" 30d ".parse(), Ok(Span::days(30)));
    }

    #[test]
    fn what_is_no_size_or_time_is_refused_with_the_value_and_the_way_to_write_it() {
        for wrong in ["", "64", "64 kb", "-1 s", "1.5 s", "99999999999999999999 s", "18446744073709551615 d"] {
            let error = wrong.parse::<Span>().expect_err(wrong);
            assert!(error.contains(&format!("{wrong:?}")) && error.contains("90 s"), "{error}");
        }
        assert!("64 kb".parse::<ByteSize>().expect_err("no such unit").contains("64 KiB"));
    }

    #[test]
    fn what_is_shown_reads_back() {
        for n in [0, 1, 999, 1_000, 1_024, 1_500, 60_000, 65_536, 86_400_000, 3_600_000, u64::MAX] {
            assert_eq!(Span(n).to_string().parse(), Ok(Span(n)));
            assert_eq!(ByteSize(n).to_string().parse(), Ok(ByteSize(n)));
        }
        assert_eq!(Span::mins(10).to_string(), "10 min");
        assert_eq!(ByteSize::mib(64).to_string(), "64 MiB");
    }
}

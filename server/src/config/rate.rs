//! Rates as a person writes them: "60 at once, 20/s", "30 at once, 1/10 s", "unlimited".
//!
//! A text of the configuration comes in, a [`belfry_engine::Rate`] leaves; what cannot be read is refused with what was
//! expected and what was there. Invariant: what is displayed reads back as the same rate.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::units::Span;

/// The longest time that a rate is for: the rules keep it in 32 bits of milliseconds.
const PER_MAX: Span = Span::days(30);

/// The largest numbers in a rate: more than any machine does.
const NUMBER_MAX: u32 = 1_000_000_000;

/// How often, as the rules take it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate(pub belfry_engine::Rate);

impl FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Rate, String> {
        if text.trim() == "unlimited" {
            return Ok(Rate(belfry_engine::Rate::UNLIMITED));
        }
        let form = || {
            format!(
                "write how many at once and how many after that, such as \"60 at once, 20/s\" or \"5 at once, 1/10 min\", or \"unlimited\", got \"{text}\""
            )
        };
        let (burst, rest) = text.split_once("at once,").ok_or_else(form)?;
        let (count, per) = rest.split_once('/').ok_or_else(form)?;
        let whole = |digits: &str| digits.trim().replace('_', "").parse::<u64>().map_err(|_| form());
        let (burst, count) = (whole(burst)?, whole(count)?);
        let per = per.trim();
        let one = if per.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "1 " };
        let per: Span = format!("{one}{per}").parse().map_err(|_: String| form())?;
        let number = |value: u64, what: &str| match u32::try_from(value) {
            Ok(number @ 1..=NUMBER_MAX) => Ok(number),
            _ => Err(format!("the number {what} goes from 1 to {NUMBER_MAX}, got {value} in \"{text}\"")),
        };
        let (burst, count) = (number(burst, "at once")?, number(count, "after that")?);
        match u32::try_from(per.0) {
            Ok(per_ms @ 1..) if per <= PER_MAX => Ok(Rate(belfry_engine::Rate { burst, count, per_ms })),
            _ => Err(format!("the time goes from \"1 ms\" to \"{PER_MAX}\", got \"{per}\" in \"{text}\"")),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == belfry_engine::Rate::UNLIMITED {
            return f.write_str("unlimited");
        }
        let belfry_engine::Rate { burst, count, per_ms } = self.0;
        let per = Span(per_ms.into()).to_string();
        write!(f, "{burst} at once, {count}/{}", per.strip_prefix("1 ").unwrap_or(&per))
    }
}

impl Serialize for Rate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Rate, D::Error> {
        // Any scalar is taken as text, so that a bare `60` is refused with the sentence that helps.
        let text = match toml::Value::deserialize(deserializer)? {
            toml::Value::String(text) => text,
            other => other.to_string(),
        };
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(burst: u32, count: u32, per_ms: u32) -> Rate {
        Rate(belfry_engine::Rate { burst, count, per_ms })
    }

    #[test]
    fn rates_are_read_as_people_write_them() {
        assert_eq!("60 at once, 20/s".parse(), Ok(rate(60, 20, 1_000)));
        assert_eq!(" 1_000 at once,1000/ d ".parse(), Ok(rate(1_000, 1_000, 86_400_000)));
        assert_eq!("30 at once, 1 / 10 s".parse(), Ok(rate(30, 1, 10_000)));
        assert_eq!("5 at once, 5/15min".parse(), Ok(rate(5, 5, 900_000)));
        assert_eq!("unlimited".parse(), Ok(Rate(belfry_engine::Rate::UNLIMITED)));
    }

    #[test]
    fn what_is_no_rate_is_refused_with_what_was_expected_and_what_was_there() {
        for wrong in ["", "60", "60/s", "60 at once", "60 at once, 20", "x at once, 20/s", "60 at once, 20/fortnight"] {
            let error = wrong.parse::<Rate>().expect_err(wrong);
            assert!(error.contains("60 at once, 20/s") && error.ends_with(&format!("got \"{wrong}\"")), "{error}");
        }
        assert_eq!(
            "0 at once, 20/s".parse::<Rate>(),
            Err("the number at once goes from 1 to 1000000000, got 0 in \"0 at once, 20/s\"".into())
        );
        assert!("1 at once, 99999999999/s".parse::<Rate>().expect_err("too many").contains("got 99999999999"));
        for wrong in ["1 at once, 1/0 s", "1 at once, 1/31 d"] {
            assert!(wrong.parse::<Rate>().expect_err(wrong).starts_with("the time goes from"), "{wrong}");
        }
    }

    #[test]
    fn what_is_shown_reads_back() {
        for shown in
            ["60 at once, 20/s", "30 at once, 1/10 s", "50 at once, 1000/d", "7 at once, 3/1500 ms", "unlimited"]
        {
            assert_eq!(shown.parse::<Rate>().expect("a rate").to_string(), shown);
        }
    }
}

//! Strict JSON: what is refused before a typed parser sees it.
//!
//! Bytes come in, the same bytes or a refusal leave. Invariant: what passes means one thing to every parser: valid
//! UTF-8, no key twice, no number out of range, bounded in depth and in items.

use std::collections::HashSet;
use std::fmt;

use belfry_domain::{Code, Refusal};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

/// Deepest nesting: the schema's deepest message needs five.
pub(crate) const DEPTH_MAX: usize = 32;

/// Most items of one array, most keys of one object.
pub(crate) const ITEMS_MAX: usize = 1024;

/// Refuses what is not strict.
pub(crate) fn check(json: &[u8]) -> Result<&str, Refusal> {
    let text = std::str::from_utf8(json).map_err(|error| {
        Refusal::new(Code::InvalidUtf8, format!("The body is not UTF-8: byte {} is wrong.", error.valid_up_to()))
    })?;
    let mut parser = serde_json::Deserializer::from_str(text);
    Strict { depth: 0 }.deserialize(&mut parser).and_then(|()| parser.end()).map_err(|error| bad(&error))?;
    Ok(text)
}

/// A parser's complaint as a refusal; long values of the body are not sent back whole.
pub(crate) fn bad(error: &serde_json::Error) -> Refusal {
    let mut sentence: String = error.to_string().chars().take(200).collect();
    sentence.insert_str(0, "The body is not valid: ");
    sentence.push('.');
    Refusal::new(Code::BadRequest, sentence)
}

#[derive(Clone, Copy)]
struct Strict {
    depth: usize,
}

impl Strict {
    fn inside<E: Error>(self) -> Result<Strict, E> {
        if self.depth >= DEPTH_MAX {
            return Err(E::custom(format_args!("it is nested deeper than {DEPTH_MAX}")));
        }
        Ok(Strict { depth: self.depth + 1 })
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<(), E> {
        // A whole number that 64 bits do not hold arrives here, rounded: it must not pass for another number.
        if number.abs() >= 9_007_199_254_740_992.0 {
            return Err(E::custom(format_args!("the number {number} is out of range")));
        }
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut count = 0;
        while items.next_element_seed(inside)?.is_some() {
            count += 1;
            if count > ITEMS_MAX {
                return Err(A::Error::custom(format_args!("an array has more than {ITEMS_MAX} items")));
            }
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let inside = self.inside()?;
        let mut keys = HashSet::new();
        while let Some(key) = entries.next_key::<String>()? {
            if keys.len() == ITEMS_MAX {
                return Err(A::Error::custom(format_args!("an object has more than {ITEMS_MAX} keys")));
            }
            if let Some(key) = keys.replace(key) {
                let shown: String = key.chars().take(40).collect();
                return Err(A::Error::custom(format_args!("the key {shown:?} is there twice")));
            }
            entries.next_value_seed(inside)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(json: &[u8]) -> Option<Code> {
        check(json).err().map(|refusal| refusal.code)
    }

    #[test]
    fn plain_json_passes() {
        for json in [&b"{}"[..], b"[]", b"null", br#"{"a":[1,-2,3.5,true,null,"x"],"b":{"a":1}}"#, b" {\n} "] {
            assert_eq!(code(json), None, "{:?}", String::from_utf8_lossy(json));
        }
        assert_eq!(code(br#"{"n":18446744073709551615}"#), None);
    }

    #[test]
    fn depth_is_bounded() {
        let nested = |depth: usize| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert_eq!(code(&nested(DEPTH_MAX)), None);
        assert_eq!(code(&nested(DEPTH_MAX + 1)), Some(Code::BadRequest));
        assert_eq!(code(&nested(100_000)), Some(Code::BadRequest));
        assert_eq!(code(&b"[".repeat(1_000_000)), Some(Code::BadRequest));
        assert_eq!(code(&br#"{"a":"#.repeat(100_000)), Some(Code::BadRequest));
    }

    #[test]
    fn a_key_is_there_once_however_it_is_written() {
        assert_eq!(code(br#"{"a":1,"a":1}"#), Some(Code::BadRequest));
        assert_eq!(code(br#"{"a":1,"\u0061":2}"#), Some(Code::BadRequest));
        assert_eq!(code(br#"{"unknown":{"x":1,"x":2}}"#), Some(Code::BadRequest));
    }

    #[test]
    fn numbers_are_numbers() {
        for json in ["NaN", "Infinity", "-Infinity", "1e999", "-1e999", "01", "+1", "1.", ".5", "0x10", "1e", "--1"] {
            assert_eq!(code(json.as_bytes()), Some(Code::BadRequest), "{json}");
            assert_eq!(code(format!("{{\"a\":{json}}}").as_bytes()), Some(Code::BadRequest), "{json}");
        }
        for json in ["18446744073709551616", "-9223372036854775809", "1e300", "123456789012345678901234567890"] {
            assert_eq!(code(json.as_bytes()), Some(Code::BadRequest), "{json}");
        }
    }

    #[test]
    fn text_is_utf_8() {
        assert_eq!(code(b"\"\xff\""), Some(Code::InvalidUtf8));
        assert_eq!(code(b"\"\xc0\x80\""), Some(Code::InvalidUtf8));
        assert_eq!(code(b"\"\xed\xa0\x80\""), Some(Code::InvalidUtf8));
        assert_eq!(code(br#""\ud800""#), Some(Code::BadRequest));
        assert_eq!(code(b"\xef\xbb\xbf{}"), Some(Code::BadRequest));
    }

    #[test]
    fn counts_are_bounded() {
        assert_eq!(code(format!("[{}1]", "1,".repeat(ITEMS_MAX - 1)).as_bytes()), None);
        assert_eq!(code(format!("[{}1]", "1,".repeat(ITEMS_MAX)).as_bytes()), Some(Code::BadRequest));
        let keys: Vec<String> = (0..=ITEMS_MAX).map(|n| format!("\"k{n}\":0")).collect();
        assert_eq!(code(format!("{{{}}}", keys.join(",")).as_bytes()), Some(Code::BadRequest));
    }

    #[test]
    fn what_follows_is_refused() {
        for json in ["{} {}", "{}x", "", " ", "{", "[1,]", "{\"a\":1,}", "'a'", "{a:1}", "// c\n{}", "{}\0"] {
            assert_eq!(code(json.as_bytes()), Some(Code::BadRequest), "{json:?}");
        }
    }
}

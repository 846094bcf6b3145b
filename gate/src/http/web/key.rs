//! Sync keys as a browser has them: `1_123|2_123` in a URL, `{Count, List}` in JSON.
//!
//! Texts and lists come in, a [`SyncKey`] or a refusal leaves. Invariant: what a key says is the same in both forms.

use belfry_domain::sync_key::SYNC_KEY_VALUES_MAX;
use belfry_domain::{Code, Refusal, SyncKey};

use super::shapes::{ListedKey, ListedValue, Whole};

/// A key in a URL, for the description.
pub(crate) const KEY_PATTERN: &str = "^([0-9]{1,10}_[0-9]{1,20}(\\|[0-9]{1,10}_[0-9]{1,20}){0,63})?$";

fn refused(why: impl std::fmt::Display) -> Refusal {
    Refusal::new(Code::BadRequest, why.to_string())
}

/// A key as one word: `1_123|2_123`.
pub(super) fn text(key: &SyncKey) -> String {
    let values: Vec<String> = key.list().map(|(kind, value)| format!("{kind}_{value}")).collect();
    values.join("|")
}

/// Reads the word; the empty one is the key of the beginning.
pub(crate) fn parse_key(text: &str) -> Result<SyncKey, Refusal> {
    if text.is_empty() {
        return Ok(SyncKey::default());
    }
    let value = |word: &str| {
        let (kind, value) = word.split_once('_')?;
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|c| c.is_ascii_digit());
        (digits(kind) && digits(value)).then_some(())?;
        Some((kind.parse().ok()?, value.parse().ok()?))
    };
    let list: Option<Vec<(u32, u64)>> = text.split('|').take(SYNC_KEY_VALUES_MAX + 1).map(value).collect();
    let list = list.ok_or_else(|| {
        refused("The key is not kinds and values as in 1_123|2_123: hand back the key of the last answer.")
    })?;
    SyncKey::from_list(list).map_err(refused)
}

impl TryFrom<ListedKey> for SyncKey {
    type Error = Refusal;

    fn try_from(key: ListedKey) -> Result<SyncKey, Refusal> {
        let (count, length) = (key.count.0, key.list.len());
        if count != length as u64 {
            return Err(refused(format!("SyncKey.Count is {count}, but List has {length} values.")));
        }
        let values = key.list.into_iter().map(|value| {
            u32::try_from(value.key.0).map(|kind| (kind, value.val.0)).map_err(|_| {
                refused(format!("SyncKey.List has the kind {}; kinds are numbers of 32 bits.", value.key.0))
            })
        });
        SyncKey::from_list(values.collect::<Result<Vec<_>, _>>()?).map_err(refused)
    }
}

impl From<SyncKey> for ListedKey {
    fn from(key: SyncKey) -> ListedKey {
        let value = |(kind, value)| ListedValue { key: Whole(u64::from(kind)), val: Whole(value) };
        let list: Vec<ListedValue> = key.list().map(value).collect();
        ListedKey { count: Whole(list.len() as u64), list }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_goes_out_and_comes_back_in_both_forms() {
        let key = SyncKey::from_list([(1, 5), (2, u64::MAX), (77, 9_007_199_254_740_993)]).expect("a key");
        assert_eq!(text(&key), "1_5|2_18446744073709551615|3_0|4_0|5_0|77_9007199254740993");
        assert_eq!(parse_key(&text(&key)), Ok(key.clone()));
        let json = serde_json::to_string(&ListedKey::from(key.clone())).expect("JSON");
        assert!(json.starts_with(r#"{"Count":6,"List":[{"Key":1,"Val":"5"},{"Key":2,"Val":"18446744073709551615"}"#));
        let back: ListedKey = serde_json::from_str(&json).expect("reads");
        assert_eq!(SyncKey::try_from(back), Ok(key));
        assert_eq!(parse_key(""), Ok(SyncKey::default()));
    }

    #[test]
    fn what_is_no_key_in_a_url_is_refused() {
        let long = (0..65).map(|kind| format!("{kind}_1")).collect::<Vec<_>>().join("|");
        for text in [
            "1",
            "1_",
            "_1",
            "1_-1",
            "1_+1",
            "1_1|",
            "|1_1",
            "a_1",
            "1_1,2_2",
            "1:1",
            "1_1_1",
            "1_1|1_2",
            &long,
            "1_18446744073709551616",
            "4294967296_1",
            " 1_1",
            "1_1||2_2",
        ] {
            assert_eq!(parse_key(text).expect_err(text).code, Code::BadRequest);
        }
    }

    #[test]
    fn what_is_no_key_in_json_is_refused() {
        for json in [
            r#"{"Count":2,"List":[{"Key":1,"Val":"1"}]}"#,
            r#"{"Count":1000000000000,"List":[]}"#,
            r#"{"Count":0,"List":[{"Key":1,"Val":"1"}]}"#,
            r#"{"Count":2,"List":[{"Key":1,"Val":"1"},{"Key":1,"Val":"1"}]}"#,
            r#"{"Count":1,"List":[{"Key":4294967296,"Val":"1"}]}"#,
        ] {
            let listed: ListedKey = serde_json::from_str(json).expect("the right types");
            assert_eq!(SyncKey::try_from(listed).expect_err(json).code, Code::BadRequest);
        }
        for json in [
            r#"{"Count":1,"List":[{"Key":1,"Val":9007199254740993}]}"#,
            r#"{"Count":1,"List":[{"Key":1,"Val":"x"}]}"#,
            r#"{"Count":1,"List":[{"Key":1,"Val":""}]}"#,
            r#"{"Count":1,"List":[{"Key":1,"Val":"-1"}]}"#,
            r#"{"Count":1,"List":[{"Key":1,"Val":-1}]}"#,
            r#"{"Count":1,"List":[{"Key":1,"Val":1.5}]}"#,
            r#"{"Count":1,"List":[{"Key":1}]}"#,
            r#"{"Count":1,"List":[{"Val":"1"}]}"#,
            r#"{"List":[]}"#,
            r#"{"Count":0}"#,
            r#"{"Count":1,"List":{}}"#,
            r#"{"Count":null,"List":[]}"#,
            "[]",
            "7",
        ] {
            assert!(serde_json::from_str::<ListedKey>(json).is_err(), "{json}");
        }
        let number: ListedKey =
            serde_json::from_str(r#"{"Count":"1","List":[{"Key":"1","Val":9007199254740992}]}"#).expect("reads");
        assert_eq!(SyncKey::try_from(number), SyncKey::from_list([(1, 1 << 53)]).map_err(refused));
    }
}

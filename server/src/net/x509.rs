//! When a certificate ends and how it is signed, read from its bytes.
//!
//! A certificate in DER comes in, seconds since 1970 or the name of a hash leave. Only these fields are looked at; whether
//! a certificate can be used is decided by the TLS library. Invariant: wrong bytes give `None`, never a panic.

/// The `notAfter` of a certificate. RFC 5280 §4.1.
pub fn not_after(der: &[u8]) -> Option<i64> {
    let (_, certificate, _) = element(der)?;
    let (_, body, _) = element(certificate)?;
    let (mut tag, _, mut rest) = element(body)?;
    // The version [0] is optional; then serial number, signature algorithm, issuer, validity.
    let before_validity = if tag == 0xA0 { 3 } else { 2 };
    for _ in 0..before_validity {
        (tag, _, rest) = element(rest)?;
    }
    debug_assert!(tag != 0xA0);
    let (_, validity, _) = element(rest)?;
    let (_, _, after_not_before) = element(validity)?;
    let (tag, time, _) = element(after_not_before)?;
    let text = std::str::from_utf8(time).ok()?;
    match tag {
        // UTCTime: two digits of the year, of 1950 to 2049.
        0x17 => {
            let year: i64 = text.get(..2)?.parse().ok()?;
            unix_seconds(if year < 50 { 2000 + year } else { 1900 + year }, text.get(2..)?)
        }
        // GeneralizedTime: four.
        0x18 => unix_seconds(text.get(..4)?.parse().ok()?, text.get(4..)?),
        _ => None,
    }
}

/// The hash by which a certificate is known to `tls-server-end-point`. RFC 5929 §4.1.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SignatureHash {
    /// Also in place of MD5 and SHA-1.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

/// The hash of a certificate's signature. `None`: it has none of its own, or names it apart from the algorithm (EdDSA,
/// RSASSA-PSS). RFC 3279 §2.2, RFC 4055 §5, RFC 5758 §3.2.
pub fn signature_hash(der: &[u8]) -> Option<SignatureHash> {
    const RSA: &[u8] = &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01];
    const ECDSA: &[u8] = &[0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x04];
    let (_, certificate, _) = element(der)?;
    let (_, _, after_body) = element(certificate)?;
    let (_, algorithm, _) = element(after_body)?;
    let (tag, name, _) = element(algorithm)?;
    if tag != 0x06 {
        return None;
    }
    match (name.strip_prefix(RSA), name.strip_prefix(ECDSA)) {
        (Some([4 | 5 | 11]), _) | (_, Some([1] | [3, 2])) => Some(SignatureHash::Sha256),
        (Some([12]), _) | (_, Some([3, 3])) => Some(SignatureHash::Sha384),
        (Some([13]), _) | (_, Some([3, 4])) => Some(SignatureHash::Sha512),
        _ => None,
    }
}

/// One element of DER: its tag, its content, what follows it.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let bytes = usize::from(first & 0x7F);
        if bytes > 4 {
            return None;
        }
        let (digits, after) = rest.split_at_checked(bytes)?;
        length = digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit));
        rest = after;
    }
    let (content, after) = rest.split_at_checked(length)?;
    Some((tag, content, after))
}

/// `MMDDhhmmssZ` of a year.
fn unix_seconds(year: i64, rest: &str) -> Option<i64> {
    let two = |at: usize| rest.get(at..at + 2)?.parse::<i64>().ok();
    let (month, day, hour, minute, second) = (two(0)?, two(2)?, two(4)?, two(6)?, two(8)?);
    // Days from the civil calendar, with years that begin in March, so that the leap day is the last.
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let days = era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719_468;
    Some(days * 86_400 + hour * 3_600 + minute * 60 + second)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made_until(year: i32, month: u8, day: u8) -> Vec<u8> {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".into()]).expect("a name");
        params.not_after = rcgen::date_time_ymd(year, month, day);
        let key = rcgen::KeyPair::generate().expect("a key");
        params.self_signed(&key).expect("a certificate").der().to_vec()
    }

    #[test]
    fn the_end_of_a_certificate_is_read() {
        assert_eq!(not_after(&made_until(2026, 11, 22)), Some(1_795_305_600));
        assert_eq!(not_after(&made_until(2028, 2, 29)), Some(1_835_395_200));
        assert_eq!(not_after(&made_until(2050, 1, 1)), Some(2_524_608_000));
    }

    #[test]
    fn the_hash_of_a_signature_is_read_where_it_has_one_of_its_own() {
        for (algorithm, hash) in [
            (&rcgen::PKCS_ECDSA_P256_SHA256, Some(SignatureHash::Sha256)),
            (&rcgen::PKCS_ECDSA_P384_SHA384, Some(SignatureHash::Sha384)),
            (&rcgen::PKCS_ED25519, None),
        ] {
            let pair = rcgen::KeyPair::generate_for(algorithm).expect("a key");
            let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).expect("names");
            let made = params.self_signed(&pair).expect("a certificate").der().to_vec();
            assert_eq!(signature_hash(&made), hash, "{algorithm:?}");
            for cut in 0..made.len() {
                assert_eq!(signature_hash(&made[..cut]), None);
            }
        }
    }

    #[test]
    fn bytes_that_are_no_certificate_have_no_end() {
        let good = made_until(2030, 1, 1);
        for cut in 0..good.len().min(200) {
            let _none_or_some = not_after(&good[..cut]);
        }
        assert_eq!(not_after(&[]), None);
        assert_eq!(not_after(&[0x30, 0x84, 0xFF, 0xFF, 0xFF, 0xFF]), None);
    }
}

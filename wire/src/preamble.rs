//! The preamble: the eight bytes with which a native connection opens, and the server's eight in answer.
//!
//! `magic[4] framing channel version_min version_max` from the client; `magic[4] status version version_min version_max`
//! from the server. The magic's first byte is above 0x7F, so that one port can tell native links from TLS, HTTP and XML.

use crate::frame::Framing;

/// First bytes of a connection, of both sides.
pub const MAGIC: [u8; 4] = [0xBE, b'L', b'F', b'Y'];

/// Length of the preamble and of its answer.
pub const PREAMBLE_BYTES: usize = 8;

/// Lowest version of the protocol that is spoken here.
pub const VERSION_MIN: u8 = 1;

/// Highest version of the protocol that is spoken here.
pub const VERSION_MAX: u8 = 1;

/// What protects the frames.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Channel {
    /// Nothing of the protocol's own: inside TLS, or on loopback.
    Bare,
    /// Noise XX: the client does not know the server's key yet.
    NoiseXx,
    /// Noise IK: the client knows the server's key.
    NoiseIk,
}

/// What a client opens with.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Preamble {
    /// How frames are laid out.
    pub framing: Framing,
    /// What protects them.
    pub channel: Channel,
    /// Lowest version that the client speaks.
    pub version_min: u8,
    /// Highest version that the client speaks.
    pub version_max: u8,
}

/// Why bytes are no preamble.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum PreambleError {
    /// The magic number is wrong.
    #[error("the magic number is wrong")]
    BadMagic,
    /// No such framing or channel, or a version range upside down.
    #[error("the preamble names a framing or channel that does not exist")]
    BadFrame,
}

/// The server's verdict.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PreambleStatus {
    /// Go on with the version given.
    Accepted,
    /// No common version: the range in the answer is what there is. Closed.
    UnsupportedVersion,
    /// Wrong magic. Closed.
    BadMagic,
    /// No such framing or channel. Closed.
    BadFrame,
    /// This channel is not allowed on this connection: plain text from elsewhere than loopback. Closed.
    Forbidden,
    /// Too many connections; come back later. Closed.
    TryLater,
}

/// What the server answers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PreambleAnswer {
    /// The verdict.
    pub status: PreambleStatus,
    /// The version to speak; 0 unless accepted.
    pub version: u8,
}

impl Preamble {
    /// The bytes.
    pub fn encode(&self) -> [u8; PREAMBLE_BYTES] {
        let framing = match self.framing {
            Framing::Sync => 1,
            Framing::Alternate => 2,
        };
        let channel = match self.channel {
            Channel::Bare => 0,
            Channel::NoiseXx => 1,
            Channel::NoiseIk => 2,
        };
        let [a, b, c, d] = MAGIC;
        [a, b, c, d, framing, channel, self.version_min, self.version_max]
    }

    /// Reads a client's preamble.
    pub fn decode(bytes: [u8; PREAMBLE_BYTES]) -> Result<Preamble, PreambleError> {
        let [a, b, c, d, framing, channel, version_min, version_max] = bytes;
        if [a, b, c, d] != MAGIC {
            return Err(PreambleError::BadMagic);
        }
        let framing = match framing {
            1 => Framing::Sync,
            2 => Framing::Alternate,
            _ => return Err(PreambleError::BadFrame),
        };
        let channel = match channel {
            0 => Channel::Bare,
            1 => Channel::NoiseXx,
            2 => Channel::NoiseIk,
            _ => return Err(PreambleError::BadFrame),
        };
        if version_min > version_max {
            return Err(PreambleError::BadFrame);
        }
        Ok(Preamble { framing, channel, version_min, version_max })
    }

    /// The highest version that both sides speak.
    pub fn common_version(&self) -> Option<u8> {
        let highest = self.version_max.min(VERSION_MAX);
        (highest >= self.version_min.max(VERSION_MIN)).then_some(highest)
    }
}

const STATUSES: [PreambleStatus; 6] = [
    PreambleStatus::Accepted,
    PreambleStatus::UnsupportedVersion,
    PreambleStatus::BadMagic,
    PreambleStatus::BadFrame,
    PreambleStatus::Forbidden,
    PreambleStatus::TryLater,
];

impl PreambleAnswer {
    /// The bytes.
    pub fn encode(&self) -> [u8; PREAMBLE_BYTES] {
        let status = STATUSES.iter().position(|s| *s == self.status).unwrap_or(0) as u8;
        let [a, b, c, d] = MAGIC;
        [a, b, c, d, status, self.version, VERSION_MIN, VERSION_MAX]
    }

    /// Reads a server's answer.
    pub fn decode(bytes: [u8; PREAMBLE_BYTES]) -> Result<PreambleAnswer, PreambleError> {
        let [a, b, c, d, status, version, ..] = bytes;
        if [a, b, c, d] != MAGIC {
            return Err(PreambleError::BadMagic);
        }
        let status = *STATUSES.get(usize::from(status)).ok_or(PreambleError::BadFrame)?;
        Ok(PreambleAnswer { status, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preamble_is_eight_bytes_that_start_above_ascii() {
        let preamble = Preamble { framing: Framing::Sync, channel: Channel::NoiseXx, version_min: 1, version_max: 1 };
        assert_eq!(preamble.encode(), [0xBE, 0x4C, 0x46, 0x59, 1, 1, 1, 1]);
        assert_eq!(Preamble::decode(preamble.encode()), Ok(preamble));
    }

    #[test]
    fn what_is_no_preamble_is_told_apart() {
        assert_eq!(Preamble::decode(*b"GET / HT"), Err(PreambleError::BadMagic));
        assert_eq!(Preamble::decode([0xBE, 0x4C, 0x46, 0x59, 3, 1, 1, 1]), Err(PreambleError::BadFrame));
        assert_eq!(Preamble::decode([0xBE, 0x4C, 0x46, 0x59, 1, 9, 1, 1]), Err(PreambleError::BadFrame));
        assert_eq!(Preamble::decode([0xBE, 0x4C, 0x46, 0x59, 1, 1, 2, 1]), Err(PreambleError::BadFrame));
    }

    #[test]
    fn the_highest_common_version_is_taken() {
        let speaks = |version_min, version_max| {
            Preamble { framing: Framing::Sync, channel: Channel::Bare, version_min, version_max }.common_version()
        };
        assert_eq!(speaks(0, 0), None);
        assert_eq!(speaks(2, 255), None);
        assert_eq!(speaks(0, 255), Some(VERSION_MAX));
        assert_eq!(speaks(1, 1), Some(1));
    }

    #[test]
    fn every_answer_reads_back() {
        for status in STATUSES {
            let answer = PreambleAnswer { status, version: u8::from(status == PreambleStatus::Accepted) };
            assert_eq!(PreambleAnswer::decode(answer.encode()), Ok(answer));
        }
    }
}

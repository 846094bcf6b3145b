//! The limits of the native door, each with its reason. Those for all doors stand in the domain.

use std::time::Duration;

use belfry_wire::frame::FRAME_BYTES_MAX_BEFORE_LOGIN;

/// Those that an operator may change: what strangers may cost. New links are held to the ones in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DoorLimits {
    /// Preamble and handshake; see [`HANDSHAKE`].
    pub handshake: Duration,
    /// From the connection to its login; see [`LOGIN`].
    pub login: Duration,
    /// From a frame's or record's first byte to its last; see [`PARTIAL_FRAME`].
    pub partial_frame: Duration,
    /// Links of one address that have not logged in yet; see [`WAITING_PER_ADDRESS_MAX`].
    pub waiting_per_address: u32,
    /// Links in all that have not logged in yet; see [`WAITING_MAX`].
    pub waiting: u32,
    /// Longest frame before a login: every message of registration and login fits the default.
    pub frame_bytes_before_login: usize,
}

impl Default for DoorLimits {
    fn default() -> DoorLimits {
        DoorLimits {
            handshake: HANDSHAKE,
            login: LOGIN,
            partial_frame: PARTIAL_FRAME,
            waiting_per_address: WAITING_PER_ADDRESS_MAX,
            waiting: WAITING_MAX,
            frame_bytes_before_login: FRAME_BYTES_MAX_BEFORE_LOGIN,
        }
    }
}

/// From the first byte's chance to the end of the handshake: two round trips over a bad mobile network. Absolute, so
/// that a byte a second buys nothing.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// From the connection to its login. Whoever has to wait for a PIN opens another link when it has come.
pub const LOGIN: Duration = Duration::from_secs(20);

/// From a frame's or record's first byte to its last: a frame of 1 MiB over 300 kbit/s.
pub const PARTIAL_FRAME: Duration = Duration::from_secs(30);

/// A write that makes no progress for so long is to a reader that has gone.
pub const WRITE_STALL: Duration = Duration::from_secs(30);

/// For the last frame and the end of the connection.
pub const GOODBYE: Duration = Duration::from_secs(1);

/// Frames answered by one write. While they are, nothing more is read: TCP holds the client back.
pub const BATCH_FRAMES_MAX: usize = 256;

/// Bytes taken from a connection at a time, over a buffer on the stack: an idle link holds none.
pub const READ_BYTES: usize = 16 * 1024;

/// Answers are written when they have grown to this, at the latest when the batch is done.
pub const OUT_BYTES: usize = 64 * 1024;

/// Unknown operations of one link before it is closed: a newer client tries a few, a scanner tries them all.
pub const UNKNOWN_OPERATIONS_MAX: u32 = 20;

/// Links of one address that have not logged in yet.
pub const WAITING_PER_ADDRESS_MAX: u32 = 64;

/// Links in all that have not logged in yet: at 16 KiB each, 256 MiB.
pub const WAITING_MAX: u32 = 16_384;

/// WebSocket pings, and empty messages, in [`PINGS_EVERY`]. Browsers send none, libraries one in some seconds.
pub const PINGS_MAX: u32 = 10;

/// Over what [`PINGS_MAX`] counts.
pub const PINGS_EVERY: Duration = Duration::from_secs(10);

/// Largest WebSocket message: a frame.
pub const SOCKET_MESSAGE_BYTES_MAX: usize = belfry_wire::frame::FRAME_BYTES_MAX;

/// A client is asked to come back after between one and this many seconds more, so that clients do not come as one.
pub const COMEBACK_MS: std::ops::Range<u64> = 1_000..5_000;

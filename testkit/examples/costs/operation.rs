//! The operations that are measured and counted: the one list of them.
//!
//! A size comes in, something that can be done again and again leaves. Invariant: preparing is not part of what is
//! measured, and what an operation leaves behind does not make the next one another operation.

use anyhow::Result;

use crate::{codec, lobby, store, wake};

/// Of what an operation is a part.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Group {
    Codec,
    Store,
    Lobby,
    Wake,
}

/// Something that was prepared: each call does it once.
pub(crate) type Run = Box<dyn FnMut()>;

/// One operation.
pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) group: Group,
    pub(crate) about: &'static str,
    /// Bytes of the text, or sessions.
    pub(crate) size: usize,
    /// How often it is done when instructions are counted.
    pub(crate) times: u64,
    pub(crate) prepare: fn(usize) -> Result<Run>,
}

macro_rules! operations {
    ($($name:literal, $group:ident, $size:literal, $times:literal, $prepare:path, $about:literal;)*) => {
        /// All of them.
        pub(crate) const OPERATIONS: &[Operation] = &[$(Operation {
            name: $name, group: Group::$group, about: $about, size: $size, times: $times, prepare: $prepare,
        }),*];
    };
}

operations! {
    "notify-encode", Codec, 100, 2000, codec::notify_encode, "a message told: protobuf, in a frame";
    "notify-decode", Codec, 100, 2000, codec::notify_decode, "the same, cut from the stream and read";
    "send-encode", Codec, 100, 2000, codec::send_encode, "a message sent: protobuf, in a frame";
    "send-decode", Codec, 100, 2000, codec::send_decode, "the same, cut from the stream and read";
    "noise-seal", Codec, 200, 2000, codec::noise_seal, "a Noise record of so many bytes, sealed";
    "noise-record", Codec, 200, 2000, codec::noise_record, "the same, sealed and opened";
    "stanza-write", Codec, 100, 2000, codec::stanza_write, "an XMPP message, written";
    "stanza-read", Codec, 100, 2000, codec::stanza_read, "the same, read from a stream";
    "store-append", Store, 100, 500, store::append, "a message appended to the embedded store, synced";
    "store-read", Store, 50, 200, store::read, "a page of so many events after a cursor, of 1,000";
    "lobby-message", Lobby, 100, 20, lobby::message, "a message of the lobby, to so many sessions that watch";
    "send", Wake, 100, 500, wake::send, "a message to somebody who is not there, store in memory";
    "send-and-wake", Wake, 100, 500, wake::send_and_wake, "the same to a session at rest, which is told";
}

/// Does an operation so often.
#[inline(never)]
pub(crate) fn repeat(run: &mut dyn FnMut(), times: u64) {
    for _ in 0..times {
        run();
    }
}

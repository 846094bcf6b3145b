//! The limits of the XMPP door, each with its reason. Those of XML stand where XML is read, those for all doors in the
//! domain.

use std::time::Duration;

/// Those that an operator may change: what strangers may cost. New streams are held to the ones in force.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DoorLimits {
    /// From the connection to the bound resource.
    pub login: Duration,
    /// From a stanza's first byte to its last.
    pub partial_stanza: Duration,
    /// Streams of one address that have not logged in yet.
    pub waiting_per_address: u32,
    /// Streams in all that have not logged in yet.
    pub waiting: u32,
}

impl Default for DoorLimits {
    fn default() -> DoorLimits {
        DoorLimits {
            login: Duration::from_secs(20),
            partial_stanza: Duration::from_secs(30),
            waiting_per_address: 64,
            waiting: 16_384,
        }
    }
}

/// A write that makes no progress for so long is to a reader that has gone.
pub(crate) const WRITE_STALL: Duration = Duration::from_secs(30);

/// For the last words and the end of the connection.
pub(crate) const GOODBYE: Duration = Duration::from_secs(1);

/// Bytes that are read and thrown away behind the last words, so that these arrive: what may be on the way already.
pub(crate) const DRAINED_MAX: usize = 4 * 1024 * 1024;

/// Bytes taken from a connection at a time, over a buffer on the stack: an idle stream holds none.
pub(crate) const READ_BYTES: usize = 16 * 1024;

/// What a WebSocket's message may have beyond a stanza: whoever is a little over the limit is told so, whoever is far over
/// it is cut off before the message is put together.
pub(crate) const MESSAGE_ROOM: usize = 6 * 1024;

/// What a WebSocket holds while it waits; its library's own 128 KiB would be most of an idle stream.
pub(crate) const SOCKET_READ_BYTES: usize = 2 * 1024;

/// Messages of a WebSocket that bring nothing, pings among them, in so much time: clients send one in some seconds.
pub(crate) const IDLE_MESSAGES_MAX: u32 = 120;

/// See [`IDLE_MESSAGES_MAX`].
pub(crate) const IDLE_MESSAGES_EVERY: Duration = Duration::from_secs(60);

/// What the body of a request may have beyond a stanza.
pub(crate) const BODY_ROOM: usize = 4 * 1024;

/// From the head of a request to the end of its body: 256 KiB at 5 KiB a second.
pub(crate) const BODY_TIME: Duration = Duration::from_secs(50);

/// Sessions over requests that are open at the same time. They hold no connection, so nothing else bounds them.
pub(crate) const BOSH_SESSIONS_MAX: usize = 16_384;

/// A request waits so long at most for something to tell: proxies give up after 60 s.
pub(crate) const BOSH_WAIT_MAX: Duration = Duration::from_secs(55);

/// Without a request for so long, a client is gone. It asks anew at once where it is there.
pub(crate) const BOSH_INACTIVITY: Duration = Duration::from_secs(60);

/// The longest that a client may announce to be away.
pub(crate) const BOSH_PAUSE_MAX: Duration = Duration::from_secs(300);

/// Requests of one session under way: one that is held and one that brings something. XEP-0124 §7.2.
pub(crate) const BOSH_REQUESTS: usize = 2;

/// Bytes that wait for a request to take them before no more are taken from the stream.
pub(crate) const BOSH_OUT_BYTES: usize = 128 * 1024;

/// Stanzas answered by one write. While they are, nothing more is read: TCP holds the client back.
pub(crate) const BATCH_STANZAS_MAX: usize = 256;

/// Answers are written when they have grown to this, at the latest when the batch is done.
pub(crate) const OUT_BYTES: usize = 64 * 1024;

/// Failed logins of one stream. RFC 6120 §6.4.5 asks for 2 to 5.
pub(crate) const LOGINS_FAILED_MAX: u32 = 3;

/// Times that one stream may begin anew before a resource is bound: TLS, SASL, and a mistake.
pub(crate) const RESTARTS_MAX: u32 = 6;

/// How much longer a login may take on whose stream an account is made: a person chooses a name and a password.
pub(crate) const FORM_FILLED: Duration = Duration::from_secs(180);

/// Requests of one stream about making an account: an invitation, the form, and some names that are taken.
pub(crate) const REGISTRATION_REQUESTS_MAX: u32 = 12;

/// Longest id of an installation of a client: a UUID has 36.
pub(crate) const AGENT_BYTES_MAX: usize = 128;

/// Longest answer to a SASL challenge, before base64: a password of 1,024 bytes with its names, or a SCRAM message.
pub(crate) const SASL_BYTES_MAX: usize = 4 * 1024;

/// Messages whose ids a session remembers, to know what a reply, correction or receipt is about without looking it up.
pub(crate) const IDS_MAX: usize = 256;

/// Messages of a conversation that are looked through for one that a client names by its own id.
pub(crate) const LOOKED_THROUGH_MAX: usize = 1_000;

/// The client is asked for its count so often while messages come in fast: one answer is for several then, and no sender
/// sees that a tick is so much later. XEP-0198 §4.
pub(crate) const COUNT_SPACING: Duration = Duration::from_millis(25);

/// So many times it is asked at once before that: a client that fetches what there is and leaves is to have shown by then
/// that it has it, or it gets the same again.
pub(crate) const COUNT_AT_ONCE: u32 = 8;

/// What of the log says nothing to the client is acknowledged so long after it was passed, or with what it has counted:
/// nobody waits to hear of it.
pub(crate) const OWED_REST: Duration = Duration::from_secs(5);

/// Stanzas of one stream that wait for the client's acknowledgement before no more are told. XEP-0198.
pub(crate) const UNACKNOWLEDGED_MAX: usize = 1_000;

/// Of these, such as are in no log and are kept to be told again.
pub(crate) const UNLOGGED_MAX: usize = 500;

/// How long a broken stream can be resumed.
pub(crate) const RESUMABLE: Duration = Duration::from_secs(600);

/// Broken streams that can be resumed, in all.
pub(crate) const RESUMABLE_MAX: usize = 20_000;

/// Accounts of whose resources a stream remembers what it was told: as many as there are contacts, 40 bytes each and a
/// list that all who are told the same share. Beyond that it forgets, and tells more than is new.
pub(crate) const SEEN_ACCOUNTS_MAX: usize = belfry_domain::limits::CONTACTS_MAX;

/// Accounts that one request may block.
pub(crate) const BLOCKED_AT_ONCE_MAX: usize = 100;

/// Presences and chat states that wait for a person to look: of more than these, all are told. XEP-0352.
pub(crate) const HELD_MAX: usize = 256;

/// Hashes of clients whose features are remembered: there are some dozens of clients, each in a few versions. XEP-0115.
pub(crate) const CAPS_KNOWN_MAX: usize = 1_024;

/// Conversations whose read marks one answer names, the newest: more than anybody has unread, and 200 KiB. XEP-0490.
pub(crate) const MARKS_MAX: usize = 500;

/// Conversations in which a client's own read mark is remembered, so that it is not told of it.
pub(crate) const OWN_MARKS_MAX: usize = 64;

/// For how long what lets an account use a relay is good: a day's calls; a client asks again when it reconnects.
pub(crate) const CREDENTIALS_GOOD: Duration = Duration::from_secs(24 * 3600);

/// Pages of the list of contacts that one answer is made of: 500 contacts each, if they are not verbose.
pub(crate) const CONTACT_PAGES_MAX: usize = 32;

/// Messages in one page of the archive.
pub(crate) const ARCHIVE_PAGE_MAX: usize = 100;

/// A message that is told later than this after it was sent says when that was. XEP-0203.
pub(crate) const LATE_MS: u64 = 10_000;

//! The configuration: every key that an operator may set, with its meaning and its default in one place.
//!
//! A TOML file and `BELFRY_SECTION__KEY` of the environment come in ([`load`]), a checked [`Config`] leaves, and from it
//! the settings of the other crates ([`convert`]). Invariant: the texts below are what `docs/config.example.toml` says,
//! and a server without any file runs with the defaults below.

pub mod changes;
pub mod cidr;
pub mod convert;
pub mod example;
pub mod load;
pub mod rate;
pub mod units;
pub mod xmpp;

use std::net::SocketAddr;
use std::path::PathBuf;

use belfry_engine::Rates;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use cidr::Cidr;
use rate::Rate;
use units::{ByteSize, SecretText, Span};
use xmpp::{ContactUris, Registration, Service};

/// What the example file says of one key.
pub struct KeyDoc {
    /// The key inside its section.
    pub name: &'static str,
    /// Its meaning, a line each.
    pub doc: &'static [&'static str],
    /// What to show for a key that is not set by default.
    pub example: Option<&'static str>,
}

/// What the example file says of one section.
pub struct SectionDoc {
    /// The name between the brackets.
    pub name: &'static str,
    /// Its meaning, a line each.
    pub doc: &'static [&'static str],
    /// Its keys.
    pub keys: &'static [KeyDoc],
}

/// Makes of each section a struct with its defaults and its documentation, and of all of them the [`Config`].
macro_rules! sections {
    ($(
        $(#[doc = $section_doc:literal])*
        $section:ident: $type:ident {
            $( $(#[doc = $doc:literal])* $key:ident: $key_type:ty = $default:expr $(=> $example:literal)?; )*
        }
    )*) => {
        $(
            $(#[doc = $section_doc])*
            #[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
            #[serde(default, deny_unknown_fields)]
            pub struct $type {
                $( $(#[doc = $doc])* pub $key: $key_type, )*
            }

            impl Default for $type {
                fn default() -> $type {
                    $type { $( $key: $default, )* }
                }
            }
        )*

        /// The whole configuration.
        #[derive(Clone, Debug, Default, Deserialize, PartialEq, Serialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Config {
            $( $(#[doc = $section_doc])* pub $section: $type, )*
        }

        /// The documentation of all sections, in the order of the file.
        pub const SECTIONS: &[SectionDoc] = &[$(
            SectionDoc {
                name: stringify!($section),
                doc: &[$($section_doc),*],
                keys: &[$(
                    KeyDoc { name: stringify!($key), doc: &[$($doc),*], example: sections!(@example $($example)?) }
                ),*],
            }
        ),*];
    };
    (@example) => { None };
    (@example $example:literal) => { Some($example) };
}

sections! {
    /// Who the server is and where it listens.
    server: Server {
        /// The domain of the accounts: alice@DOMAIN. Choose it before the first account; it is part of every address.
        domain: String = "localhost".into();
        /// Addresses to listen on. One port speaks TLS, HTTP and the native protocol: it looks at the first bytes.
        listen: Vec<SocketAddr> = vec![SocketAddr::from(([127, 0, 0, 1], 8080))];
        /// How people reach the server from outside, if it differs from what it listens on.
        public_url: Option<String> = None => "\"https://chat.example.org\"";
        /// Host names under which HTTP is answered, besides the domain, the public URL's, and loopback names.
        hosts: Vec<String> = vec![];
        /// Directory of everything that is kept: the store, the keys, the self-made certificate. Made with mode 0700.
        data: PathBuf = "data".into();
        /// Answer without TLS to clients from elsewhere than this machine. Only behind a proxy that does TLS: passwords
        /// and messages travel readable otherwise.
        allow_plain: bool = false;
        /// Load balancers that put a PROXY protocol header (v1 or v2) before each connection. Connections from these
        /// addresses must begin with one; from all others it is not understood.
        proxies: Vec<Cidr> = vec![];
    }

    /// The certificate. Without one the server makes its own, keeps it in the data directory and prints its fingerprint.
    /// Both files are read again on SIGHUP.
    tls: Tls {
        /// PEM file with the certificate chain.
        cert: Option<PathBuf> = None => "\"/etc/belfry/fullchain.pem\"";
        /// PEM file with the private key; nobody but the server's user may read it.
        key: Option<PathBuf> = None => "\"/etc/belfry/privkey.pem\"";
        /// Speak TLS 1.2 too, with its modern suites only, for clients that know nothing newer.
        allow_tls12: bool = false;
    }

    /// Connections.
    connections: Connections {
        /// Most connections at once. Not set: what the limit of open files allows, less what the store needs.
        max: Option<usize> = None => "18000";
        /// Connections of one address (of one /64 in IPv6) that have not logged in; native links and WebSockets are
        /// counted for themselves, with the same limit.
        before_login_per_address: u32 = 64;
        /// Addresses to which limits by address do not apply: load balancers, monitoring, load tests.
        exempt: Vec<Cidr> = vec![];
        /// A connection that has not said what it speaks, TLS handshake included, ends after this.
        hello: Span = Span::secs(10);
        /// Of all connections, one in so many may be one that has not logged in; the oldest of them makes room for more.
        before_login_one_in: u32 = 4;
        /// Native links and WebSockets in all that have not logged in. Each may hold some 16 KiB.
        before_login_links: u32 = 16_384;
        /// The longest frame before a login. What is longer is refused before anything is reserved for it; every message
        /// of registration and login fits the default.
        before_login_frame: ByteSize = ByteSize::kib(4);
        /// A native link whose preamble and handshake are not done after this ends: two round trips over a bad network.
        handshake: Span = Span::secs(10);
        /// A link on which nobody has logged in after this ends. Who waits for a PIN opens another when it has come.
        login: Span = Span::secs(20);
        /// From a frame's first byte to its last: a frame of 1 MiB over 300 kbit/s.
        partial_frame: Span = Span::secs(30);
        /// A native link that is silent for so long is cut.
        idle: Span = Span::mins(10);
        /// How often a client in the foreground is asked to send a heartbeat.
        heartbeat: Span = Span(210_000);
    }

    /// Accounts and logging in.
    accounts: Accounts {
        /// Devices of one account.
        devices_max: usize = belfry_domain::limits::DEVICES_MAX;
        /// How long an access token for HTTP and WebSocket is good.
        token: Span = Span::mins(15);
        /// Rounds of PBKDF2 for passwords, at least 4096.
        password_rounds: u32 = 10_000;
    }

    /// Registration by a PIN that is sent to a phone.
    pins: Pins {
        /// Digits of a PIN: 5 to 8.
        digits: u32 = 6;
        /// How long a PIN is good.
        valid: Span = Span::mins(10);
        /// Tries for one PIN.
        tries: u32 = 5;
        /// Tries for one number in a day, whichever PIN.
        tries_per_day: u32 = 10;
        /// PINs sent to one number in a day.
        per_day: u32 = 5;
    }

    /// Finding people, strangers, and invitations.
    contacts: Contacts {
        /// Whether people can be found by their phone numbers. Each of them may still say who finds them so, and who asks
        /// about many numbers soon has to wait: limits.look_ups.
        find_by_phone: bool = true;
        /// Messages that somebody may send to a person who has neither answered nor listed them; 0: any number.
        unanswered: u32 = 20;
        /// Who may give links by which people without a phone number make accounts here: "everyone"; "admins", with
        /// `belfry invite`; or "nobody", which also ends the links that were given. Links that bring contacts may be
        /// given by everybody.
        sign_up_invites: SignUpInvites = SignUpInvites::Admins;
    }

    /// XMPP, for the clients that there are: Conversations, Gajim, Dino, Monal, Profanity and others.
    xmpp: Xmpp {
        /// Whether it is spoken. Then the addresses of `server.listen` speak it too.
        enabled: bool = true;
        /// Where its clients look for it: 5222, and 5223 for TLS from the first byte. Both speak all there is. An address
        /// that is taken is left out with a warning.
        listen: Vec<SocketAddr> =
            vec![SocketAddr::from(([127, 0, 0, 1], 5222)), SocketAddr::from(([127, 0, 0, 1], 5223))];
        /// Who may make an account from within such a client, where it is inside TLS or plain text is allowed: "invited",
        /// who has a link that contacts.sign_up_invites lets be given; "anybody", with a name and a password, as often as
        /// limits.sign_ups_by_address says; or "nobody".
        registration: Registration = Registration::Invited;
        /// Where people and other operators can write to, as URIs, by what they are for: abuse, admin, feedback, sales,
        /// security, status, support. As { admin = ["mailto:admin@example.org"], abuse = ["xmpp:abuse@example.org"] }.
        /// Clients show it to their users.
        contact: ContactUris = ContactUris::default();
        /// STUN servers and relays for calls, which clients are told of. Each as { type = "turn", host =
        /// "turn.example.org", port = 3478, transport = "udp", secret = "what coturn has as static-auth-secret" }, or with
        /// username and password instead of secret, or with none of them.
        services: Vec<Service> = vec![];
        /// Pages of other servers that may use XMPP here over WebSocket and BOSH, by their origins, as
        /// "https://chat.example.org"; "*" lets all. The server's own page always may, and programs that are no page.
        origins: Vec<String> = vec![];
    }

    /// How PINs reach phones.
    sms: Sms {
        /// "log" writes them to the server's log and "file" to a file: both are for trying things out, since whoever reads
        /// it can take any number. "webhook" posts them to the gateway at `url`.
        adapter: SmsAdapter = SmsAdapter::Log;
        /// The file of "file".
        file: PathBuf = "sms.txt".into();
        /// The address of "webhook"; it gets {"to": "+49…", "text": "…"}.
        url: Option<String> = None => "\"https://sms.example.org/send\"";
        /// Proves the server to the gateway of "webhook": sent as "Authorization: Bearer TOKEN". Best given in the
        /// environment, as BELFRY_SMS__WEBHOOK_TOKEN; it is never logged or printed.
        webhook_token: Option<SecretText> = None => "\"a long secret\"";
        /// "log" and "file" are refused when the server listens on other than loopback addresses, unless this says that
        /// you know what that means.
        allow_insecure: bool = false;
    }

    /// Messages.
    messages: Messages {
        /// How long messages are kept: "forever", "until delivered", or a time such as "90 d".
        keep: Keep = Keep::Forever;
        /// With "until delivered", here or wished for a conversation: a message that nobody fetches ends after this, and
        /// who wrote it is told.
        undelivered: Span = Span::days(30);
        /// Messages that may wait for one account. Then others are told that its mailbox is full; nothing that was
        /// accepted is thrown away to make room.
        waiting_max: u64 = 100_000;
        /// The same, for the contents of what waits together.
        waiting_bytes_max: ByteSize = ByteSize::mib(256);
        /// How long after it was sent its author can edit a message.
        edit: Span = Span::mins(15);
        /// How long after it was sent its author can recall a message for everybody.
        recall: Span = Span::days(2);
    }

    /// The lobby: a public room for whoever opens the page.
    lobby: Lobby {
        /// Whether guests may come from elsewhere than this machine.
        guests_from_elsewhere: bool = false;
        /// Guests and accounts together.
        participants_max: usize = 10_000;
        /// A guest not heard of for so long has left.
        lease: Span = Span::secs(100);
        /// After a link closes the name is kept so long, so that a reconnect is not seen as leaving.
        linger: Span = Span::secs(5);
        /// Messages that are kept.
        history_messages: u64 = 1_000;
        /// How long messages are kept.
        history: Span = Span::days(30);
        /// Characters of one message.
        text_chars_max: usize = belfry_domain::limits::LOBBY_TEXT_CHARS_MAX;
    }

    /// How often anybody may do what: so many at once, and then so many in each stretch of time ("60 at once, 20/s",
    /// "30 at once, 1/10 s", "50 at once, 1000/d"), or "unlimited". Who is too fast is told how long to wait. A change
    /// holds from the next request on, on connections that are open too. "Address" is where a connection comes from, of
    /// IPv6 the /64; those in connections.exempt are under no limit by address.
    limits: Limits {
        /// Messages, of a device.
        sends: Rate = Rate(Rates::DEFAULT.sends);
        /// Edits, recalls, reactions, pins, stars, deletions, settings, and lists of conversations, of a device.
        changes: Rate = Rate(Rates::DEFAULT.changes);
        /// Pages of older messages, of a device.
        history: Rate = Rate(Rates::DEFAULT.history);
        /// Being seen to write or to have stopped, of a device.
        typing: Rate = Rate(Rates::DEFAULT.typing);
        /// Requests, answers and unstored messages for other XMPP clients, of a client.
        stanzas: Rate = Rate(Rates::DEFAULT.stanzas);
        /// Changes of presence, of a device.
        presence: Rate = Rate(Rates::DEFAULT.presence);
        /// People whose presence a device begins to watch.
        watches: Rate = Rate(Rates::DEFAULT.watches);
        /// Requests of an account in all, its messages among them. Acknowledging, syncing and heartbeats are not counted.
        requests: Rate = Rate(Rates::DEFAULT.requests);
        /// The same for each device; its messages are counted by `sends` alone.
        requests_by_device: Rate = Rate(Rates::DEFAULT.requests_by_device);
        /// Requests of an address that come before a login, and those of guests.
        requests_before_login: Rate = Rate(Rates::DEFAULT.requests_before_login);
        /// Asking whether somebody is here or for their profile, of an account.
        look_ups: Rate = Rate(Rates::DEFAULT.look_ups);
        /// The same of an address, so that many accounts find out no more than one.
        look_ups_by_address: Rate = Rate(Rates::DEFAULT.look_ups_by_address);
        /// Contact requests, of an account.
        contact_requests: Rate = Rate(Rates::DEFAULT.contact_requests);
        /// Other changes of contacts, and blocking, of an account.
        contact_changes: Rate = Rate(Rates::DEFAULT.contact_changes);
        /// Invitations made, of an account.
        invitations: Rate = Rate(Rates::DEFAULT.invitations);
        /// Invitations looked at, of an address.
        invitations_looked_at: Rate = Rate(Rates::DEFAULT.invitations_looked_at);
        /// Tries to make an account without an invitation, of an address, where xmpp.registration is "anybody".
        sign_ups_by_address: Rate = Rate(Rates::DEFAULT.sign_ups_by_address);
        /// Messages in the lobby, of a participant.
        lobby_sends: Rate = Rate(Rates::DEFAULT.lobby_sends);
        /// Names taken in the lobby, of an address.
        lobby_joins: Rate = Rate(Rates::DEFAULT.lobby_joins);
        /// Failed logins of an account; then even the right password has to wait.
        failed_logins: Rate = Rate(Rates::DEFAULT.failed_logins);
        /// Failed logins from an address.
        failed_logins_by_address: Rate = Rate(Rates::DEFAULT.failed_logins_by_address);
        /// Changes of its password, of an account.
        password_changes: Rate = Rate(Rates::DEFAULT.password_changes);
        /// PINs that the server sends, whatever the number: what a flood can cost.
        pins: Rate = Rate(Rates::DEFAULT.pins);
        /// PINs that an address asks for, whatever the number.
        pins_by_address: Rate = Rate(Rates::DEFAULT.pins_by_address);
        /// PINs that an address tries, whatever the number.
        pin_tries_by_address: Rate = Rate(Rates::DEFAULT.pin_tries_by_address);
        /// Codes for linking that an address asks for.
        links_begun: Rate = Rate(Rates::DEFAULT.links_begun);
        /// Codes for linking that an address asks about without having their secret.
        links_guessed: Rate = Rate(Rates::DEFAULT.links_guessed);
        /// Codes for linking that an account reads and answers.
        links_scanned: Rate = Rate(Rates::DEFAULT.links_scanned);
    }

    /// The embedded store.
    store: Store {
        /// Memory for what was read lately.
        cache: ByteSize = ByteSize::mib(64);
        /// Files that the store keeps open; sockets get the rest.
        files_open_max: u32 = 512;
        /// Less free disk than this: nothing more is accepted, reading goes on.
        free_min: ByteSize = ByteSize::mib(256);
    }

    /// Figures for Prometheus, and whether the server lives and is ready: /metrics, /livez, /readyz.
    metrics: Metrics {
        /// Where; an empty text: nowhere.
        listen: MaybeAddr = MaybeAddr(Some(SocketAddr::from(([127, 0, 0, 1], 9464))));
        /// Answer to others than this machine. There is no login on this port.
        allow_remote: bool = false;
    }

    /// The socket through which `belfry account` and the other commands speak to the running server.
    admin: Admin {
        /// Where it is; not set: admin.sock in the data directory. Only the server's user can open it.
        socket: Option<PathBuf> = None => "\"/run/belfry/admin.sock\"";
        /// Steps of messages that are remembered in memory for `belfry trace`, some 80 bytes each, 4 to 6 for a message:
        /// the more, the further back it knows when a message was told and acknowledged. No texts are among them.
        trace_steps: usize = belfry_engine::STEPS_MAX;
    }

    /// The log, on standard error. It never has texts of messages, PINs, passwords or keys.
    log: Log {
        /// "text" for people, "json" for machines.
        format: LogFormat = LogFormat::Text;
        /// "error", "warn", "info", "debug" or "trace"; also by part: "info,belfry_engine=debug".
        level: String = "info".into();
    }

    /// Linking devices by QR code, and what companions may do: the devices of an account besides its phone.
    devices: Devices {
        /// How long a code for linking is good, and then how long its owner has to answer: 10 s to 5 min.
        link_code: Span = Span::secs(60);
        /// Whether the devices of an account without a phone, made by `belfry account add`, may link others.
        link_without_phone: bool = true;
        /// Whether a companion may remove and rename other companions; the phone always may.
        companions_manage: bool = false;
        /// What a new companion is synced of what was there before it: "nothing", "undelivered", "recent" or "all". What
        /// the account has not been delivered always comes. With "nothing" it cannot fetch older messages either.
        past: Past = Past::Recent;
        /// With "recent": not older than this.
        past_age: Span = Span::days(30);
        /// With "recent": at most so many messages.
        past_messages: usize = 1_000;
        /// A companion that was not connected for so long is removed and has to be linked anew; "0 s": never.
        silent: Span = Span::days(30);
        /// "independent": companions work while the phone is off. "strict": only while it is online, and for
        /// `strict_grace` after it has gone.
        mode: DeviceMode = DeviceMode::Independent;
        /// With "strict": how long companions go on after the phone has gone.
        strict_grace: Span = Span::secs(60);
    }

    /// Whether people are there, as others are told. Who is told what is up to the people; this is about how often.
    presence: Presence {
        /// A change is told after so long, if it is still so.
        settle: Span = Span::secs(1);
        /// One account's changes are told at most so often.
        interval: Span = Span::secs(5);
        /// That somebody has gone is told so long after the last connection, so that a reconnect makes no wave. After a
        /// start nothing is told for so long.
        linger: Span = Span::secs(10);
        /// What is told to all connections together, in a second; what is beyond waits, and goes on changing.
        per_second: u32 = 20_000;
        /// Who looks at somebody is told so long what changes, and then looks again.
        watch: Span = Span::mins(5);
    }

    /// Stopping on SIGTERM.
    shutdown: Shutdown {
        /// How long connections get to end by themselves.
        grace: Span = Span::secs(10);
        /// When clients are told to come back.
        retry_after: Span = Span::secs(2);
    }
}

/// How PINs reach phones.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsAdapter {
    /// To a file.
    File,
    /// To the server's log.
    Log,
    /// To an HTTP gateway.
    Webhook,
}

/// Who may invite people to make accounts.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum SignUpInvites {
    /// Who runs the server.
    Admins,
    /// Every account.
    Everyone,
    /// Nobody.
    Nobody,
}

/// What a new companion is synced of the past.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Past {
    /// Everything.
    All,
    /// Nothing more than what was not delivered, and no history.
    Nothing,
    /// The newest messages.
    Recent,
    /// What was not delivered.
    Undelivered,
}

/// Whether companions depend on the phone.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum DeviceMode {
    /// They do not.
    Independent,
    /// They work only while it is online.
    Strict,
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// One JSON object a line.
    Json,
    /// Lines for people.
    Text,
}

/// How long messages are kept.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Keep {
    /// So long.
    For(Span),
    /// For ever.
    Forever,
    /// Until all devices have them.
    UntilDelivered,
}

impl Serialize for Keep {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Keep::For(span) => span.serialize(serializer),
            Keep::Forever => serializer.serialize_str("forever"),
            Keep::UntilDelivered => serializer.serialize_str("until delivered"),
        }
    }
}

impl<'de> Deserialize<'de> for Keep {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Keep, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_str() {
            "forever" => Ok(Keep::Forever),
            "until delivered" => Ok(Keep::UntilDelivered),
            span => span.parse().map(Keep::For).map_err(|_| {
                serde::de::Error::custom(format!(
                    "\"{span}\" does not say how long: write \"forever\", \"until delivered\" or a time such as \"90 d\""
                ))
            }),
        }
    }
}

/// An address to listen on, or none.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MaybeAddr(pub Option<SocketAddr>);

impl Serialize for MaybeAddr {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Some(addr) => serializer.collect_str(&addr),
            None => serializer.serialize_str(""),
        }
    }
}

impl<'de> Deserialize<'de> for MaybeAddr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MaybeAddr, D::Error> {
        let text = String::deserialize(deserializer)?;
        if text.is_empty() {
            return Ok(MaybeAddr(None));
        }
        let wrong = |_| {
            serde::de::Error::custom(format!("\"{text}\" is no address: write \"127.0.0.1:9464\", or \"\" for none"))
        };
        text.parse().map(|addr| MaybeAddr(Some(addr))).map_err(wrong)
    }
}

impl Config {
    /// Where the admin socket is.
    pub fn admin_socket(&self) -> PathBuf {
        self.admin.socket.clone().unwrap_or_else(|| self.server.data.join("admin.sock"))
    }

    /// Whether somebody on another machine can reach the server.
    pub fn reachable_from_elsewhere(&self) -> bool {
        let xmpp = self.xmpp.listen.iter().filter(|_| self.xmpp.enabled);
        self.server.listen.iter().chain(xmpp).any(|addr| !addr.ip().to_canonical().is_loopback())
    }
}

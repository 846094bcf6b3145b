//! The rules of messaging: who may do what, what is stored, who is told.
//!
//! Doors hand in a [`Command`] with its [`Caller`] and get a [`Reply`] or a refusal; a live link is a [`Session`], a
//! cursor over its account's timeline that is told what comes. The world is behind the ports of `belfry_domain`.
//! Nothing here knows a socket, a frame, JSON, XML or SQL. Invariant: a message is acknowledged only after the store
//! has made it durable, and bells are rung only after that.

mod accounts;
mod admin;
mod admin_links;
mod admin_trace;
mod admission;
mod archive;
mod asked;
mod command;
mod contacts;
mod credentials;
mod devices;
mod documents;
mod fast;
mod find;
mod handing;
mod hub;
mod invites;
mod janitor;
mod keeping;
mod lane;
mod later;
mod limits;
mod linking;
mod lobby;
mod marks;
mod metrics;
mod newcomers;
mod passwords;
mod presence;
mod profile;
mod rates;
mod registration;
mod reply;
mod sasl;
mod send;
mod session;
mod settings;
mod sign_up;
mod steps;
mod strict;
mod sync;
mod ticks;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use belfry_domain::ports::{Clock, Entropy, Sms, Store, StoreError};
use belfry_domain::{AccountId, Address, Code, DeviceId, Refusal, TimestampMs};
use parking_lot::RwLock;
use tokio::sync::Semaphore;

use admission::Class;

pub use admin_links::{LinkView, LinksPage};
pub use admin_trace::{Trace, TraceDevice, TraceOf, TraceSide, TraceStep};
pub use archive::{ArchivePage, ArchivePlace, ArchiveQuery};
pub use command::{
    Batch, Caller, Command, ConversationRef, DeviceView, Draft, Identity, InviteMade, InviteSeen, Issued, Live,
    LobbyJoined, LobbyNews, Participant, Peer, ProfileWish, Reply, RetentionView, Sent, SignUp, Subscribed, Typing,
    Wanted,
};
pub use documents::Card;
pub use fast::{FastMechanism, FastProved, FastToken};
pub use handing::{Asked, REQUEST_WAITS, REQUESTS_OPEN_MAX, Stanza, Way};
pub use hub::OpenLink;
pub use invites::{contact_uri, invite_id};
pub use janitor::Taken;
pub use linking::{LinkBegun, LinkId, LinkScanned, LinkState, LinkStatus};
pub use marks::ReadMark;
pub use metrics::{Kind, Metrics, Sample};
pub use presence::{Availability, EXTENSION_BYTES_MAX, Presence, Resource, STATUS_BYTES_MAX, WATCHED_MAX};
pub use rates::{Rate, Rates};
pub use sasl::{Agent, Bound, Challenge, Proved, ScramHash, XMPP_PLATFORM};
pub use session::{Session, Told, Wake};
pub use settings::{
    DeviceSettings, KeepMessages, KeepPast, LobbySettings, PresenceSettings, Registrations, Settings, SignUps,
};
pub use sign_up::Invited;
pub use steps::{Did, STEPS_MAX};

/// The world, as the engine needs it.
#[derive(Clone)]
pub struct Ports {
    /// Accounts, devices, timelines, rooms.
    pub store: Arc<dyn Store>,
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Texts to phones.
    pub sms: Arc<dyn Sms>,
}

/// Keys of the server that never leave it. They survive a restart, so that tokens do.
#[derive(Clone)]
pub struct Secrets {
    /// Signs access tokens and guests' tokens.
    pub token_key: [u8; 32],
    /// Under which PINs are remembered.
    pub pin_pepper: [u8; 32],
}

/// The engine; a handle that is cheap to clone.
#[derive(Clone)]
pub struct Engine {
    inner: Arc<Inner>,
}

struct Inner {
    ports: Ports,
    secrets: Secrets,
    settings: RwLock<Arc<Settings>>,
    hub: hub::Hub,
    lobby: lobby::Lobby,
    linking: linking::Linking,
    primaries: strict::Primaries,
    limits: limits::Limits,
    admission: admission::Admission,
    newcomers: newcomers::Newcomers,
    asked: find::Asked,
    metrics: Metrics,
    steps: steps::Steps,
    /// Password hashing: as many at once as there are cores.
    hashing: Semaphore,
    /// Password hashings that may wait for their turn.
    hashing_queue: Semaphore,
}

/// Password hashings that may wait: each is some milliseconds, so the last waits under a second.
const HASHING_QUEUE_MAX: usize = 64;

impl Engine {
    /// An engine over these ports.
    pub fn new(ports: Ports, settings: Settings, secrets: Secrets) -> Engine {
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let lobby = lobby::Lobby::new(ports.clock.now());
        let steps = steps::Steps::new(settings.trace_steps, ports.clock.now());
        let hub = hub::Hub::default();
        hub.presences.set_rules(settings.presence);
        Engine {
            inner: Arc::new(Inner {
                ports,
                secrets,
                settings: RwLock::new(Arc::new(settings)),
                hub,
                lobby,
                linking: linking::Linking::default(),
                primaries: strict::Primaries::default(),
                limits: limits::Limits::default(),
                admission: admission::Admission::default(),
                newcomers: newcomers::Newcomers::new(cores),
                asked: find::Asked::default(),
                metrics: Metrics::default(),
                steps,
                hashing: Semaphore::new(cores),
                hashing_queue: Semaphore::new(HASHING_QUEUE_MAX),
            }),
        }
    }

    /// Carries out one command. The one table of what goes where. Whoever begins a command that writes has to let it go
    /// to its end: one that is dropped may have stored something that nobody is told of until the next thing comes.
    pub async fn execute(&self, caller: &Caller, command: Command) -> Result<Reply, Refusal> {
        self.admitted(caller, &command).await?;
        let _turn = match Class::of(&command) {
            Some(Class::Message) => Some(self.inner.admission.turn(1).await?),
            Some(Class::Bulk | Class::Presence) | None => None,
        };
        match command {
            Command::RequestPin { phone } => self.request_pin(caller, phone).await,
            Command::VerifyPin { phone, pin, name, device_name, display_name } => {
                self.verify_pin(caller, phone, pin, name, device_name, display_name).await
            }
            Command::AddDevice { address, password, device_name } => {
                self.add_device(caller, address, password, device_name).await
            }
            Command::Token { address, device, secret } => self.buy_token(caller, address, device, secret).await,
            Command::Logout => self.logout(caller).await,
            Command::Send(draft) => {
                let mut outcomes = self.send_all(caller, vec![draft]).await;
                outcomes.pop().unwrap_or_else(|| Err(internal("a send had no outcome"))).map(Reply::Sent)
            }
            Command::Sync { after, kinds, limit, wait_ms, acknowledge } => {
                self.sync(caller, after, kinds, limit, wait_ms, acknowledge).await.map(Reply::Batch)
            }
            Command::Acknowledge { passed, delivered } => self.acknowledge(caller, passed, delivered).await,
            Command::MarkRead { conversation, read } => self.mark_read(caller, conversation, read).await,
            Command::History { of, before, limit } => self.history(caller, of, before, limit).await,
            Command::Amend { id, change } => self.amend(caller, id, change).await,
            Command::Flag { id, starred, hide } => self.flag(caller, id, starred, hide).await,
            Command::SetConversation { of, change } => self.set_conversation(caller, of, *change).await,
            Command::ListConversations { after, limit } => {
                let (views, more) = self.list_conversations(caller, after, limit).await?;
                Ok(Reply::Conversations { views, more })
            }
            Command::Snapshot { limit } => self.snapshot(caller, limit).await,
            Command::Typing { to, active } => self.typing(caller, to, active).await,
            Command::AccountExists { address } => self.account_exists(caller, &address).await,
            Command::GetProfile { address } => self.get_profile(caller, address).await,
            Command::SetProfile(wish) => self.set_profile(caller, wish).await,
            Command::ListDevices => self.list_devices(caller).await,
            Command::RevokeDevice { device } => self.revoke_device(caller, device).await,
            Command::LobbyJoin { name } => self.lobby_join(caller, name).await,
            Command::LobbyLeave => self.lobby_leave(caller),
            Command::LobbySend { client_id, text } => self.lobby_send(caller, client_id, text).await,
            Command::LobbyHistory { before, limit } => self.lobby_history(caller, before, limit).await,
            Command::LobbyPoll { after, participants_version, wait_ms } => {
                self.lobby_poll(caller, after, participants_version, wait_ms).await.map(Reply::LobbyNews)
            }
            Command::ReportActivity { foreground } => {
                self.presence_looks(caller, foreground);
                self.report_activity(caller, foreground)
            }
            Command::SetPresence { availability, status, priority } => {
                self.set_presence(caller, availability, status, priority)
            }
            Command::Watch { addresses } => self.watch(caller, addresses).await,
            Command::LinkBegin { device_name, platform } => self.link_begin(caller, device_name, platform),
            Command::LinkWait { link, secret, known, wait_ms } => {
                self.link_wait(caller, link, secret, known, wait_ms).await
            }
            Command::LinkScan { payload } => self.link_scan(caller, &payload).await,
            Command::LinkConfirm { link, accept } => self.link_confirm(caller, link, accept).await,
            Command::RenameDevice { device, name } => self.rename_device(caller, device, name).await,
            Command::SetRetention { of, wish } => self.set_retention(caller, of, wish).await,
            Command::GetRetention { of } => self.get_retention(caller, of).await,
            Command::SetPrivacy(change) => self.set_privacy(caller, change).await,
            Command::GetPrivacy => self.get_privacy(caller).await,
            Command::ChangeContact { with, deed } => self.change_contact(caller, with, deed).await,
            Command::ListContacts { after, limit } => self.list_contacts(caller, after, limit).await,
            Command::Find(wanted) => self.find(caller, wanted).await,
            Command::GetPicture { address, picture } => self.get_picture(caller, address, picture).await,
            Command::CreateInvite { kind, uses, expires_after_ms } => {
                self.create_invite(caller, kind, uses, expires_after_ms).await
            }
            Command::ListInvites => self.list_invites(caller).await,
            Command::RevokeInvite { invite } => self.revoke_invite(caller, invite).await,
            Command::LookAtInvite { token } => self.look_at_invite(caller, &token).await,
            Command::AcceptInvite { token } => self.accept_invite(caller, &token).await,
            Command::SignUp(wish) => self.sign_up(caller, *wish).await,
        }
    }

    /// Whether somebody may ask for something like this now.
    pub(crate) async fn admitted(&self, caller: &Caller, like: &Command) -> Result<(), Refusal> {
        self.known(caller)?;
        if let Some(class @ (Class::Bulk | Class::Presence)) = Class::of(like) {
            self.inner.admission.admit(class)?;
        }
        self.limit_request(caller, like)?;
        self.primary_there(caller, like).await
    }

    /// What time it is, by the clock that everything here is written down with.
    pub fn now(&self) -> TimestampMs {
        self.inner.ports.clock.now()
    }

    /// The rules in force.
    pub fn settings(&self) -> Arc<Settings> {
        self.inner.settings.read().clone()
    }

    /// Other rules from now on; links stay.
    pub fn reload(&self, settings: Settings) {
        self.inner.steps.set_max(settings.trace_steps);
        self.inner.hub.presences.set_rules(settings.presence);
        *self.inner.settings.write() = Arc::new(settings);
    }

    /// What is counted.
    pub fn metrics(&self) -> &Metrics {
        let (metrics, admission) = (&self.inner.metrics, &self.inner.admission);
        metrics.overload_refused.store(admission.refused(), Ordering::Relaxed);
        metrics.turns.store(admission.size().into(), Ordering::Relaxed);
        metrics.turns_waited_for.store(admission.waiting().into(), Ordering::Relaxed);
        metrics.turn_wait_us.store(u64::try_from(admission.wait().as_micros()).unwrap_or(u64::MAX), Ordering::Relaxed);
        metrics
    }

    /// Keeps what is taken up at once to what the server can do, until `stop` is ready. `store_waits` says how long what is
    /// to be stored has waited of late before it was looked at.
    pub async fn run_admission(&self, stop: impl Future<Output = ()>, store_waits: impl Fn() -> Duration) {
        tokio::select! {
            () = stop => {}
            () = self.inner.admission.keep_watch(store_waits) => {}
        }
    }

    /// The server is stopping: held polls answer at once, live links are told to come back after so long.
    pub fn begin_shutdown(&self, retry_after_ms: u64) {
        let refusal =
            Refusal::retry(Code::GoingAway, "The server is restarting; come back in a moment.", retry_after_ms);
        self.inner.hub.presences.stop();
        self.inner.hub.close_all(&refusal);
        self.inner.lobby.close_all(&refusal);
        self.inner.linking.stop();
    }

    /// Remembers what a device did, for whoever asks where a message is.
    fn did(&self, account: AccountId, device: DeviceId, carrier: &'static str, did: Did) {
        self.inner.steps.push(steps::Step { at: self.now(), account, device, link: 0, carrier, did });
    }

    fn store(&self) -> &dyn Store {
        &*self.inner.ports.store
    }

    /// Whether this identity may (still) ask for anything: a device that was not cut off, a guest from where guests may
    /// come from.
    fn known(&self, caller: &Caller) -> Result<(), Refusal> {
        match caller.identity {
            Identity::Device { account, device, .. } => self.inner.hub.cut_off(account, device).map_or(Ok(()), Err),
            Identity::Guest { .. } => self.guests_allowed(caller),
            Identity::Nobody { .. } => Ok(()),
        }
    }
}

/// The device that asks, or a refusal.
fn device_of(caller: &Caller) -> Result<(AccountId, &Address, DeviceId), Refusal> {
    match &caller.identity {
        Identity::Device { account, address, device } => Ok((*account, address, *device)),
        Identity::Guest { .. } => {
            Err(Refusal::new(Code::Forbidden, "Guests talk in the lobby only: register for an account to do this."))
        }
        Identity::Nobody { .. } => Err(Refusal::new(Code::Unauthenticated, "Log in first.")),
    }
}

/// A store's error as a client is told it; the cause goes to the log.
fn refused(error: StoreError) -> Refusal {
    tracing::error!(%error, "the store did not do what it was asked");
    match error {
        StoreError::Full => {
            Refusal::retry(Code::StorageFull, "The server's disk is full; nothing was stored. Try again later.", 30_000)
        }
        StoreError::Failed(_) | StoreError::Closed => Refusal::retry(
            Code::StorageFailed,
            "The server could not store this. Try again with the same id; it will be one message.",
            5_000,
        ),
        StoreError::Corrupt(_) => {
            Refusal::new(Code::Internal, "The server found a damaged record; it has been logged.")
        }
    }
}

fn internal(what: &'static str) -> Refusal {
    tracing::error!(what, "a fault of the server");
    Refusal::new(Code::Internal, "The server made a mistake; it has been logged.")
}

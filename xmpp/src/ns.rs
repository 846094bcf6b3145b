//! The namespaces that are spoken here.
//!
//! Invariant: a namespace that is known is one text in memory, however often it comes.

macro_rules! namespaces {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        $($(#[$doc])* pub const $name: &str = $text;)*

        /// The known namespace that this is.
        pub fn known(text: &str) -> Option<&'static str> {
            match text {
                $($text => Some($name),)*
                _ => None,
            }
        }
    };
}

namespaces! {
    /// Of the prefix `xml`.
    XML = "http://www.w3.org/XML/1998/namespace";
    /// Of the prefix `xmlns`; nothing else is in it.
    XMLNS = "http://www.w3.org/2000/xmlns/";
    /// Of the stream itself.
    STREAM = "http://etherx.jabber.org/streams";
    /// RFC 7395.
    FRAMING = "urn:ietf:params:xml:ns:xmpp-framing";
    /// XEP-0050.
    COMMANDS = "http://jabber.org/protocol/commands";
    /// The command of XEP-0401.
    INVITE = "urn:xmpp:invite#invite";
    /// What that command says.
    INVITATION = "urn:xmpp:invite#invitation";
    /// XEP-0124.
    HTTP_BIND = "http://jabber.org/protocol/httpbind";
    /// XEP-0206.
    XBOSH = "urn:xmpp:xbosh";
    /// Conditions of stream errors.
    STREAM_ERRORS = "urn:ietf:params:xml:ns:xmpp-streams";
    /// Conditions of stanza errors.
    STANZA_ERRORS = "urn:ietf:params:xml:ns:xmpp-stanzas";
    /// Stanzas of clients.
    CLIENT = "jabber:client";
    /// Stanzas of servers.
    SERVER = "jabber:server";
    /// STARTTLS.
    TLS = "urn:ietf:params:xml:ns:xmpp-tls";
    /// SASL.
    SASL = "urn:ietf:params:xml:ns:xmpp-sasl";
    /// XEP-0388.
    SASL_2 = "urn:xmpp:sasl:2";
    /// XEP-0386.
    BIND_2 = "urn:xmpp:bind:0";
    /// XEP-0484.
    FAST = "urn:xmpp:fast:0";
    /// XEP-0440.
    SASL_BINDING = "urn:xmpp:sasl-cb:0";
    /// Binding a resource.
    BIND = "urn:ietf:params:xml:ns:xmpp-bind";
    /// What RFC 3921 had after binding; does nothing.
    SESSION = "urn:ietf:params:xml:ns:xmpp-session";
    /// RFC 6121 §2.
    ROSTER = "jabber:iq:roster";
    /// XEP-0030.
    DISCO_INFO = "http://jabber.org/protocol/disco#info";
    /// XEP-0030.
    DISCO_ITEMS = "http://jabber.org/protocol/disco#items";
    /// XEP-0199.
    PING = "urn:xmpp:ping";
    /// XEP-0092.
    VERSION = "jabber:iq:version";
    /// XEP-0202.
    TIME = "urn:xmpp:time";
    /// XEP-0203.
    DELAY = "urn:xmpp:delay";
    /// XEP-0359.
    STANZA_ID = "urn:xmpp:sid:0";
    /// XEP-0198.
    MANAGEMENT = "urn:xmpp:sm:3";
    /// XEP-0191.
    BLOCKING = "urn:xmpp:blocking";
    /// Why a stanza to somebody blocked is refused. XEP-0191.
    BLOCKING_ERRORS = "urn:xmpp:blocking:errors";
    /// Subscriptions that are approved ahead. RFC 6121 §3.4.
    PRE_APPROVAL = "urn:xmpp:features:pre-approval";
    /// Versions of the roster. RFC 6121 §2.6.
    ROSTER_VERSIONS = "urn:xmpp:features:rosterver";
    /// XEP-0077.
    REGISTER = "jabber:iq:register";
    /// Accounts may be made on this stream. XEP-0077 §7.
    REGISTER_FEATURE = "http://jabber.org/features/iq-register";
    /// With an invitation. XEP-0445.
    REGISTER_BY_TOKEN = "urn:xmpp:ibr-token:0";
    /// What shows an invitation. XEP-0379, XEP-0445.
    PRE_AUTHENTICATION = "urn:xmpp:pars:0";
    /// XEP-0012.
    LAST = "jabber:iq:last";
    /// XEP-0215.
    SERVICES = "urn:xmpp:extdisco:2";
    /// The type of the form of XEP-0157.
    SERVER_INFO = "http://jabber.org/network/serverinfo";
    /// XEP-0049.
    PRIVATE = "jabber:iq:private";
    /// XEP-0054.
    VCARD = "vcard-temp";
    /// XEP-0352.
    CLIENT_STATE = "urn:xmpp:csi:0";
    /// XEP-0060, of which a personal part is spoken: XEP-0163.
    PUBSUB = "http://jabber.org/protocol/pubsub";
    /// Why something of XEP-0060 is not done.
    PUBSUB_ERRORS = "http://jabber.org/protocol/pubsub#errors";
    /// What has changed at a node. XEP-0060.
    PUBSUB_EVENT = "http://jabber.org/protocol/pubsub#event";
    /// XEP-0490.
    DISPLAYED = "urn:xmpp:mds:displayed:0";
    /// A read mark that travels on a message. XEP-0490 §4.5.
    DISPLAYED_ASSIST = "urn:xmpp:mds:server-assist:0";
    /// XEP-0115.
    CAPS = "http://jabber.org/protocol/caps";
    /// XEP-0280.
    CARBONS = "urn:xmpp:carbons:2";
    /// XEP-0297.
    FORWARD = "urn:xmpp:forward:0";
    /// XEP-0313.
    ARCHIVE = "urn:xmpp:mam:2";
    /// All of the archive that XEP-0313 has beyond its first versions.
    ARCHIVE_EXTENDED = "urn:xmpp:mam:2#extended";
    /// The archive knows that groups may be asked for, and has none. XEP-0313 §6.
    ARCHIVE_GROUP_FIELD = "urn:xmpp:mam:2#groupchat-field";
    /// XEP-0059.
    RESULT_SET = "http://jabber.org/protocol/rsm";
    /// XEP-0004.
    DATA = "jabber:x:data";
    /// XEP-0122.
    DATA_VALIDATE = "http://jabber.org/protocol/xdata-validate";
    /// XEP-0085.
    CHAT_STATES = "http://jabber.org/protocol/chatstates";
    /// XEP-0184.
    RECEIPTS = "urn:xmpp:receipts";
    /// XEP-0333.
    MARKERS = "urn:xmpp:chat-markers:0";
    /// XEP-0308.
    CORRECT = "urn:xmpp:message-correct:0";
    /// XEP-0424.
    RETRACT = "urn:xmpp:message-retract:1";
    /// XEP-0444.
    REACTIONS = "urn:xmpp:reactions:0";
    /// XEP-0461.
    REPLY = "urn:xmpp:reply:0";
    /// XEP-0428.
    FALLBACK = "urn:xmpp:fallback:0";
    /// XEP-0334.
    HINTS = "urn:xmpp:hints";
    /// XEP-0421.
    OCCUPANT = "urn:xmpp:occupant-id:0";
    /// XEP-0380.
    ENCRYPTION = "urn:xmpp:eme:0";
    /// What of a stanza is kept beside its payload, so that other XMPP clients get it as it was.
    STANZA = "urn:belfry:stanza:0";
}

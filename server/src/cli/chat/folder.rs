//! The folders of the list: chats, people, and requests of strangers.
//!
//! Conversations and contacts come in, the rooms of a folder leave in the order in which they are shown. Invariant: a
//! stranger who waits to be heard is in the requests and nowhere among the chats.

use belfry_client::{Contact, Conversation};

use super::act::Room;

/// What the list shows.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) enum Folder {
    /// The lobby and the conversations.
    #[default]
    Chats,
    /// The contacts, then who is blocked.
    People,
    /// Who asks to be a contact, and strangers who have written.
    Requests,
}

impl Folder {
    /// All, in the order of the tabs.
    pub(super) const ALL: [Folder; 3] = [Folder::Chats, Folder::People, Folder::Requests];

    /// The next one.
    pub(super) fn next(self) -> Folder {
        match self {
            Folder::Chats => Folder::People,
            Folder::People => Folder::Requests,
            Folder::Requests => Folder::Chats,
        }
    }

    /// As it is called.
    pub(super) fn name(self) -> &'static str {
        match self {
            Folder::Chats => "Chats",
            Folder::People => "People",
            Folder::Requests => "Requests",
        }
    }

    /// What lies in it.
    pub(super) fn rooms(self, conversations: &[Conversation], contacts: &[Contact]) -> Vec<Room> {
        let peers: Vec<&String> = match self {
            Folder::Chats => {
                let chats = conversations.iter().filter(|conversation| !conversation.request);
                let peers = chats.map(|conversation| Room::Peer(conversation.peer.clone()));
                return [Room::Lobby].into_iter().chain(peers).collect();
            }
            Folder::People => {
                let listed = contacts.iter().filter(|contact| contact.listed && !contact.blocked);
                let blocked = contacts.iter().filter(|contact| contact.blocked);
                listed.chain(blocked).map(|contact| &contact.address).collect()
            }
            Folder::Requests => {
                let asking = contacts.iter().filter(|contact| asks(contact)).map(|contact| &contact.address);
                let writing = conversations.iter().filter(|conversation| {
                    let contact = contacts.iter().find(|contact| contact.address == conversation.peer);
                    conversation.request && !contact.is_some_and(|contact| asks(contact) || contact.blocked)
                });
                asking.chain(writing.map(|conversation| &conversation.peer)).collect()
            }
        };
        peers.into_iter().map(|peer| Room::Peer(peer.clone())).collect()
    }
}

/// Whether somebody asks to be a contact.
pub(super) fn asks(contact: &Contact) -> bool {
    contact.request.is_some() && !contact.blocked
}

#[cfg(test)]
mod tests {
    use belfry_client::v1;

    use super::*;

    fn conversation(peer: &str, request: bool) -> Conversation {
        Conversation {
            conversation_id: 1,
            peer: peer.into(),
            display_name: String::new(),
            unread: 1,
            last_cseq: 1,
            read_cseq: 0,
            last_at_ms: 0,
            settings: v1::ConversationSettings::default(),
            request,
        }
    }

    #[test]
    fn each_folder_holds_what_belongs_there() {
        let contact = |address: &str| Contact { address: address.into(), ..Contact::default() };
        let request = Some(v1::IncomingRequest::default());
        let contacts = [
            Contact { listed: true, ..contact("ben@x") },
            Contact { blocked: true, listed: true, ..contact("carl@x") },
            Contact { listed: true, asks: true, ..contact("dora@x") },
            Contact { request, ..contact("eve@x") },
        ];
        let conversations = [
            conversation("ben@x", false),
            conversation("eve@x", true),
            conversation("fay@x", true),
            conversation("carl@x", true),
        ];
        let rooms = |folder: Folder| {
            let rooms = folder.rooms(&conversations, &contacts);
            let name = |room| if let Room::Peer(peer) = room { peer } else { "lobby".to_owned() };
            rooms.into_iter().map(name).collect::<Vec<_>>()
        };
        assert_eq!(rooms(Folder::Chats), ["lobby", "ben@x"]);
        assert_eq!(rooms(Folder::People), ["ben@x", "dora@x", "carl@x"], "who is blocked comes last");
        assert_eq!(rooms(Folder::Requests), ["eve@x", "fay@x"], "each once");
    }
}

//! The bodies, generated from `proto/belfry/v1/belfry.proto`: protobuf by prost, proto3 JSON by pbjson.
//!
//! Types that carry a secret print as `***`.
#![expect(missing_docs, reason = "the schema file documents each field")]
#![expect(clippy::all, clippy::allow_attributes, reason = "generated")]
#![expect(unused_qualifications, reason = "generated")]

include!("generated/belfry.v1.rs");
include!("generated/belfry.v1.serde.rs");

macro_rules! secretive {
    ($($name:ident),*) => {
        $(impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(***)"))
            }
        })*
    };
}

secretive!(
    AcceptInviteRequest,
    AddDeviceRequest,
    CreateInviteReply,
    Credentials,
    LinkBeginReply,
    LinkWaitRequest,
    LobbyJoinReply,
    LoginRequest,
    LookAtInviteReply,
    LookAtInviteRequest,
    SignUpRequest,
    TokenReply,
    TokenRequest,
    VerifyPinRequest
);

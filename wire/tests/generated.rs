//! The committed Rust of the schema is what the schema makes. `BELFRY_BLESS=1 cargo test -p belfry-wire` rewrites it.

use std::fs;
use std::path::Path;

/// Messages with a secret in them; src/v1.rs prints them as `***`. One call takes them all: a second would replace it.
const SECRETIVE: [&str; 14] = [
    "AcceptInviteRequest",
    "AddDeviceRequest",
    "CreateInviteReply",
    "Credentials",
    "LinkBeginReply",
    "LinkWaitRequest",
    "LobbyJoinReply",
    "LoginRequest",
    "LookAtInviteReply",
    "LookAtInviteRequest",
    "SignUpRequest",
    "TokenReply",
    "TokenRequest",
    "VerifyPinRequest",
];

#[test]
fn the_generated_rust_is_what_the_schema_makes() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let descriptors = protox::compile(["belfry/v1/belfry.proto"], [root.join("proto")]).expect("the schema compiles");
    let out = tempfile::tempdir().expect("a temporary folder");
    let set = prost::Message::encode_to_vec(&descriptors);
    prost_build::Config::new()
        .bytes(["."])
        .skip_protoc_run()
        .skip_debug(SECRETIVE.map(|name| format!(".belfry.v1.{name}")))
        .file_descriptor_set_path(write(out.path().join("set.bin"), &set))
        .out_dir(out.path())
        .compile_protos(&["belfry/v1/belfry.proto"], &["proto"])
        .expect("prost takes the schema");
    pbjson_build::Builder::new()
        .register_descriptors(&set)
        .expect("pbjson takes the schema")
        .ignore_unknown_fields()
        .out_dir(out.path())
        .build(&[".belfry.v1"])
        .expect("pbjson writes");
    let bless = std::env::var_os("BELFRY_BLESS").is_some();
    for name in ["belfry.v1.rs", "belfry.v1.serde.rs"] {
        let made = fs::read_to_string(out.path().join(name)).expect("was made");
        let committed = root.join("src/generated").join(name);
        if bless {
            fs::write(&committed, &made).expect("can be written");
        }
        let kept = fs::read_to_string(&committed).unwrap_or_default();
        assert!(made == kept, "{name} differs from the schema: run BELFRY_BLESS=1 cargo test -p belfry-wire");
    }
}

fn write(path: std::path::PathBuf, bytes: &[u8]) -> std::path::PathBuf {
    fs::write(&path, bytes).expect("can be written");
    path
}

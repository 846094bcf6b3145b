//! The native protocol, without IO: preamble, frames, operations and bodies, as docs/protocol.md describes them.
//!
//! Used by the native door on one side and the client library on the other. Bytes come in, typed values or a typed
//! error come out; nothing here reads a socket, a clock or a file.

pub mod frame;
pub mod noise;
pub mod operation;
pub mod preamble;
pub mod v1;

pub use frame::{Decoder, Frame, FrameError, Framing};
pub use operation::{Access, OPERATIONS, Operation};
pub use preamble::{Channel, Preamble, PreambleAnswer, PreambleError, PreambleStatus};

/// Every message and enum of the schema as a JSON Schema (proto3 JSON mapping), one object by name: what an OpenAPI
/// description puts under `components.schemas`. Made from the same descriptors as the Rust types.
pub const OPENAPI_SCHEMAS: &str = include_str!("generated/openapi_schemas.json");

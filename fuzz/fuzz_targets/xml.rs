//! Fuzzes the target `xml`.
#![no_main]

#[path = "../xml.rs"]
mod target;

libfuzzer_sys::fuzz_target!(|data: &[u8]| target::xml(data));

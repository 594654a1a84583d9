#![no_main]

#[path = "../../../transports/warc/tests/common/mod.rs"]
mod common;

libfuzzer_sys::fuzz_target!(|data: &[u8]| common::body::run(data));

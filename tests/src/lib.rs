//! What the suites in `tests/` stand on: servers, requests, and the transports behind one face.

pub mod site;
pub mod web;

//! One table of answers, tried on every network transport: what one makes of it, the others do too.
//!
//! Numbers such as X10 are faults of the fault model. Every case also counts at the server: one fetch is one request,
//! whatever came of it.

mod case;
mod connections;
mod hostile;
mod ordinary;
mod privacy;
mod tls;

use crate::case::Case;
use crawlspace_tests::transport::TRANSPORTS;

#[test]
fn ordinary_answers() {
    try_all(&ordinary::cases());
}

#[test]
fn hostile_answers() {
    try_all(&hostile::cases());
}

/// Tries all cases on all transports before it complains.
fn try_all(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (transport, open) in TRANSPORTS {
        for case in cases {
            if let Err(what) = case.try_on(transport, *open) {
                wrong.push(format!("{transport}: {}: {what}", case.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

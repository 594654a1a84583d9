//! Requests to test with.

use crawlspace::codec::Decode;
use crawlspace::digest::PlaceSet;
use crawlspace::{
    DigestLimits, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Method, Need, RULES_VERSION, Request,
    Spec, Validators,
};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// The digester wants all of a robots.txt.
pub(crate) fn request(url: &str, kind: Kind) -> Request {
    Request {
        id: FetchId::from_bytes(&[1]).expect("an id"),
        url: Url::parse(url).expect("a URL"),
        kind,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(20),
        body_cap: 1 << 20,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: Fingerprint(0),
    }
}

pub(crate) fn spec() -> Arc<Spec> {
    Arc::new(Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[0; 16]).expect("a key"),
        user_agent: "crawlspace-test/1".to_owned(),
        robots_token: "crawlspace-test".to_owned(),
        places: PlaceSet::default(),
        limits: DigestLimits::default(),
        extras: crawlspace::digest::Extras::default(),
    })
}

//! Requests as an engine would make them.

use crawlspace::codec::Decode;
use crawlspace::digest::PlaceSet;
use crawlspace::{
    DigestLimits, FetchId, HashKey, HeaderSetId, Kind, Method, Need, RULES_VERSION, Request, Spec, Validators,
};
use std::sync::{Arc, LazyLock};
use std::time::Duration;
use url::Url;

/// The product that requests are sent as.
pub const USER_AGENT: &str = "crawlspace-tests/1.0";

/// The spec that [`request`] names.
#[must_use]
pub fn spec() -> Arc<Spec> {
    static SPEC: LazyLock<Arc<Spec>> = LazyLock::new(|| {
        Arc::new(Spec {
            rules_version: RULES_VERSION,
            id_key: HashKey::from_bytes(&[7; 16]).expect("sixteen bytes"),
            user_agent: USER_AGENT.to_owned(),
            robots_token: "crawlspace-tests".to_owned(),
            places: PlaceSet::default(),
            limits: DigestLimits::default(),
            extras: Default::default(),
        })
    });
    Arc::clone(&SPEC)
}

/// A GET for this URL of which the whole body is wanted, whatever its type: that of a robots file is. An hour's
/// budget, and a megabyte of body at most.
///
/// # Panics
///
/// If the text is not a URL.
#[must_use]
pub fn request(url: &str) -> Request {
    Request {
        id: FetchId::from_bytes(&[1]).expect("the first id"),
        url: Url::parse(url).expect("a URL"),
        kind: Kind::Robots,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(3600),
        body_cap: 1 << 20,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: spec().fingerprint(),
    }
}

//! Looking on: what passes by, unchanged.

use crawlspace::digest::{End, Head};
use crawlspace::{Failure, Request};

/// Sees one exchange pass by; never changes it.
///
/// Of a body that nobody wants, a tap sees nothing, unless it [wants all](Tap::wants_all).
pub trait Tap: Send {
    /// Whether to ask with GET, and to read the body to its end (or to [`Request::body_cap`]) though the digest
    /// needs no more of it. Asked once, before the request is sent. The digest is the same either way, but for the
    /// sizes and times in [`Digest::transfer`](crawlspace::digest::Digest::transfer).
    fn wants_all(&self) -> bool;

    /// Whether [`Tap::decoded`] is of use: if not, a body that only this tap wants is not decoded at all. Asked once,
    /// before the request is sent.
    fn wants_decoded(&self) -> bool {
        true
    }

    /// The final head (not a 1xx).
    fn head(&mut self, head: &Head);

    /// The next bytes of the body as they came, after HTTP's own framing was taken off. Of any length.
    fn encoded(&mut self, bytes: &[u8]);

    /// The next bytes of the body with the content coding undone. Of any length.
    fn decoded(&mut self, bytes: &[u8]);

    /// The exchange is over: how the body ended as the tap saw it, or what went wrong, be it on the wire or in the
    /// content coding. This can differ from the digest's own end, which may have come earlier.
    fn end(&mut self, end: Result<End, &Failure>);
}

/// Opens a [`Tap`] for each exchange that is to be looked at.
pub trait Taps: Send + Sync {
    /// A tap on the exchange that `request` begins; `None` to leave it alone.
    fn open(&self, request: &Request) -> Option<Box<dyn Tap>>;
}

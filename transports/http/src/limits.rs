//! Bounds that every transport keeps.

use core::time::Duration;

/// How long each phase of a fetch may take.
///
/// ```
/// use crawlspace_http::Timeouts;
/// use std::time::Duration;
///
/// let cut = Timeouts::default().within(Duration::from_secs(10));
/// assert_eq!(cut.total, Duration::from_secs(9));
/// assert_eq!(cut.connect, Duration::from_secs(5));
/// assert_eq!(cut.head, Duration::from_secs(9));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Timeouts {
    /// For looking up the name.
    pub resolve: Duration,
    /// For connecting, the TLS handshake included; over all addresses that are tried.
    pub connect: Duration,
    /// From the request's last byte to the end of the head.
    pub head: Duration,
    /// Between two pieces of the body.
    pub body_idle: Duration,
    /// For all of it, from the moment the fetch is begun.
    pub total: Duration,
}

impl Default for Timeouts {
    /// 5 s to resolve, 5 s to connect, 30 s for the head, 30 s between pieces of the body, 5 min in all.
    fn default() -> Self {
        Self {
            resolve: Duration::from_secs(5),
            connect: Duration::from_secs(5),
            head: Duration::from_secs(30),
            body_idle: Duration::from_secs(30),
            total: Duration::from_secs(300),
        }
    }
}

impl Timeouts {
    /// The longest time left between [`Timeouts::total`] and the fetch's budget.
    pub const MAX_MARGIN: Duration = Duration::from_secs(1);

    /// These, cut so that every one ends before the fetch's `budget` does: a tenth of it, one second at most, is
    /// left for handing the outcome back, so that the transport and not the engine's deadline says what was slow.
    #[must_use]
    pub fn within(self, budget: Duration) -> Self {
        let total = self.total.min(budget.saturating_sub((budget / 10).min(Self::MAX_MARGIN)));
        Self {
            resolve: self.resolve.min(total),
            connect: self.connect.min(total),
            head: self.head.min(total),
            body_idle: self.body_idle.min(total),
            total,
        }
    }
}

/// How much of a head is read before the peer is given up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLimits {
    /// Bytes of status line and fields together.
    pub bytes: usize,
    /// Field lines.
    pub fields: usize,
    /// Informational (1xx) responses before the final one. Counted in HTTP/1; a transport of HTTP/2 may bound them by
    /// time only, and says so.
    pub informational: usize,
}

impl Default for HeadLimits {
    /// 64 KiB, 128 fields, 20 informational responses.
    fn default() -> Self {
        Self { bytes: 64 * 1024, fields: 128, informational: 20 }
    }
}

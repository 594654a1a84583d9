//! Connections by origin under strict caps: who reuses one, who may open one, who waits.
//!
//! The pool opens nothing and watches nothing. A [`Lease`] is the right to one open connection and lives with
//! its socket: what is counted is what is open, and a slot comes free when the socket is closed, however that
//! came about.

mod state;
#[cfg(test)]
mod tests;

use crate::origin::{Origin, OriginRef};
use state::{State, Waste};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;
use tokio::sync::oneshot;
use tokio::time::Instant;

/// How much may be open, and for how long unused.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Caps {
    pub(crate) connections: usize,
    pub(crate) per_origin: usize,
    pub(crate) streams: usize,
    pub(crate) idle: Duration,
}

/// A connection that many requests share (HTTP/2).
pub(crate) trait Shared: Clone + Send + 'static {
    /// Whether new requests can still be made on it.
    fn is_open(&self) -> bool;
}

/// What a request is given to be carried out on.
pub(crate) enum Grant<C, S> {
    /// A connection of its own that was used before.
    Reuse(C),
    /// A place on a shared connection.
    Place(Place<S>),
    /// Leave to open a connection.
    Open(Lease),
}

/// The answer to asking for a connection.
pub(crate) enum Acquired<C, S> {
    Now(Grant<C, S>),
    Later(oneshot::Receiver<Grant<C, S>>),
}

/// The right to one open connection. Dropping it gives the slot to whoever has waited longest.
pub(crate) struct Lease {
    id: u64,
    origin: Arc<Origin>,
    pool: Weak<dyn Owner>,
}

/// Names a lease after it has gone to live with its socket.
#[derive(Clone, Copy)]
pub(crate) struct LeaseId(u64);

/// A place on a shared connection, held for one request.
pub(crate) struct Place<S> {
    pub(crate) handle: S,
    /// Which of the origin's shared connections this was.
    shared: u64,
    origin: Arc<Origin>,
    pool: Weak<dyn Owner>,
}

pub(crate) struct Pool<C, S> {
    state: Mutex<State<C, S>>,
}

impl<C: Send + 'static, S: Shared> Pool<C, S> {
    pub(crate) fn new(caps: Caps) -> Arc<Self> {
        Arc::new_cyclic(|this: &Weak<Self>| Self { state: Mutex::new(State::new(caps, this.clone())) })
    }

    /// Asks for a connection. `negotiates`: what the origin speaks is only known once connected, and until then
    /// no second connection is opened, as one may do for all.
    pub(crate) fn acquire(
        &self,
        origin: OriginRef<'_>,
        negotiates: bool,
        now: Instant,
    ) -> (Arc<Origin>, Acquired<C, S>) {
        self.with(|state, waste| {
            state.reap(now, waste);
            let origin = state.known(origin, negotiates);
            let acquired = match state.serve(&origin, waste) {
                Some(grant) => Acquired::Now(grant),
                None => Acquired::Later(state.enqueue(&origin, waste)),
            };
            (origin, acquired)
        })
    }

    /// Takes back a connection that can be used again.
    pub(crate) fn give_back(&self, origin: &Arc<Origin>, connection: C, now: Instant) {
        self.with(|state, waste| {
            state.rest(origin, connection, now, waste);
            state.reap(now, waste);
            state.dispatch(waste);
        });
    }

    /// The connection just opened under `lease` is for one request at a time: others may open their own.
    pub(crate) fn settle(&self, origin: &Arc<Origin>, lease: LeaseId) {
        self.with(|state, waste| {
            state.settle(origin, lease.0);
            state.dispatch(waste);
        });
    }

    /// The connection just opened under `lease` can be shared. Gives the first place on it.
    pub(crate) fn share(&self, origin: &Arc<Origin>, lease: LeaseId, handle: S) -> Place<S> {
        self.with(|state, waste| {
            let place = state.share(origin, lease.0, handle, waste);
            state.dispatch(waste);
            place
        })
    }

    /// How many connections are open to each host.
    #[cfg(test)]
    fn books(&self) -> Vec<(String, usize)> {
        self.with(|state, _| state.books())
    }

    /// Runs `change` under the lock. What it throws away is dropped after: closing a connection ends its lease,
    /// which comes back here.
    fn with<R>(&self, change: impl FnOnce(&mut State<C, S>, &mut Waste<C, S>) -> R) -> R {
        let mut waste = Waste::default();
        // A panic leaves nothing half done that matters more than going on.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let result = change(&mut state, &mut waste);
        drop(state);
        drop(waste);
        result
    }
}

/// What leases and places tell the pool when they end, whatever its types of connection.
trait Owner: Send + Sync {
    fn closed(&self, origin: &Arc<Origin>, lease: u64);
    fn left(&self, origin: &Arc<Origin>, shared: u64);
    fn retired(&self, origin: &Arc<Origin>, shared: u64);
}

impl<C: Send + 'static, S: Shared> Owner for Pool<C, S> {
    fn closed(&self, origin: &Arc<Origin>, lease: u64) {
        self.with(|state, waste| {
            state.closed(origin, lease, waste);
            state.dispatch(waste);
            state.tidy(origin, waste);
        });
    }

    fn left(&self, origin: &Arc<Origin>, shared: u64) {
        self.with(|state, waste| {
            state.leave(origin, shared, Instant::now());
            state.dispatch(waste);
        });
    }

    fn retired(&self, origin: &Arc<Origin>, shared: u64) {
        self.with(|state, waste| {
            state.retire(origin, shared, waste);
            state.dispatch(waste);
        });
    }
}

impl Lease {
    pub(crate) fn id(&self) -> LeaseId {
        LeaseId(self.id)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.closed(&self.origin, self.id);
        }
    }
}

impl<S> Place<S> {
    /// Takes the shared connection out of use for new requests; those under way go on.
    pub(crate) fn retire(&self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.retired(&self.origin, self.shared);
        }
    }
}

impl<S> Drop for Place<S> {
    fn drop(&mut self) {
        if let Some(pool) = self.pool.upgrade() {
            pool.left(&self.origin, self.shared);
        }
    }
}

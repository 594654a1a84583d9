//! The pool's books. Everything here runs under its lock, and drops no connection: that is what [`Waste`] is for.

use super::{Caps, Grant, Lease, Owner, Place, Pool, Shared};
use crate::origin::{Origin, OriginRef};
use hashbrown::HashMap;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Weak};
use tokio::sync::oneshot;
use tokio::time::Instant;

pub(super) struct State<C, S> {
    caps: Caps,
    pool: Weak<dyn Owner>,
    hosts: HashMap<Arc<Origin>, Host<C, S>, RandomState>,
    /// Connections open, being opened or being closed.
    open: usize,
    /// Of these, how many were thrown out to make room and have not closed yet.
    closing: usize,
    /// Numbers leases, waiters, shared connections and times of rest, in one order.
    next: u64,
    /// What is idle, longest first.
    resting: BTreeMap<u64, (Arc<Origin>, Instant)>,
    /// The origins that requests wait for, each under the number of its first.
    hungry: BTreeMap<u64, Arc<Origin>>,
}

struct Host<C, S> {
    open: usize,
    /// Whether one connection may do for all: true until the first one says otherwise.
    shares: bool,
    /// The lease of the connection that is to show it.
    scout: Option<u64>,
    shared: Option<Sharing<S>>,
    /// With the number of their rest, longest first.
    idle: VecDeque<(u64, C)>,
    waiting: VecDeque<Waiter<C, S>>,
}

struct Sharing<S> {
    id: u64,
    lease: u64,
    handle: S,
    places: usize,
    rest: Option<u64>,
}

struct Waiter<C, S> {
    number: u64,
    grant: oneshot::Sender<Grant<C, S>>,
}

/// What is to be dropped once the lock is released.
pub(super) struct Waste<C, S> {
    grants: Vec<Grant<C, S>>,
    handles: Vec<S>,
}

impl<C, S> Default for Waste<C, S> {
    fn default() -> Self {
        Self { grants: Vec::new(), handles: Vec::new() }
    }
}

impl<C: Send + 'static, S: Shared> State<C, S> {
    pub(super) fn new(caps: Caps, pool: Weak<Pool<C, S>>) -> Self {
        Self {
            caps,
            pool,
            hosts: HashMap::default(),
            open: 0,
            closing: 0,
            next: 0,
            resting: BTreeMap::new(),
            hungry: BTreeMap::new(),
        }
    }

    /// The kept name of an origin.
    pub(super) fn known(&mut self, origin: OriginRef<'_>, negotiates: bool) -> Arc<Origin> {
        if let Some((known, _)) = self.hosts.get_key_value(&origin) {
            return Arc::clone(known);
        }
        let known = Arc::new(Origin::new(origin));
        let host = Host {
            open: 0,
            shares: negotiates,
            scout: None,
            shared: None,
            idle: VecDeque::new(),
            waiting: VecDeque::new(),
        };
        self.hosts.insert(Arc::clone(&known), host);
        known
    }

    /// Puts a request behind those that wait for the same origin.
    pub(super) fn enqueue(
        &mut self,
        origin: &Arc<Origin>,
        waste: &mut Waste<C, S>,
    ) -> oneshot::Receiver<Grant<C, S>> {
        let (grant, wait) = oneshot::channel();
        let number = self.number();
        self.drop_gone_waiters(origin);
        if let Some(host) = self.hosts.get_mut(origin) {
            if host.waiting.is_empty() {
                self.hungry.insert(number, Arc::clone(origin));
            }
            host.waiting.push_back(Waiter { number, grant });
        }
        self.dispatch(waste);
        wait
    }

    /// Gives what is free to those who have waited longest. Where only room is missing, what has been idle for
    /// longest is closed; its lease comes back here.
    pub(super) fn dispatch(&mut self, waste: &mut Waste<C, S>) {
        let mut from = 0;
        let mut lacking = 0;
        while let Some((&number, origin)) = self.hungry.range(from..).next() {
            let origin = Arc::clone(origin);
            from = number + 1;
            self.drop_gone_waiters(&origin);
            if !self.hungry.contains_key(&number) {
                self.tidy(&origin, waste);
            } else if let Some(grant) = self.serve(&origin, waste) {
                self.hand_over(&origin, grant, waste);
            } else {
                lacking += self.lacks_room(&origin);
            }
        }
        while self.closing < lacking && self.evict(waste) {}
    }

    /// Keeps a connection for the next request.
    pub(super) fn rest(
        &mut self,
        origin: &Arc<Origin>,
        connection: C,
        now: Instant,
        waste: &mut Waste<C, S>,
    ) {
        let number = self.number();
        match self.hosts.get_mut(origin) {
            Some(host) => {
                host.idle.push_back((number, connection));
                self.resting.insert(number, (Arc::clone(origin), now));
            }
            None => waste.grants.push(Grant::Reuse(connection)),
        }
    }

    /// Closes what has been idle for too long.
    pub(super) fn reap(&mut self, now: Instant, waste: &mut Waste<C, S>) {
        while let Some(first) = self.resting.first_entry()
            && now.saturating_duration_since(first.get().1) >= self.caps.idle
        {
            self.evict(waste);
        }
    }

    pub(super) fn settle(&mut self, origin: &Arc<Origin>, lease: u64) {
        if let Some(host) = self.hosts.get_mut(origin) {
            host.shares = false;
            host.scout.take_if(|scout| *scout == lease);
        }
    }

    pub(super) fn share(
        &mut self,
        origin: &Arc<Origin>,
        lease: u64,
        handle: S,
        waste: &mut Waste<C, S>,
    ) -> Place<S> {
        let id = self.number();
        if let Some(host) = self.hosts.get_mut(origin) {
            host.shares = true;
            host.scout = None;
            // Two at once come only of an origin that changed its mind; the second then serves one request.
            if host.shared.as_ref().is_none_or(|old| !old.handle.is_open()) {
                let sharing = Sharing { id, lease, handle: handle.clone(), places: 1, rest: None };
                let old = host.shared.replace(sharing);
                self.forget(old, waste);
            }
        }
        self.place(origin, handle, id)
    }

    /// A place on a shared connection was given up.
    pub(super) fn leave(&mut self, origin: &Arc<Origin>, shared: u64, now: Instant) {
        let number = self.number();
        let Some(sharing) = self.hosts.get_mut(origin).and_then(|host| host.shared.as_mut()) else { return };
        if sharing.id == shared {
            sharing.places -= 1;
            if sharing.places == 0 {
                sharing.rest = Some(number);
                self.resting.insert(number, (Arc::clone(origin), now));
            }
        }
    }

    pub(super) fn retire(&mut self, origin: &Arc<Origin>, shared: u64, waste: &mut Waste<C, S>) {
        let old =
            self.hosts.get_mut(origin).and_then(|host| host.shared.take_if(|sharing| sharing.id == shared));
        self.forget(old, waste);
    }

    /// A connection was closed, or could not be opened.
    pub(super) fn closed(&mut self, origin: &Arc<Origin>, lease: u64, waste: &mut Waste<C, S>) {
        self.open -= 1;
        self.closing = self.closing.saturating_sub(1);
        if let Some(host) = self.hosts.get_mut(origin) {
            host.open -= 1;
            host.scout.take_if(|scout| *scout == lease);
            let shared = host.shared.take_if(|sharing| sharing.lease == lease);
            self.forget(shared, waste);
        }
    }

    /// Forgets an origin that nothing is open to and nobody waits for.
    pub(super) fn tidy(&mut self, origin: &Arc<Origin>, waste: &mut Waste<C, S>) {
        if self.hosts.get(origin).is_some_and(|host| host.open == 0 && host.waiting.is_empty())
            && let Some(host) = self.hosts.remove(origin)
        {
            self.forget(host.shared, waste);
        }
    }

    #[cfg(test)]
    pub(super) fn books(&self) -> Vec<(String, usize)> {
        let books: Vec<_> = self
            .hosts
            .iter()
            .map(|(origin, host)| (origin.as_ref().as_ref().host.to_owned(), host.open))
            .collect();
        assert_eq!(books.iter().map(|(_, open)| open).sum::<usize>(), self.open);
        books
    }

    /// Gives what is free now. While anyone waits for the origin nothing is, so that nobody is overtaken.
    pub(super) fn serve(&mut self, origin: &Arc<Origin>, waste: &mut Waste<C, S>) -> Option<Grant<C, S>> {
        let host = self.hosts.get_mut(origin)?;
        if let Some(closed) = host.shared.take_if(|sharing| !sharing.handle.is_open()) {
            self.forget(Some(closed), waste);
        }
        let host = self.hosts.get_mut(origin)?;
        if let Some(sharing) = &mut host.shared {
            if sharing.places >= self.caps.streams {
                return None;
            }
            sharing.places += 1;
            if let Some(rest) = sharing.rest.take() {
                self.resting.remove(&rest);
            }
            let (handle, id) = (sharing.handle.clone(), sharing.id);
            return Some(Grant::Place(self.place(origin, handle, id)));
        }
        if let Some((rest, connection)) = host.idle.pop_back() {
            self.resting.remove(&rest);
            return Some(Grant::Reuse(connection));
        }
        if self.open >= self.caps.connections || host.room(&self.caps) == 0 {
            return None;
        }
        let id = self.number();
        let host = self.hosts.get_mut(origin)?;
        host.open += 1;
        if host.shares {
            host.scout = Some(id);
        }
        self.open += 1;
        Some(Grant::Open(Lease { id, origin: Arc::clone(origin), pool: self.pool.clone() }))
    }

    /// Gives to the first waiter that is still there.
    fn hand_over(&mut self, origin: &Arc<Origin>, grant: Grant<C, S>, waste: &mut Waste<C, S>) {
        let unwanted = match self.pop_waiter(origin) {
            Some(waiter) => waiter.grant.send(grant).err(),
            None => Some(grant),
        };
        waste.grants.extend(unwanted);
    }

    /// How many of those who wait for an origin could open a connection, were there room for it.
    fn lacks_room(&self, origin: &Arc<Origin>) -> usize {
        let full = self.open >= self.caps.connections;
        self.hosts
            .get(origin)
            .filter(|host| full && host.shared.is_none())
            .map_or(0, |host| host.room(&self.caps).min(host.waiting.len()))
    }

    /// Closes what has been idle for longest; false if nothing is.
    fn evict(&mut self, waste: &mut Waste<C, S>) -> bool {
        let Some((rest, (origin, _))) = self.resting.pop_first() else { return false };
        let Some(host) = self.hosts.get_mut(&origin) else { return true };
        if let Some((_, connection)) = host.idle.pop_front_if(|(number, _)| *number == rest) {
            self.closing += 1;
            waste.grants.push(Grant::Reuse(connection));
        } else if let Some(sharing) = host.shared.take_if(|sharing| sharing.rest == Some(rest)) {
            self.closing += usize::from(sharing.handle.is_open());
            waste.handles.push(sharing.handle);
        }
        true
    }

    fn forget(&mut self, sharing: Option<Sharing<S>>, waste: &mut Waste<C, S>) {
        if let Some(sharing) = sharing {
            if let Some(rest) = sharing.rest {
                self.resting.remove(&rest);
            }
            waste.handles.push(sharing.handle);
        }
    }

    fn place(&self, origin: &Arc<Origin>, handle: S, shared: u64) -> Place<S> {
        Place { handle, shared, origin: Arc::clone(origin), pool: self.pool.clone() }
    }

    fn drop_gone_waiters(&mut self, origin: &Arc<Origin>) {
        while self
            .hosts
            .get(origin)
            .and_then(|host| host.waiting.front())
            .is_some_and(|waiter| waiter.grant.is_closed())
        {
            self.pop_waiter(origin);
        }
    }

    fn pop_waiter(&mut self, origin: &Arc<Origin>) -> Option<Waiter<C, S>> {
        let host = self.hosts.get_mut(origin)?;
        let waiter = host.waiting.pop_front()?;
        self.hungry.remove(&waiter.number);
        if let Some(next) = host.waiting.front() {
            self.hungry.insert(next.number, Arc::clone(origin));
        }
        Some(waiter)
    }

    fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }
}

impl<C, S> Host<C, S> {
    /// How many more connections may be opened to this origin.
    fn room(&self, caps: &Caps) -> usize {
        if self.shares {
            usize::from(self.scout.is_none())
        } else {
            caps.per_origin.saturating_sub(self.open)
        }
    }
}
